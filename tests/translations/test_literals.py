"""No visible text is outside gettext: in templates, TypeScript, and glued sentences in Python."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template.base import Lexer, TokenType

from fer_lms.translations.extraction import extract_from_file, list_sources
from fer_lms.translations.languages import ROOT

NAMES = frozenset({"fer-lms", "Moodle", "Canvas", "LTI", "SHA-256", "JSON"})
"""Words that are the same in every language."""
VISIBLE_ATTRIBUTES = ("aria-label", "alt", "title", "placeholder", "aria-description")
WORD = re.compile(r"[A-Za-z]{2,}")
ATTRIBUTE_BLOCKS = (["block", "body_class"], ["block", "page_data"], ["block", "bodyclass"])
TRANSLATED_BLOCKS = {"blocktranslate": "endblocktranslate", "comment": "endcomment"}

# --- templates ------------------------------------------------------------------------------------


class Texts(HTMLParser):
    """Collects text and visible attributes, without scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        has_language = tag != "html" and "lang" in dict(attributes)
        if tag in ("script", "style", "code", "pre") or has_language:
            self.inside.append(tag)  # no text, or text whose language is stated
        self.found += [value or "" for name, value in attributes if name in VISIBLE_ATTRIBUTES]

    def handle_endtag(self, tag: str) -> None:
        if self.inside and tag == self.inside[-1]:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.found.append(data)


def list_template_literals(source: str) -> list[str]:
    """Return the visible words of a template that are in no translation tag."""
    parts: list[str] = []
    closing = ""
    for token in Lexer(source).tokenize():
        tag = token.contents.split(" ")[0] if token.token_type == TokenType.BLOCK else ""
        if closing:
            closing = "" if tag == closing else closing
        elif tag in TRANSLATED_BLOCKS:
            closing = TRANSLATED_BLOCKS[tag]
        elif token.contents.split(" ")[:2] in ATTRIBUTE_BLOCKS:
            closing = "endblock"
        else:
            parts.append(token.contents if token.token_type == TokenType.TEXT else " ")
    parser = Texts()
    parser.feed("".join(parts))
    words = (word for text in parser.found for word in text.split())
    return [word for word in words if is_literal(word)]


def is_literal(word: str) -> bool:
    is_address = word.startswith("https://")
    return bool(WORD.search(word)) and word.strip(",.:") not in NAMES and not is_address


TEMPLATES = sorted((ROOT / "fer_lms").rglob("templates/**/*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_have_no_text_outside_gettext(path: Path) -> None:
    assert list_template_literals(path.read_text(encoding="utf-8")) == []


def test_the_scan_of_templates_finds_literals() -> None:
    source = (
        '{% if a %}<p title="Shown">Read {% translate "this" %}</p>{% endif %}'
        "{% blocktranslate %}not this{% endblocktranslate %}<code>nor()</code>{{ nor.this }}"
        '<button aria-label="{% translate "nor" %}">OK now</button>'
    )
    assert list_template_literals(source) == ["Shown", "Read", "OK", "now"]


# --- TypeScript -----------------------------------------------------------------------------------

TOKEN = re.compile(
    r"""(?P<skip>//[^\n]*|/\*.*?\*/)|(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')""",
    re.DOTALL,
)
SENTENCE = re.compile(r"^[A-Z][a-z]+(?:[ ,'][\w ,'-]+)?[.!?:]?$")
INTERNAL = re.compile(r"(?:Error|warn|error|debug|assert|querySelector\w*|case|key ===)\s*\(?\s*$")
KEYS = frozenset(
    {
        *("Accept", "Authorization", "Content-Type", "Escape", "Enter", "Tab", "Home", "End"),
        *("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Backspace", "Delete", "Space"),
        *("English", "Deutsch", "Bahasa Indonesia"),  # each in its own language
        *("Canvas", "Highlight", "Ctrl"),  # system colours, a key
        *("GET", "POST", "PUT", "PATCH", "DELETE", "Idempotency-Key"),
    }
)


def list_script_literals(path: Path) -> list[str]:
    """Return the literals of a TypeScript file that look like text for people."""
    source = path.read_text(encoding="utf-8")
    translated = {
        text
        for item in extract_from_file(path)
        for text in (item.text if isinstance(item.text, tuple) else (item.text,))
    }
    found = []
    for match in TOKEN.finditer(source):
        text = (match["text"] or '""')[1:-1]
        before = source[: match.start()].rstrip()[-24:]
        if SENTENCE.match(text) and text not in translated | KEYS and not INTERNAL.search(before):
            found.append(text)
    return found


SCRIPTS = [path for path in list_sources("djangojs") if path.name != "schema.ts"]  # generated


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_scripts_have_no_text_outside_gettext(path: Path) -> None:
    assert list_script_literals(path) == []


def test_the_scan_of_scripts_finds_literals(tmp_path: Path) -> None:
    path = tmp_path / "a.ts"
    path.write_text(
        '// Not this\nbutton("Save it", go); element("p", { class: "a b" }, gettext("Read"));'
        'throw new Error("Nor this");\nconst a = "Closed";',
        encoding="utf-8",
    )
    assert list_script_literals(path) == ["Save it", "Closed"]


# --- Python ---------------------------------------------------------------------------------------

GETTEXT = re.compile(r"n?p?gettext(_lazy)?|_")


def is_text(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return is_text(node.left)
    called = node.func if isinstance(node, ast.Call) else None
    return isinstance(called, ast.Name) and bool(GETTEXT.fullmatch(called.id))


def list_parts(node: ast.expr) -> list[ast.expr]:
    """Return the operands of a chain of additions."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [*list_parts(node.left), *list_parts(node.right)]
    return [node]


def list_glued_texts(source: str) -> Iterator[str]:
    """Yield translated texts that are added to each other without a sentence's end between them."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            parts = list_parts(node)
            joined = [str(part.value) for part in parts if isinstance(part, ast.Constant)]
            if any(map(is_text, parts)) and not any(text[:1] in " \n" for text in joined):
                yield ast.unparse(node)


PYTHON = [path for path in list_sources("django") if path.suffix == ".py"]


def test_sentences_are_not_glued_from_parts() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): glued
        for path in PYTHON
        if (glued := list(list_glued_texts(path.read_text(encoding="utf-8"))))
    }
    assert found == {}


def test_the_scan_of_python_finds_glued_texts() -> None:
    assert list(list_glued_texts('a = _("When") + _("it is")\nb = (t + _("then")) % c'))
    assert not list(list_glued_texts('a = _("One.") + " " + str(b)'))
