"""Hostile values in every field and parameter of every operation of the OpenAPI file."""

import json
from collections.abc import Iterator
from typing import Any

from tests.bench.attack.request_sender import Attack

Schema = dict[str, Any]
MAX_BODY_BYTES = 500_000
MAX_DEPTH = 5
SURROGATE, LONG = "\ud800", "a" * 400_000
TEXTS = ["\0", SURROGATE, LONG, "<" * 20_000, "[" * 20_000, "9" * 5_000, "../" * 500, "\u202e", ""]
NUMBERS: list[Any] = [10**30, -1, 2**63, -(2**63), 0.5, True, "9" * 300, "\u0663", "1e400", []]
ANY: list[Any] = [None, {}, [], "", 0, [[]], {"\0": 1}, {SURROGATE: 1}]
PATH_VALUES = ["%00", "%ED%A0%80", "%FF", "9" * 30, "-1", "a" * 5_000, "%2e%2e", "%F0%9F%98%80"]
DESTRUCTIVE = ("/end", "/leave", "/platform/erase")
"""Operations that end the session of the attack: only with hostile values in their paths."""


def send_operations(attack: Attack, roles: tuple[str, ...], share: float = 1.0) -> None:
    """Send hostile values to every operation as each role; `share` of all requests, at random."""
    document = json.loads(attack.fetch("teacher", "/api/schema/?format=json"))
    lesson = json.loads(attack.fetch("teacher", "/api/v1/lessons/"))[0]["id"]
    for role in roles:
        session = attack.people["student"].session_id
        known = {"session_id": session, "lesson_id": lesson, "course_id": 1}
        for method, path, body in list_requests(document, known):
            if attack.random.random() < share:
                attack.send(role, method, path, body)


def list_requests(document: Schema, known: dict[str, Any]) -> Iterator[tuple[str, str, bytes]]:
    """Yield (method, path, body) for every operation."""
    for template, operations in document["paths"].items():
        path = fill_path(template, known)
        for method, operation in operations.items():
            yield from ((method.upper(), bad, b"") for bad in list_paths(template, known))
            if method in ("get", "delete") or template.endswith(DESTRUCTIVE):
                yield "GET", f"{path}?q=%00&page=%ED%A0%80&locale={'9' * 4_000}", b""
                continue
            content = operation.get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema", {})
            for value in list_bodies(schema, document):
                yield method.upper(), path, encode(value)


def fill_path(template: str, known: dict[str, Any]) -> str:
    for name, value in known.items():
        template = template.replace(f"{{{name}}}", str(value))
    return template.replace("{", "").replace("step_id}", "1").replace("}", "")


def list_paths(template: str, known: dict[str, Any]) -> Iterator[str]:
    """Yield the path with a hostile value in place of each parameter."""
    names = [part[1:-1] for part in template.split("/") if part.startswith("{")]
    for name in names:
        for value in PATH_VALUES:
            yield fill_path(template.replace(f"{{{name}}}", value), known)


def encode(value: Any) -> bytes:
    """Encode as JSON; integers above every limit and lone surrogates stay what they are."""
    return json.dumps(value).encode()[:MAX_BODY_BYTES]


def resolve(schema: Schema, document: Schema) -> Schema:
    """Return a schema without reference and alternatives: the first one of them."""
    while "$ref" in schema or "allOf" in schema or "oneOf" in schema:
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        else:
            schema = (schema.get("allOf") or schema["oneOf"])[0]
    return schema


def make_sample(schema: Schema, document: Schema, depth: int = 0) -> Any:
    """Return an acceptable value, as far as the schema tells."""
    schema = resolve(schema, document)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object")
    if kind == "array":
        return [make_sample(schema["items"], document, depth + 1)] if depth < MAX_DEPTH else []
    if kind == "object":
        return {
            name: make_sample(child, document, depth + 1)
            for name, child in schema.get("properties", {}).items()
            if depth < MAX_DEPTH
        }
    samples = {"string": "text", "integer": 1, "number": 0.5, "boolean": True}
    return schema.get("default", samples[kind])


def list_bodies(schema: Schema, document: Schema) -> Iterator[Any]:
    """Yield acceptable bodies with one hostile value each, and bodies of the wrong kind."""
    if not schema:
        return
    yield from ANY
    yield make_sample(schema, document)
    yield from vary(schema, document, 0)


def vary(schema: Schema, document: Schema, depth: int) -> Iterator[Any]:
    """Yield the sample with one hostile value in it, for every place in it."""
    schema = resolve(schema, document)
    kind = schema.get("type", "object")
    sample = make_sample(schema, document, depth)
    if kind == "object":
        for name, child in schema.get("properties", {}).items():
            for value in vary(child, document, depth + 1):
                yield sample | {name: value}
        yield sample | {f"unknown{number}": number for number in range(4_000)}
    elif kind == "array":
        for value in vary(schema["items"], document, depth + 1):
            yield [value]
        [item] = sample or [None]
        yield [item] * 3_000
        yield [{}] * 9_000
        yield [[]] * 9_000
    else:
        yield from TEXTS if kind == "string" else NUMBERS
        yield from ANY
