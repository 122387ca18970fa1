"""Markdown of a teacher to HTML that is safe in a learner's page. Pure.

Two locks: the parser makes no HTML of HTML, and what it makes is cleaned by an allow-list.
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
_parser.disable(["image"])  # a picture is a part of the step, with alternative text


@lru_cache(maxsize=512)
def render_html(markdown: str) -> str:
    """HTML of headings from the third level down: the page has the first, the step the second."""
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


_ACTIVE = re.compile(
    r"<\s*(script|iframe|object|embed|svg|style|link|meta|form|base)\b"
    r"|<[^>]+\son[a-z]+\s*=|\]\(\s*(javascript|vbscript|data)\s*:",
    re.IGNORECASE,
)


def has_active_content(markdown: str) -> bool:
    """Was something meant to run here? It is shown as text, and its author is to know that."""
    return _ACTIVE.search(markdown) is not None
