"""Former names of request fields, accepted for one release (docs/adr/0022)."""

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework import serializers


class AliasedSerializer(serializers.Serializer[Any]):
    """Serializer that accepts the former name of a field; the current name wins.

    A former name that the OpenAPI schema lists is also declared as an optional field, which
    never receives a value from a request.
    """

    former_names: ClassVar[Mapping[str, str]] = {}
    """Current name of each field by its former name."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return super().to_internal_value(data)
        former = {
            self.former_names[name]: name
            for name in data
            if name in self.former_names and self.former_names[name] not in data
        }
        current = {name: value for name, value in data.items() if name not in self.former_names}
        renamed = {name: data[former_name] for name, former_name in former.items()}
        try:
            return super().to_internal_value(current | renamed)
        except serializers.ValidationError as error:
            if not isinstance(error.detail, dict):
                raise
            # A client finds an error under the name that it sent.
            detail = {former.get(name, name): errors for name, errors in error.detail.items()}
            raise serializers.ValidationError(detail) from error
