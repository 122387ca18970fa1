"""Every language has every text: a change of a text is translated with it."""

from pathlib import Path

import pytest

from fer_lms.translations import catalogs, languages
from fer_lms.translations.batches import list_catalog_problems
from fer_lms.translations.catalogs import read_catalog
from fer_lms.translations.documents import list_document_problems
from fer_lms.translations.languages import PLURAL_FORMS


@pytest.mark.parametrize("language", PLURAL_FORMS)
def test_no_text_is_missing(language: str) -> None:
    problems = [*list_catalog_problems(language), *list_document_problems(language)]
    assert problems == [], "python -m fer_lms.translations batch, fill (docs: Translation)"


@pytest.mark.parametrize("language", PLURAL_FORMS)
@pytest.mark.parametrize("damage", ["", "fuzzy"])
def test_missing_and_fuzzy_texts_are_problems(
    language: str, damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog, scripts = (read_catalog(language, domain) for domain in ("django", "djangojs"))
    message = next(message for message in catalog if message.id and not message.pluralizable)
    if damage:
        message.flags.add(damage)
    else:
        message.string = ""
    monkeypatch.setattr(languages, "LOCALE_FOLDER", tmp_path)
    catalogs.write_catalog(scripts, language, "djangojs")
    catalogs.write_catalog(catalog, language, "django")
    assert len(list_catalog_problems(language)) == 1
