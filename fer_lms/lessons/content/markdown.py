"""Rendering of teachers' Markdown to HTML that is safe in a learner's page.

Two independent defences: the parser escapes HTML, and its output passes an allow-list.
"""

import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt

TAGS = {"p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "a", "ul", "ol", "li"}
TAGS |= {"h3", "h4", "h5", "table", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
SCHEMES = {"https", "http", "mailto"}

_parser = MarkdownIt("commonmark", {"html": False, "breaks": True})
_parser.enable(["table", "strikethrough"])
_parser.disable(["image"])  # pictures belong to the step, with alternative text


@lru_cache(maxsize=512)
def render_html(markdown: str) -> str:
    """Render Markdown with headings from h3 down; h1 is the page's and h2 the step's."""
    tokens = _parser.parse(markdown)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 2, 5)}"
    html = _parser.renderer.render(tokens, _parser.options, {})
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


_ACTIVE_CONTENT = re.compile(
    r"<\s*(script|iframe|object|embed|svg|style|link|meta|form|base)\b"
    r"|<[^>]+\son[a-z]+\s*=|\]\(\s*(javascript|vbscript|data)\s*:",
    re.IGNORECASE,
)


def has_active_content(markdown: str) -> bool:
    """Return whether the source contains HTML or script addresses, which are shown as text."""
    return _ACTIVE_CONTENT.search(markdown) is not None
