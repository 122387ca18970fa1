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
