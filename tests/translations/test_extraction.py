"""Every translatable text is found, in Python, templates and TypeScript."""

import ast
import re
from pathlib import Path

import pytest

from fer_lms.translations.extraction import extract_from_file, extract_texts, list_sources
from fer_lms.translations.languages import ROOT

NAMES = re.compile(r"n?p?gettext(_lazy|_noop)?|_")
SCRIPT_CALL = re.compile(r"(?<![\w.])n?p?gettext\((?!\w+: string)")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
TEMPLATE_TAG = re.compile(r"{%\s*(?:translate|blocktranslate)\b|\b_\(")


def count_calls(path: Path) -> int:
    """Count the calls of gettext by other means than the extraction."""
    source = path.read_text()
    if path.suffix == ".py":
        calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
        return sum(
            isinstance(call.func, ast.Name)
            and bool(NAMES.fullmatch(call.func.id))
            and ast.unparse(call) != "gettext(message)"  # marked by gettext_noop
            for call in calls
        )
    if path.suffix == ".html":
        return len(TEMPLATE_TAG.findall(source))
    return len(SCRIPT_CALL.findall(COMMENT.sub("", source)))


def write(folder: Path, name: str, source: str) -> Path:
    path = folder / name
    path.write_text(source)
    return path


def test_forms_of_texts(tmp_path: Path) -> None:
    python = '# Translators: on a button\na = _("Open")\nb = npgettext("step", "one", "many", n)\n'
    page = (
        "<p>\n    {% translate 'It is' context 'verb' %}</p>\n  {% blocktranslate trimmed count "
        "n=n %}\n one {{ a }}\n {% plural %}\n  {{ n }} of 5 %{% endblocktranslate %}"
    )
    script = "const re = /'/; const t = `${gettext('In a ' + \"part\")}`; ngettext(\n'a', `b`, 2);"
    assert [
        (item.text, item.context, item.comments)
        for name, source in (("a.py", python), ("a.html", page), ("a.ts", script))
        for item in extract_from_file(write(tmp_path, name, source))
    ] == [
        ("Open", None, ("on a button",)),
        (("one", "many"), "step", ()),
        ("It is", "verb", ()),
        (("one %(a)s", "%(n)s of 5 %%"), None, ()),
        ("In a part", None, ()),
        (("a", "b"), None, ()),
    ]


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_every_call_is_extracted(domain: str) -> None:
    """A call whose argument is no literal, or that the parser cannot read, is missing."""
    found: dict[str, int] = {}
    for item in extract_texts(domain):
        found[item.path] = found.get(item.path, 0) + 1
    for path in list_sources(domain):
        name = path.relative_to(ROOT).as_posix()
        assert found.get(name, 0) == count_calls(path), name
