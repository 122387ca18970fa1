"""Validation of request bodies and parameters."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request


def validate_body(
    serializer: type[serializers.Serializer[Any]],
    request: Request,
    current: Mapping[str, Any] | None = None,
) -> Any:
    """Return the request's validated data.

    Args:
        current: Values of the object that is changed, for fields that the body leaves out: a
            default would empty them.

    Raises:
        ValidationError: The body is invalid.
    """
    data = request.data
    if current is not None and isinstance(data, Mapping):
        data = {**current, **data}
    body = serializer(data=data)
    body.is_valid(raise_exception=True)
    return body.validated_data


def validate_query(serializer: type[serializers.Serializer[Any]], request: Request) -> Any:
    """Return the validated parameters of the request's address.

    Raises:
        ValidationError: A parameter is invalid.
    """
    query = serializer(data=request.query_params)
    query.is_valid(raise_exception=True)
    return query.validated_data
