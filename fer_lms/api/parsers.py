"""Parsers of request bodies."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser, MultiPartParser

from fer_lms.json_input import DEFAULT_LIMITS, InvalidJson, JsonTooLarge, parse_json


class BodyTooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class BoundedJSONParser(BaseParser):
    """JSON in UTF-8 within the limits of `fer_lms.json_input`."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            return parse_json(stream.read(DEFAULT_LIMITS.max_bytes + 1))
        except JsonTooLarge as error:
            raise BodyTooLarge(str(error)) from error
        except InvalidJson as error:
            raise ParseError(str(error)) from error


class UploadParser(MultiPartParser):
    """Multipart form; a body that is damaged in any way is a parse error."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except (ValueError, LookupError) as error:
            raise ParseError("The form is not valid multipart/form-data.") from error
