"""OpenAPI schema of the REST API."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction
from rest_framework import serializers
from rest_framework.fields import empty


class ResponseAutoSchema(AutoSchema):
    """List a response's fields as required although a request may leave them out."""

    def _map_basic_serializer(self, serializer: Any, direction: Direction) -> dict[str, Any]:
        schema: dict[str, Any]
        schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if direction == "response":
            if isinstance(serializer, type):
                serializer = serializer()
            is_model = isinstance(serializer, serializers.ModelSerializer)
            rendered = {
                name
                for name, field in serializer.fields.items()
                if is_model or field.default is not empty
            }
            required = {*schema.get("required", []), *rendered & schema["properties"].keys()}
            schema["required"] = sorted(required)
        return schema
