"""Every operation of the OpenAPI schema has examples, and each is valid by the schema."""

import copy
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from drf_spectacular.generators import SchemaGenerator

from fer_lms.api.examples import SHOWN_TYPES, get_example, load_examples

Json = dict[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")


def build_schema() -> Json:
    schema: Json = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return schema


SCHEMA = build_schema()
OPERATIONS: dict[str, Json] = {
    operation["operationId"]: operation
    for methods in SCHEMA["paths"].values()
    for method, operation in methods.items()
    if method in METHODS
}


def to_json_schema(part: Any) -> Any:
    """Convert OpenAPI 3.0 to JSON Schema: `nullable`, and references to components."""
    if isinstance(part, list):
        return [to_json_schema(item) for item in part]
    if not isinstance(part, dict):
        return part
    converted = {name: to_json_schema(value) for name, value in part.items() if name != "example"}
    if converted.pop("nullable", False):
        return {"anyOf": [converted, {"type": "null"}]}
    return converted


FORMATS = jsonschema.FormatChecker()


@FORMATS.checks("date-time", raises=ValueError)  # type: ignore[untyped-decorator]
def is_time(value: object) -> bool:
    return not isinstance(value, str) or bool(datetime.fromisoformat(value).tzinfo)


def close_objects(part: Any) -> Any:
    """Refuse keys that an object does not name, which are typing errors in an example."""
    if isinstance(part, list):
        return [close_objects(item) for item in part]
    if not isinstance(part, dict):
        return part
    closed = {name: close_objects(value) for name, value in part.items()}
    if isinstance(closed.get("properties"), dict) and closed.get("type") == "object":
        closed.setdefault("additionalProperties", False)
    return closed


COMPONENTS = close_objects(to_json_schema(SCHEMA["components"]))


def find_errors(schema: Json, value: Any) -> list[str]:
    """Return what is wrong with a value, with an unknown key as an error."""
    root = {"components": COMPONENTS, **close_objects(to_json_schema(schema))}
    validator = jsonschema.Draft202012Validator(root, format_checker=FORMATS)
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(value)]


def list_bodies(operation: Json) -> Iterator[tuple[str, str, Json]]:
    """Yield (what, media type, content) of the request and of each successful response."""
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        yield "request", media_type, content
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            for media_type, content in response.get("content", {}).items():
                yield status, media_type, content


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_every_part_of_an_operation_has_a_valid_example(operation_id: str) -> None:
    operation = OPERATIONS[operation_id]
    for parameter in operation.get("parameters", ()):
        assert "example" in parameter, parameter["name"]
        assert find_errors(parameter["schema"], parameter["example"]) == []
    for what, media_type, content in list_bodies(operation):
        if media_type in SHOWN_TYPES:
            assert "example" in content, f"{what} in fer_lms/api/examples.json"
            assert find_errors(content["schema"], content["example"]) == [], what


def test_no_example_is_left_over() -> None:
    assert len(OPERATIONS) > 70
    assert load_examples()["operations"].keys() <= OPERATIONS.keys()
    named = {item["name"] for op in OPERATIONS.values() for item in op.get("parameters", ())}
    assert load_examples()["parameters"].keys() == named


def test_an_example_that_does_not_fit_is_found() -> None:
    """The validation above is not vacuous."""
    content = OPERATIONS["v1_sessions_report_retrieve"]["responses"]["200"]["content"]
    schema, good = content["application/json"]["schema"], get_example("v1_sessions_report_retrieve")
    changes: tuple[Callable[[Json], object], ...] = (
        lambda report: report.pop("state"),
        lambda report: report.update(state="closed"),
        lambda report: report.update(unknown=1),
        lambda report: report["steps"][0].update(seconds="240"),
        lambda report: report.update(kept_until="next week"),
    )
    assert find_errors(schema, good["response"]) == []
    for change in changes:
        report = copy.deepcopy(good["response"])
        change(report)
        assert find_errors(schema, report), change
