"""Command line of translations: `python -m fer_lms.translations --help`."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from fer_lms.translations.batches import fill_catalogs, list_batch, list_catalog_problems
from fer_lms.translations.catalogs import compile_catalogs, update_catalogs
from fer_lms.translations.documents import list_document_problems
from fer_lms.translations.languages import PLURAL_FORMS
from inference.command_line import add_examples, parse_positive_count, run_program


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fer_lms.translations",
        description="Translations of the interface (docs/contributor/translation.md).",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("update", help="write the .po files anew from the sources")
    commands.add_parser("compile", help="write the .mo files")
    batch = commands.add_parser("batch", help="print texts that need a translation, as JSON")
    batch.add_argument("language", choices=PLURAL_FORMS)
    batch.add_argument("--under", default="", metavar="PATH", help="only texts of these files")
    batch.add_argument("--all", action="store_true", help="translated texts too, for a review")
    batch.add_argument("--limit", type=parse_positive_count, metavar="N", help="at most N texts")
    fill = commands.add_parser("fill", help="store translations from a JSON file: {key: text}")
    fill.add_argument("language", choices=PLURAL_FORMS)
    fill.add_argument("file", type=Path)
    check = commands.add_parser("check", help="print what is missing or wrong; exit status 1")
    check.add_argument("language", choices=PLURAL_FORMS, nargs="?")
    check.add_argument("--json", action="store_true", help="print the problems as a JSON list")
    add_examples(
        parser,
        "python -m fer_lms.translations update",
        "python -m fer_lms.translations compile",
        "python -m fer_lms.translations batch de --under frontend/src/lesson",
        "python -m fer_lms.translations fill de texts.json",
        "python -m fer_lms.translations check --json",
        exit_1="a text is refused, missing or wrong",
    )
    return parser


def main() -> int:
    parser = build_parser()
    options = parser.parse_args()
    if options.command == "update":
        update_catalogs()
    elif options.command == "compile":
        compile_catalogs()
    elif options.command == "batch":
        entries = list_batch(options.language, under=options.under, include_translated=options.all)
        shown = entries[: options.limit]
        _print(json.dumps(shown, ensure_ascii=False, indent=1))
        print(f"{len(shown)} of {len(entries)} texts", file=sys.stderr)  # noqa: T201
    elif options.command == "fill":
        translations = _read_translations(parser, options.file)
        refused = fill_catalogs(options.language, translations)
        _print(json.dumps(refused, ensure_ascii=False, indent=1))
        stored = len(translations) - len(refused)
        print(f"{stored} stored, {len(refused)} refused", file=sys.stderr)  # noqa: T201
        return 1 if refused else 0
    else:
        languages = [options.language] if options.language else list(PLURAL_FORMS)
        return _check(languages, as_json=options.json)
    return 0


def _read_translations(parser: argparse.ArgumentParser, path: Path) -> dict[str, Any]:
    try:
        translations = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        parser.error(f"{path}: {error.strerror}")
    except ValueError as error:
        parser.error(f"{path} is no JSON in UTF-8: {error}")
    if not isinstance(translations, dict):
        parser.error(f"{path} is no JSON object: write {{key: text}}")
    return translations


def _check(languages: list[str], *, as_json: bool) -> int:
    problems = [
        f"{language}: {problem}"
        for language in languages
        for problem in [*list_catalog_problems(language), *list_document_problems(language)]
    ]
    if as_json:
        _print(json.dumps(problems, ensure_ascii=False, indent=1))
    else:
        _print("\n".join(problems) or "No text is missing and placeholders agree.")
    return 1 if problems else 0


def _print(text: str) -> None:
    print(text)  # noqa: T201


if __name__ == "__main__":
    sys.exit(run_program("python -m fer_lms.translations", main))
