"""Consent texts as files: texts/<version>/<locale>.<form>.json. A version is never edited."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def load_texts(version: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield locale, form and body of every text of one version."""
    for path in sorted((FOLDER / version).glob("*.json")):
        locale, form = path.stem.split(".")
        yield locale, form, json.loads(path.read_text(encoding="utf-8"))


def load_hint_point(locale: str, form: str) -> list[dict[str, Any]]:
    """Return the point that is shown where the policy permits faces in hints, as a list."""
    path = FOLDER / "face_evidence_in_hints" / f"{locale}.{form}.json"
    return [json.loads(path.read_text(encoding="utf-8"))] if path.exists() else []
