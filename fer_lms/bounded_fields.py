"""Serializer fields of requests whose cost and values are bounded before they are validated."""

import math
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.utils import html

from fer_lms.display_text import clean_text
from fer_lms.json_input import MAX_INTEGER

MAX_INPUT_LENGTH = 10_000
"""Longer than every limit of a field, which is checked afterwards: a title is not cut silently."""


class BoundedListField(serializers.ListField):
    """List that counts its items first; `ListField` validates each of them before."""

    def __init__(self, *, max_length: int, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)
        self.max_items = max_length

    def to_internal_value(self, data: Any) -> Any:
        if html.is_html_input(data):
            data = html.parse_html_list(data, default=[])
        if isinstance(data, list) and len(data) > self.max_items:
            message = _("Ensure this field has no more than {max_length} elements.")
            raise serializers.ValidationError(message.format(max_length=self.max_items))
        return super().to_internal_value(data)


def build_bounded_list(
    child: serializers.Serializer[Any], *, max_length: int, **options: Any
) -> serializers.ListSerializer[Any]:
    """Build a list of objects, which counts them first; the stubs do not know `max_length`."""
    options["max_length"] = max_length
    return serializers.ListSerializer(child=child, **options)


class BoundedIntegerField(serializers.IntegerField):
    """Integer that a database can look up and store."""

    def __init__(
        self, *, min_value: int = -MAX_INTEGER, max_value: int = MAX_INTEGER, **options: Any
    ) -> None:
        super().__init__(min_value=min_value, max_value=max_value, **options)


class FiniteFloatField(serializers.FloatField):
    """Float other than NaN and infinity: NaN passes every limit, and neither can be sent back."""

    def to_internal_value(self, data: Any) -> float:
        try:
            number = super().to_internal_value(data)
        except OverflowError:  # of an integer that no float can represent
            number = math.inf
        if not math.isfinite(number):
            self.fail("invalid")
        return number


class OneLineTextField(serializers.CharField):
    """Title or label: without invisible and direction-changing characters and line breaks."""

    def __init__(self, *, max_length: int, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)

    def to_internal_value(self, data: Any) -> str:
        text = clean_text(super().to_internal_value(data), MAX_INPUT_LENGTH)
        if not text and not self.allow_blank:
            self.fail("blank")
        return text
