"""Batches for translators: untranslated texts as JSON, and translations back into catalogues."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from babel.messages.catalog import Message

from fer_lms.translations.catalogs import read_catalog, write_catalog
from fer_lms.translations.extraction import extract_texts
from fer_lms.translations.languages import DOMAINS, PLURAL_EXAMPLES
from fer_lms.translations.validation import list_problems

Translation = str | list[str]
_SINGLE_NUMBERS: Final = ("0", "1", "2")


def get_key(message: Message) -> str:
    """Return a short name of a text, the same in both domains."""
    source = "\x00".join([message.context or "", *_as_tuple(message.id)])
    return hashlib.sha256(source.encode()).hexdigest()[:10]


def is_translated(message: Message) -> bool:
    strings = _as_tuple(message.string)
    return not message.fuzzy and bool(strings) and all(strings)


def get_stored_translation(message: Message) -> Translation:
    return message.string if isinstance(message.string, str) else list(message.string or ())


def list_batch(
    language: str, *, under: str = "", include_translated: bool = False
) -> list[dict[str, Any]]:
    """Return the texts that need a translation, in the order of the sources.

    Args:
        language: Language code.
        under: Only texts of files whose path starts with this.
        include_translated: Return translated texts too, for a review.

    Returns:
        One dictionary a text: `key`, `text`, `files` and, where there is one, `plural` (with the
        numbers of each form as `forms`), `context`, `comments` and `translation` (with `fuzzy`:
        of a similar text that is gone).
    """
    places, comments = _find_places()
    batch: dict[str, dict[str, Any]] = {}
    for domain in DOMAINS:
        for message in read_catalog(language, domain):
            if not message.id or (is_translated(message) and not include_translated):
                continue
            key = get_key(message)
            files = places.get(key, [])
            if any(path.startswith(under) for path in files):
                batch.setdefault(key, _describe(message, key, files, comments.get(key), language))
    return sorted(batch.values(), key=lambda entry: list(places).index(entry["key"]))


def fill_catalogs(language: str, translations: Mapping[str, Translation]) -> dict[str, list[str]]:
    """Store translations by key in the catalogues of a language.

    Returns:
        What is wrong with each translation that was not stored, by key.
    """
    refused: dict[str, list[str]] = {}
    found: set[str] = set()
    for domain in DOMAINS:
        catalog = read_catalog(language, domain)
        for message in (message for message in catalog if message.id):
            key = get_key(message)
            if key not in translations:
                continue
            found.add(key)
            problems = check_translation(message, translations[key], language)
            if problems:
                refused[key] = problems
            else:
                _store(message, translations[key])
        write_catalog(catalog, language, domain)
    unknown = "no text has this key: it has changed, see `batch`"
    return refused | {key: [unknown] for key in translations if key not in found}


def check_translation(message: Message, translation: Translation, language: str) -> list[str]:
    """Return what is wrong with the translation of a message, in every plural form."""
    if isinstance(message.id, str):
        if not isinstance(translation, str):
            return ["is a list, but the text has no plural"]
        return list_problems(message.id, translation)
    examples = PLURAL_EXAMPLES[language]
    if isinstance(translation, str) or len(translation) != len(examples):
        return [f"needs a list of {len(examples)} forms: {', '.join(examples)}"]
    return [
        f"form {example}: {problem}"
        for example, form in zip(examples, translation, strict=True)
        for problem in list_problems(
            message.id[1], form, may_omit_number=example in _SINGLE_NUMBERS
        )
    ]


def list_catalog_problems(language: str) -> list[str]:
    """Return untranslated texts and wrong translations of the stored catalogues."""
    return [
        f"{domain}: {message.id!r}: {problem}"
        for domain in DOMAINS
        for message in read_catalog(language, domain)
        if message.id
        for problem in _check_stored(message, language)
    ]


def _check_stored(message: Message, language: str) -> list[str]:
    if not is_translated(message):
        return ["is not translated"]
    return check_translation(message, get_stored_translation(message), language)


def _find_places() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return `path:line` of every occurrence and comments, by key, in the order of the sources."""
    places: dict[str, list[str]] = {}
    comments: dict[str, list[str]] = {}
    for domain in DOMAINS:
        for item in extract_texts(domain):
            key = get_key(Message(item.text, context=item.context))
            places.setdefault(key, []).append(f"{item.path}:{item.line}")
            if item.comments:
                comments.setdefault(key, []).extend(item.comments)
    return places, comments


def _describe(
    message: Message, key: str, files: list[str], comments: list[str] | None, language: str
) -> dict[str, Any]:
    text, *plural = _as_tuple(message.id)
    entry: dict[str, Any] = {"key": key, "text": text, "files": " ".join(files)}
    if plural:
        entry |= {"plural": plural[0], "forms": PLURAL_EXAMPLES[language]}
    if message.context:
        entry["context"] = message.context
    if comments:
        entry["comments"] = comments
    if any(_as_tuple(message.string)):
        entry["translation"] = message.string
    if message.fuzzy:
        entry["fuzzy"] = True
    return entry


def _store(message: Message, translation: Translation) -> None:
    message.string = translation if isinstance(translation, str) else tuple(translation)
    message.flags.discard("fuzzy")


def _as_tuple(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())
