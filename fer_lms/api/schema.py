"""OpenAPI schema of the REST API; former addresses and keys are marked as deprecated."""

from typing import Any

from drf_spectacular.authentication import SessionScheme
from drf_spectacular.drainage import get_override
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction
from rest_framework import serializers
from rest_framework.fields import empty

from fer_lms.api.authentication import get_token_scope
from fer_lms.api.examples import add_examples

DEPRECATED_PATHS = ("/my-report/word", "/words", "/words/{notification_id}/seen", "/me/left-alone")


class PageScheme(SessionScheme):  # type: ignore[no-untyped-call]
    """The session cookie, as with DRF's own authentication."""

    target_class = "fer_lms.api.authentication.PageAuthentication"


class ApiTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """A token of one course, in operations that accept it."""

    target_class = "fer_lms.api.authentication.ApiTokenAuthentication"
    name = "apiToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "Made on the page /api-access/; `scope` of an operation is in its "
            "description.",
        }


class ResponseAutoSchema(AutoSchema):
    """List a response's fields as required although a request may leave them out."""

    def get_operation(self, *args: Any, **options: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **options)
        if operation is not None:
            add_examples(operation)
        return operation

    def get_auth(self) -> list[dict[str, Any]]:
        """Leave out the token where the operation refuses it."""
        accepted: list[dict[str, Any]] = super().get_auth()
        if self._get_scope() is None:
            return [item for item in accepted if ApiTokenScheme.name not in item]
        return accepted

    def get_description(self) -> str:  # type: ignore[override]
        description: str = super().get_description()
        scope = self._get_scope()
        return f"{description}\n\nToken scope: `{scope}`" if scope else description

    def _get_scope(self) -> str | None:
        return get_token_scope(self.view, self.method)

    def is_deprecated(self) -> bool:
        return self.path.endswith(DEPRECATED_PATHS)

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
            deprecated = get_override(serializer, "deprecate_fields", [])
            schema["required"] = sorted(required.difference(deprecated))
        return schema
