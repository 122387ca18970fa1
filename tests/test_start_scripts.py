"""How much of our script a page needs before it shows something."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings

MAX_START_BYTES = 30_000
DIST = Path(settings.BASE_DIR) / "frontend/dist"


def list_start_files(manifest: dict[str, Any], entry: str) -> set[str]:
    """List the script of an entry with what it imports at once, not what it loads later."""
    chunk = manifest[entry]
    files = {chunk["file"]}
    for name in chunk.get("imports", []):
        files |= list_start_files(manifest, name)
    return files


def test_student_lesson_starts_small() -> None:
    manifest = json.loads((DIST / "manifest.json").read_text())
    files = list_start_files(manifest, "src/student.ts")
    assert sum((DIST / file).stat().st_size for file in files) <= MAX_START_BYTES
    later = {name for name, chunk in manifest.items() if chunk.get("isDynamicEntry")}
    parts = {f"src/lesson/parts/{part}-part.ts" for part in ("camera", "consent", "lesson")}
    assert parts <= later
