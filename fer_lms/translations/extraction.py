"""Extraction of translatable texts from Python, Django templates and TypeScript."""

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from babel.messages.extract import extract
from django.utils.translation.template import templatize

from fer_lms.translations.languages import ROOT

KEYWORDS: Final[Mapping[str, Any]] = {
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
    "_": None,
}
COMMENT_TAGS: Final = ("Translators:",)


@dataclass(frozen=True, slots=True)
class Extracted:
    """One occurrence of a text.

    Attributes:
        path: File, relative to the repository.
        line: Line of the call.
        text: Text, or the pair of singular and plural.
        context: Context of `pgettext`, or None.
        comments: Comments for translators.
    """

    path: str
    line: int
    text: str | tuple[str, str]
    context: str | None
    comments: tuple[str, ...]


def list_sources(domain: str) -> list[Path]:
    """Return the files of a domain: "django" (Python, templates) or "djangojs" (TypeScript)."""
    if domain == "djangojs":
        found = (ROOT / "frontend" / "src").rglob("*.ts")
        return sorted(path for path in found if not path.name.endswith((".test.ts", ".d.ts")))
    python = (path for path in (ROOT / "fer_lms").rglob("*.py") if "migrations" not in path.parts)
    return sorted([*python, *(ROOT / "fer_lms" / "templates").rglob("*.html")])


def extract_texts(domain: str) -> Iterator[Extracted]:
    """Yield every occurrence of every text of a domain, in the order of the files."""
    for path in list_sources(domain):
        yield from extract_from_file(path)


def extract_from_file(path: Path) -> Iterator[Extracted]:
    relative = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
    source = path.read_text(encoding="utf-8")
    method = "javascript" if path.suffix == ".ts" else "python"
    if path.suffix == ".html":
        source = _to_python(source, relative)
    for line, text, comments, context in _extract(method, source):
        if text:
            pair = (text[0], text[1]) if isinstance(text, tuple) else text
            yield Extracted(relative, line, pair, context, tuple(comments))


def _to_python(template: str, name: str) -> str:
    """Return calls of gettext for a template's tags, one logical line each."""
    code = templatize(template, origin=name)
    return "\n".join(line.lstrip() for line in code.split("\n"))


def _extract(method: str, source: str) -> Iterable[tuple[int, Any, list[str], str | None]]:
    file = io.BytesIO(source.encode())
    options = {"encoding": "utf-8", "parse_template_string": "true"}
    return extract(method, file, KEYWORDS, COMMENT_TAGS, options, strip_comment_tags=True)
