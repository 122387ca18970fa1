"""Read and write JSON files: short values on one line, written atomically."""

import json
from pathlib import Path
from typing import Any

from inference.training.errors import BadData

MAX_LINE_CHARACTERS = 180
"""A value up to this length stays on one line."""


def write_json(path: Path, value: Any) -> None:
    """Write atomically: a crash leaves the former file."""
    partial = path.with_suffix(path.suffix + ".part")
    partial.write_text(format_json(value) + "\n", encoding="utf-8")
    partial.replace(path)


def format_json(value: Any, indent: str = "") -> str:
    """Format as JSON, short values on one line."""
    line = json.dumps(value)
    if not isinstance(value, dict | list | tuple) or len(indent + line) <= MAX_LINE_CHARACTERS:
        return line
    inner = indent + " "
    if isinstance(value, dict):
        items = [f"{json.dumps(k)}: {format_json(v, inner)}" for k, v in value.items()]
    else:
        items = [format_json(item, inner) for item in value]
    start, end = "{}" if isinstance(value, dict) else "[]"
    body = ",\n".join(inner + item for item in items)
    return f"{start}\n{body}\n{indent}{end}"


def read_json(path: Path) -> Any:
    """Parse a JSON file. Raises BadData if the content is not valid JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadData(f"{path} cannot be read: {error}") from error
