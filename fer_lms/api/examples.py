"""Examples of the OpenAPI schema: parameters, bodies and responses of every operation.

`examples.json` has `parameters` by name and `operations` by operationId, each with `request` and
`response` (JSON, or the text of a text file), or `same_as`: another operation's response, and its
request where none is given. Files that are no text have no example.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

Json = dict[str, Any]
SHOWN_TYPES = ("application/json", "text/csv")


@cache
def load_examples() -> Json:
    text = (Path(__file__).parent / "examples.json").read_text(encoding="utf-8")
    loaded: Json = json.loads(text)
    return loaded


def get_example(operation_id: str) -> Json:
    """Return `request` and `response` of an operation, as far as it has them."""
    operations: Json = load_examples()["operations"]
    example: Json = operations.get(operation_id, {})
    other: Json = operations[example["same_as"]] if "same_as" in example else {}
    return {**other, **example}


def add_examples(operation: Json) -> None:
    """Add the examples to an operation of the schema."""
    example = get_example(operation["operationId"])
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in load_examples()["parameters"]:
            parameter["example"] = load_examples()["parameters"][parameter["name"]]
    if "request" in example and "requestBody" in operation:
        _add(operation["requestBody"], example["request"])
    if "response" in example:
        for status, response in operation["responses"].items():
            if status.startswith("2"):
                _add(response, example["response"])


def _add(body: Json, value: Any) -> None:
    for media_type, content in body.get("content", {}).items():
        if media_type in SHOWN_TYPES:
            content["example"] = value
