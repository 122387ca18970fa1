"""Catalogues: updated from the extracted texts, written without dates and lines, compiled."""

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from fer_lms.translations.extraction import Extracted, extract_texts
from fer_lms.translations.languages import DOMAINS, PLURAL_FORMS, get_catalog_path

HEADER: Final = """\
# Translations of fer-lms. Written by `make messages`; not edited by hand.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""


def build_template(texts: Iterable[Extracted]) -> Catalog:
    """Return a catalogue of untranslated texts, with the files that contain each."""
    template = Catalog(charset="utf-8")
    for item in texts:
        template.add(
            item.text,
            locations=[(item.path, item.line)],
            auto_comments=item.comments,
            context=item.context,
        )
    return template


def read_catalog(language: str, domain: str) -> Catalog:
    """Return the catalogue of a language, empty where it has no file."""
    path = get_catalog_path(language, domain)
    content = path.read_bytes() if path.exists() else b""
    header = _format_header(language).encode()
    return read_po(io.BytesIO(content or header), locale=language)


def update_catalog(catalog: Catalog, template: Catalog) -> None:
    """Add new texts and remove those that are gone.

    The translation of a similar text that is gone becomes a fuzzy one of the new text: it is not
    used, and a translator sees it.
    """
    catalog.update(template, update_header_comment=False, keep_user_comments=True)
    catalog.obsolete.clear()


def format_catalog(catalog: Catalog, language: str) -> str:
    """Return the .po file: sorted by file and text, so that moved code changes nothing."""
    ordered = Catalog(locale=language, charset="utf-8")
    for message in sorted((message for message in catalog if message.id), key=_sort_key):
        message.locations = [(path, 0) for path in sorted({path for path, _ in message.locations})]
        if not message.python_format:  # inherited from the text that a fuzzy one resembles
            message.flags.discard("python-format")
        ordered[message.id] = message
    file = io.BytesIO()
    write_po(file, ordered, omit_header=True, include_lineno=False)
    return _format_header(language) + file.getvalue().decode().lstrip("\n")


def write_catalog(catalog: Catalog, language: str, domain: str) -> None:
    path = get_catalog_path(language, domain)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(format_catalog(catalog, language), encoding="utf-8")


def update_catalogs(languages: Iterable[str] = tuple(PLURAL_FORMS)) -> None:
    """Write every catalogue anew from the sources."""
    for domain in DOMAINS:
        template = build_template(extract_texts(domain))
        for language in languages:
            catalog = read_catalog(language, domain)
            update_catalog(catalog, template)
            write_catalog(catalog, language, domain)


def compile_catalogs(languages: Iterable[str] = tuple(PLURAL_FORMS)) -> list[Path]:
    """Write a .mo file beside every .po file; texts without a translation stay English."""
    return [
        _compile(read_catalog(language, domain), get_catalog_path(language, domain))
        for language in languages
        for domain in DOMAINS
    ]


def are_compiled() -> bool:
    """Return whether every .mo file is there and not older than its .po file."""
    paths = [get_catalog_path(language, domain) for language in PLURAL_FORMS for domain in DOMAINS]
    compiled = [(path, path.with_suffix(".mo")) for path in paths]
    return all(mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime for po, mo in compiled)


def _compile(catalog: Catalog, path: Path) -> Path:
    file = io.BytesIO()
    write_mo(file, catalog)
    compiled = path.with_suffix(".mo")
    partial = compiled.with_suffix(".mo.partial")
    partial.write_bytes(file.getvalue())
    partial.replace(compiled)
    return compiled


def _format_header(language: str) -> str:
    return HEADER.format(language=language, plural_forms=PLURAL_FORMS[language])


def _sort_key(message: Message) -> tuple[str, str, str]:
    text = message.id if isinstance(message.id, str) else message.id[0]
    path = min((path for path, _ in message.locations), default="")
    return path, text, message.context or ""
