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
_parser_without_tables = MarkdownIt("commonmark", {"html": False, "breaks": True})
_parser_without_tables.enable(["strikethrough"])
_parser_without_tables.disable(["image"])
MAX_TABLE_CELLS = 2_000
_DELIMITER_ROW = re.compile(r"(?=[ \t>|:]*-)[ \t>|:-]++")


def render_html(markdown: str) -> str:
    """Render Markdown with headings from h3 down; h1 is the page's and h2 the step's."""
    parser = _parser_without_tables if _may_exceed_table_cells(markdown) else _parser
    tokens = parser.parse(markdown)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 2, 5)}"
    html = parser.renderer.render(tokens, parser.options, {})
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


render_cached = lru_cache(maxsize=128)(render_html)
"""For stored texts. A preview is not cached: anybody could fill the cache with long texts."""


def _may_exceed_table_cells(markdown: str) -> bool:
    """Return whether tables may have too many cells: the parser fills up rows that are short.

    A few characters a row would otherwise become thousands of cells. The text is then shown
    without tables.
    """
    cells = columns = 0
    for line in markdown.split("\n"):
        if _DELIMITER_ROW.fullmatch(line):
            columns = max(columns, line.count("|") + 1)
        elif not line.strip():  # ends a table
            columns = 0
        cells += columns
    return cells > MAX_TABLE_CELLS


# Every alternative reads each character a bounded number of times: none passes a second "<".
_ACTIVE_CONTENT = re.compile(
    r"<\s*+(script|iframe|object|embed|svg|style|link|meta|form|base)\b"
    r"|<[^<>]+\son[a-z]++\s*+=|\]\(\s*+(javascript|vbscript|data)\s*:",
    re.IGNORECASE,
)


def has_active_content(markdown: str) -> bool:
    """Return whether the source contains HTML or script addresses, which are shown as text."""
    return _ACTIVE_CONTENT.search(markdown) is not None
