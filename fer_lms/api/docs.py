"""The page of the REST API: every operation of the OpenAPI schema with its examples."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

Json = dict[str, Any]
PREFIX = "/api/v1/"


@dataclass(frozen=True, slots=True)
class Body:
    """A request, or a response by its status."""

    name: str
    description: str
    example: str


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    method: str
    path: str
    description: str
    is_deprecated: bool
    parameters: list[Json]
    bodies: list[Body]


@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    return render(request, "api/docs.html", {"groups": list_groups()})


@cache
def list_groups() -> list[tuple[str, list[Operation]]]:
    """List the operations by the first part of their path."""
    schema: Json = SchemaGenerator().get_schema(  # type: ignore[no-untyped-call]
        request=None, public=True
    )
    groups: dict[str, list[Operation]] = {}
    for path, methods in schema["paths"].items():
        name = path.removeprefix(PREFIX).split("/")[0]
        groups.setdefault(name, []).extend(
            _build_operation(method, path, operation) for method, operation in methods.items()
        )
    return sorted(groups.items())


def _build_operation(method: str, path: str, operation: Json) -> Operation:
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        description=operation.get("description", ""),
        is_deprecated=operation.get("deprecated", False),
        parameters=operation.get("parameters", []),
        bodies=list(_list_bodies(operation)),
    )


def _list_bodies(operation: Json) -> Iterator[Body]:
    if "requestBody" in operation:
        yield _build_body("request", operation["requestBody"])
    for status, response in operation["responses"].items():
        yield _build_body(status, response)


def _build_body(name: str, body: Json) -> Body:
    contents: Json = body.get("content", {})
    examples = [content["example"] for content in contents.values() if "example" in content]
    example = examples[0] if examples else ""
    text = (
        example if isinstance(example, str) else json.dumps(example, indent=1, ensure_ascii=False)
    )
    return Body(name, body.get("description") or ", ".join(contents), text)
