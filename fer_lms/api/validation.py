"""Validation of request bodies."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request


def validate_body(serializer: type[serializers.Serializer[Any]], request: Request) -> Any:
    """Return the request's validated data.

    Raises:
        ValidationError: The body is invalid.
    """
    body = serializer(data=request.data)
    body.is_valid(raise_exception=True)
    return body.validated_data
