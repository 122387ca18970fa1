"""Every language has every text: a change of a text is translated with it."""

from pathlib import Path

import pytest

from fer_lms.translations import catalogs, languages
from fer_lms.translations.__main__ import main
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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fill", "de", "missing.json"], "missing.json: No such file or directory"),
        (["fill", "de", "broken.json"], "broken.json is no JSON in UTF-8"),
        (["fill", "de", "latin.json"], "latin.json is no JSON in UTF-8"),
        (["fill", "de", "list.json"], "list.json is no JSON object"),
        (["batch", "de", "--limit", "-1"], "--limit"),
        (["batch", "de", "--limit", "many"], "--limit"),
        (["batch", "fr"], "invalid choice"),
    ],
)
def test_wrong_input_is_one_line(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "broken.json").write_text("{bad")
    (tmp_path / "latin.json").write_bytes(b'{"k": "\xe9"}')
    (tmp_path / "list.json").write_text("[1]")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["translations", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert message in capsys.readouterr().err
