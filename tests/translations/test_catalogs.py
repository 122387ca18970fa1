"""Catalogues and batches: what translators write is stored, and nothing wrong is."""

import gettext
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from fer_lms.translations import extraction, languages
from fer_lms.translations.batches import (
    check_translation,
    fill_catalogs,
    get_stored_translation,
    is_translated,
    list_batch,
)
from fer_lms.translations.catalogs import (
    build_template,
    compile_catalogs,
    format_catalog,
    read_catalog,
    update_catalogs,
)
from fer_lms.translations.extraction import extract_texts
from fer_lms.translations.languages import (
    DOMAINS,
    LOCALE_FOLDER,
    PLURAL_FORMS,
    REVIEWED_PARTS,
    is_reviewed,
)
from fer_lms.translations.validation import list_problems

SOURCE = """
a = _("Open the lesson")
b = ngettext("%(n)s student of %(group)s", "%(n)s students of %(group)s", n)
c = _("The camera takes pictures of your face.")
"""


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one file of texts and no catalogue."""
    (tmp_path / "fer_lms" / "templates").mkdir(parents=True)
    for module in (extraction, languages):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(languages, "LOCALE_FOLDER", tmp_path / "locale")
    path = tmp_path / "fer_lms" / "page.py"
    path.write_text(SOURCE)
    update_catalogs()
    return path


def read_text(name: str) -> str:
    return languages.get_catalog_path(name, "django").read_text()


def test_a_batch_is_filled_and_compiled(source: Path) -> None:
    keys = {entry["text"]: entry["key"] for entry in list_batch("ar")}
    forms = ["لا أحد", "واحد", "اثنان", "%(n)s", "%(n)s", "%(n)s"]
    forms = [f"{form} %(group)s" for form in forms]
    translations: dict[str, str | list[str]] = {
        keys["Open the lesson"]: "افتح الدرس",
        keys["%(n)s student of %(group)s"]: forms,
        keys["The camera takes pictures of your face."]: "%(face)s",
        "unknown": "x",
    }
    refused = fill_catalogs("ar", translations)
    assert set(refused) == {keys["The camera takes pictures of your face."], "unknown"}
    assert [entry["text"] for entry in list_batch("ar")] == [
        "The camera takes pictures of your face."
    ]
    compile_catalogs(["ar"])
    path = languages.get_catalog_path("ar", "django").with_suffix(".mo")
    with path.open("rb") as file:
        catalog = gettext.GNUTranslations(file)
    assert catalog.gettext("Open the lesson") == "افتح الدرس"
    assert [
        catalog.ngettext("%(n)s student of %(group)s", "%(n)s students of %(group)s", number)
        for number in (0, 1, 2, 3, 11, 100)
    ] == forms


def test_an_update_changes_only_what_changed(source: Path) -> None:
    key = next(entry["key"] for entry in list_batch("de") if entry["text"] == "Open the lesson")
    fill_catalogs("de", {key: "Stunde öffnen"})
    before = read_text("de")
    source.write_text("\n\n# moved\n" + SOURCE)
    update_catalogs()
    assert read_text("de") == before
    source.write_text(SOURCE.replace("Open the lesson", "Open this lesson"))
    update_catalogs()
    entry = next(entry for entry in list_batch("de") if entry["text"] == "Open this lesson")
    assert entry["translation"] == "Stunde öffnen"
    assert entry["fuzzy"]
    compile_catalogs(["de"])
    with languages.get_catalog_path("de", "django").with_suffix(".mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Open this lesson") == "Open this lesson"


@pytest.mark.parametrize(
    ("text", "translation", "problem"),
    [
        ("Step", "", "empty"),
        ("Step %(n)s", "Schritt", "placeholders"),
        ("Step {n}", "Schritt {m}", "placeholders"),
        ("%(share)s of all", "%(share)s % von allen", "single %"),
        ("<b>Step</b>", "<b>Schritt<b>", "tags"),
        ("Step ", "Schritt", "space"),
        ("Step", "\u200fخطوة", "invisible"),
    ],
)
def test_wrong_translations(text: str, translation: str, problem: str) -> None:
    assert [problem in found for found in list_problems(text, translation)] == [True]
    assert list_problems(text, text) == []


def test_only_the_form_of_one_number_may_lack_it() -> None:
    message = Message(("%(n)s step", "%(n)s steps"))
    assert check_translation(message, ["ein Schritt", "%(n)s Schritte"], "de") == []
    assert len(check_translation(message, ["ein Schritt", "Schritte"], "de")) == 1
    assert len(check_translation(message, ["%(n)s Schritte"], "de")) == 1
    assert len(check_translation(message, "%(n)s Schritte", "de")) == 1
    assert check_translation(message, ["%(n)s langkah"], "id") == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_catalogs_hold_the_texts_of_the_sources(domain: str) -> None:
    """`make messages` was run after the last change of a text."""
    template = build_template(extract_texts(domain))
    expected = {(message.id, message.context) for message in template if message.id}
    for language in PLURAL_FORMS:
        catalog = read_catalog(language, domain)
        found = {(message.id, message.context) for message in catalog if message.id}
        assert (language, expected - found, found - expected) == (language, set(), set())


@pytest.mark.parametrize("language", PLURAL_FORMS)
def test_stored_translations_are_right(language: str) -> None:
    for domain in DOMAINS:
        for message in read_catalog(language, domain):
            if message.id and is_translated(message):
                stored = get_stored_translation(message)
                assert check_translation(message, stored, language) == [], message.id


@pytest.mark.parametrize("language", PLURAL_FORMS)
def test_files_of_a_language(language: str) -> None:
    for domain in DOMAINS:
        catalog = read_catalog(language, domain)
        path = languages.get_catalog_path(language, domain)
        assert format_catalog(catalog, language) == path.read_text(), "written by `make messages`"
    assert (LOCALE_FOLDER / language / "review.toml").exists()
    for part in REVIEWED_PARTS:
        assert is_reviewed(language, part) in (True, False)
    assert is_reviewed("en", "interface")
