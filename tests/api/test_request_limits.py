"""Requests whose cost grows faster than their size, and answers larger than the request."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from rest_framework import serializers

from fer_lms.api.errors import MAX_ERROR_CHARACTERS, MAX_ERRORS, cap_errors
from fer_lms.api.schema import ResponseAutoSchema
from fer_lms.bounded_fields import BoundedListField
from fer_lms.json_input import DEFAULT_LIMITS
from fer_lms.lessons.content.document import MAX_STEPS
from fer_lms.lessons.models import Participant
from tests.factories import make_lesson, make_teacher_of

THRESHOLDS = "/api/v1/me/thresholds"


@pytest.fixture
def signed_in(client: Client, learner: Participant) -> Client:
    client.force_login(learner.user)
    return client


def put(client: Client, body: bytes | str, path: str = THRESHOLDS) -> Any:
    return client.put(path, body, content_type="application/json")


def list_request_serializers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return the serializers of all documented request bodies, with those nested in them."""
    found: dict[str, Any] = {}
    original = ResponseAutoSchema._map_basic_serializer

    def record(self: Any, serializer: Any, direction: Any) -> Any:
        if direction == "request":
            serializer = serializer() if isinstance(serializer, type) else serializer
            found[type(serializer).__name__] = serializer
        return original(self, serializer, direction)

    monkeypatch.setattr(ResponseAutoSchema, "_map_basic_serializer", record)
    SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return found


def list_unbounded_fields(name: str, field: Any) -> Iterator[str]:
    """Yield what a request could fill without limit."""
    if field.read_only:
        return
    if isinstance(field, serializers.ListSerializer):
        if vars(field).get("max_length") is None:
            yield f"{name}: number of items"
    elif isinstance(field, serializers.ListField):
        if not isinstance(field, BoundedListField):
            yield f"{name}: BoundedListField counts items before it validates them"
        yield from list_unbounded_fields(f"{name}[]", field.child)
    elif isinstance(field, serializers.DictField | serializers.JSONField):
        yield f"{name}: depth and number of items"
    elif isinstance(field, serializers.IntegerField):
        if field.max_value is None or field.min_value is None:
            yield f"{name}: BoundedIntegerField fits into a column"
    elif type(field) is serializers.FloatField:
        yield f"{name}: FiniteFloatField refuses NaN"
    elif type(field) is serializers.CharField and field.max_length is None:
        yield f"{name}: length"


def test_every_field_of_a_request_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    found = list_request_serializers(monkeypatch)
    assert len(found) > 15
    unbounded = [
        text
        for serializer in found.values()
        for name, field in serializer.fields.items()
        for text in list_unbounded_fields(f"{type(serializer).__name__}.{name}", field)
    ]
    assert unbounded == []


def test_long_list_has_one_error(signed_in: Client) -> None:
    response = put(signed_in, json.dumps({"thresholds": [{}] * 3000}))
    assert response.status_code == 400
    assert len(response.content) < 300
    too_many_values = put(signed_in, json.dumps({"thresholds": [{}] * 30_000}))
    assert too_many_values.status_code == 400


def test_items_of_a_long_list_are_not_validated() -> None:
    class CountingField(serializers.IntegerField):
        validated = 0

        def run_validation(self, data: Any = None) -> Any:
            CountingField.validated += 1
            return super().run_validation(data)

    field = BoundedListField(child=CountingField(), max_length=3)
    for data in ([1, 2, 3, 4], ["x"] * 1000):
        with pytest.raises(serializers.ValidationError):
            field.run_validation(data)
    assert CountingField.validated == 0
    assert field.run_validation([1, 2, 3]) == [1, 2, 3]


@pytest.mark.parametrize("shift", ["nan", "inf", "-inf", "1" * 400])
def test_a_shift_is_a_finite_number(signed_in: Client, shift: str) -> None:
    body = {"thresholds": [{"evidence": "confusion", "shift": shift}]}
    assert put(signed_in, json.dumps(body)).status_code == 400
    assert signed_in.get(THRESHOLDS).json() == {"thresholds": []}


@pytest.mark.parametrize("step_id", [2**63 - 1, str(10**30), -(2**63)])
def test_number_that_fits_in_no_column_is_refused(
    signed_in: Client, learner: Participant, step_id: object
) -> None:
    body = json.dumps({"step_id": step_id})
    path = f"/api/v1/sessions/{learner.session_id}/hints"
    response = signed_in.post(path, body, content_type="application/json")
    assert response.status_code in (400, 404)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 2000,
        b'{"thresholds": ' + b"[" * 200_000,
        b'{"thresholds": [{"evidence": "\\ud800", "shift": 0}]}',
        b'{"thresholds": [{"evidence": "\\u0000", "shift": 0}]}',
        b'{"thresholds": [{"evidence": "confusion", "shift": 1e999}]}',
        b'{"thresholds": [{"evidence": "confusion", "shift": NaN}]}',
        b"\xff\xfe",
        b"",
    ],
)
def test_unusable_json_is_a_parse_error_in_json(signed_in: Client, body: bytes) -> None:
    response = put(signed_in, body)
    assert response.status_code == 400
    assert response.json()["reason"] in ("parse_error", "invalid")


@pytest.mark.parametrize("charset", ["base64", "idna", "utf-16", "no-such-charset"])
def test_json_is_utf8_whatever_charset_is_named(signed_in: Client, charset: str) -> None:
    body = json.dumps({"thresholds": []})
    content_type = f"application/json; charset={charset}"
    response = signed_in.put(THRESHOLDS, body, content_type=content_type)
    assert response.status_code in (200, 400, 415)


def test_json_of_too_many_bytes_is_refused(signed_in: Client) -> None:
    response = put(signed_in, b'"' + b"a" * DEFAULT_LIMITS.max_bytes + b'"')
    assert response.status_code == 413
    assert response.json()["reason"] == "too_large"


def test_error_does_not_echo_a_long_value(signed_in: Client) -> None:
    body = {"thresholds": [{"evidence": "x" * 100_000, "shift": 0}]}
    response: HttpResponse = put(signed_in, json.dumps(body))
    assert response.status_code == 400
    assert len(response.content) < 1000


def test_number_of_errors_is_capped() -> None:
    capped = cap_errors({"items": [{"a": ["x" * 1000, "y"]}] * 1000, "other": ["z"]})
    assert json.dumps(capped).count('"y"') == MAX_ERRORS // 2
    assert capped["items"][0]["a"] == ["x" * MAX_ERROR_CHARACTERS, "y"]
    assert cap_errors({"a": {"b": ["c"]}}) == {"a": {"b": ["c"]}}


def test_lesson_has_a_limited_number_of_steps_and_characters(client: Client, db: None) -> None:
    lesson = make_lesson(steps=MAX_STEPS - 1)
    client.force_login(make_teacher_of(lesson))
    path = f"/api/v1/lessons/{lesson.pk}/steps/"
    step = {"title": "Step", "body": "a" * 20_000, "easy_body": "b" * 20_000}
    created = client.post(path, step, content_type="application/json")
    assert created.status_code == 201
    assert client.post(path, step, content_type="application/json").status_code == 409
    long = json.dumps(step | {"revision": 0})
    codes = [
        client.put(f"/api/v1/steps/{pk}/", long, content_type="application/json").status_code
        for pk in lesson.steps.values_list("pk", flat=True)[:6]
    ]
    assert codes == [200, 200, 200, 400, 400, 400]
    shorter = json.dumps({"title": "Step", "revision": 1, "body": "a"})
    path = f"/api/v1/steps/{created.json()['id']}/"
    assert client.put(path, shorter, content_type="application/json").status_code == 200
