"""Translated documents beside gettext: consent texts and lessons of the demonstration.

Each is a JSON file of the same structure as the English one; only its texts differ.
"""

import json
import re
from pathlib import Path
from typing import Any, Final

from fer_lms.translations.languages import ROOT, SOURCE_LANGUAGE
from fer_lms.translations.validation import list_problems

CONSENT_FOLDER: Final = ROOT / "fer_lms" / "consent" / "texts"
LESSONS_FOLDER: Final = ROOT / "fer_lms" / "demo" / "lessons"
UNTRANSLATED_KEYS: Final = frozenset(
    {"symbol", "format", "kind", "level", "file", "embed", "language", "url"}
)
"""Values under these keys are the same in every language (`language` is the language's own)."""
_VERSION: Final = re.compile(r"(\d{4}-\d{2})-(\d+)")


def get_current_consent_version() -> str:
    """Return the newest version that has a folder."""
    versions = [
        match for path in CONSENT_FOLDER.iterdir() if (match := _VERSION.fullmatch(path.name))
    ]
    return max(versions, key=lambda match: (match[1], int(match[2])))[0]


def list_documents(language: str) -> list[tuple[Path, Path]]:
    """Return the English file and the path of its translation, of every document."""
    consent = [
        *(CONSENT_FOLDER / get_current_consent_version()).glob(f"{SOURCE_LANGUAGE}.*.json"),
        *(CONSENT_FOLDER / "face_evidence_in_hints").glob(f"{SOURCE_LANGUAGE}.*.json"),
    ]
    pairs = [
        (path, path.with_name(path.name.replace(SOURCE_LANGUAGE, language, 1)))
        for path in sorted(consent)
    ]
    lessons = sorted(LESSONS_FOLDER.glob("*.json"))
    return pairs + [(path, LESSONS_FOLDER / language / path.name) for path in lessons]


def list_document_problems(language: str) -> list[str]:
    """Return missing documents and differences in structure, placeholders and marks."""
    problems = []
    for source, path in list_documents(language):
        name = path.relative_to(ROOT).as_posix()
        if not path.exists():
            problems.append(f"{name}: is missing; translate {source.relative_to(ROOT)}")
            continue
        english = json.loads(source.read_text(encoding="utf-8"))
        translated = json.loads(path.read_text(encoding="utf-8"))
        problems += [f"{name}: {problem}" for problem in _compare(english, translated, language)]
    return problems


def _compare(
    source: Any, translation: Any, language: str, where: str = "", key: str = ""
) -> list[str]:
    """Return differences other than the wording of texts; `where` is the path of keys so far."""
    if key == "language":
        return [] if translation == language else [f"{where}: must be {language!r}"]
    if isinstance(source, dict) and isinstance(translation, dict):
        names = set(source) | {"language"} if "format" in source else set(source)
        if names != set(translation):
            return [f"{where}: keys differ: {sorted(names ^ set(translation))}"]
        return [
            problem
            for name in translation
            for problem in _compare(
                source.get(name), translation[name], language, f"{where}.{name}", name
            )
        ]
    if isinstance(source, list) and isinstance(translation, list):
        if len(source) != len(translation):
            return [f"{where}: has {len(translation)} items instead of {len(source)}"]
        pairs = enumerate(zip(source, translation, strict=True))
        return [
            problem
            for index, (one, other) in pairs
            for problem in _compare(one, other, language, f"{where}[{index}]", key)
        ]
    is_text = isinstance(source, str) and isinstance(translation, str)
    if not is_text or key in UNTRANSLATED_KEYS:
        same = source == translation
        return [] if same else [f"{where}: is {translation!r} instead of {source!r}"]
    if not source:
        return [] if not translation else [f"{where}: is not empty as in English"]
    return [f"{where}: {problem}" for problem in list_problems(source, translation)]
