"""Serializers of the lesson document, the JSON of the lesson editor and of lesson files.

Format: docs/teacher/lesson-file.md. Error messages give the author the field and the reason.
"""

import math
from typing import Any

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from fer_lms.bounded_fields import (
    BoundedIntegerField,
    BoundedListField,
    FiniteFloatField,
    OneLineTextField,
    build_bounded_list,
)
from fer_lms.lessons.content.embeds import EmbedError, resolve_embed_url
from fer_lms.lessons.content.markdown import has_active_content
from fer_lms.lessons.models import Question, StepHint
from fer_lms.serializer_aliases import AliasedSerializer

LESSON_FORMAT = "fer-lms.lesson"
LESSON_FORMAT_VERSION = 1
MAX_STEPS = 100
MAX_BODY_LENGTH = 20_000
MAX_LESSON_CHARACTERS = 200_000
"""Of the Markdown of all steps, about a hundred printed pages."""
MAX_LESSON_PICTURE_BYTES = 24 * 1024 * 1024
"""Of all stored pictures of a lesson; with its texts it fits into a lesson file."""
MAX_HINT_LENGTH = 2_000
MAX_CHOICES = 8
HINT_LEVELS = {"nudge": 1, "explanation": 2, "worked_example": 3}

JsonObject = dict[str, Any]


class ChoiceDocumentSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=200)
    right = serializers.BooleanField(default=False)


class QuestionDocumentSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=Question.Kind.choices)
    prompt = serializers.CharField(max_length=500)
    choices = build_bounded_list(ChoiceDocumentSerializer(), default=list, max_length=MAX_CHOICES)
    accepted = BoundedListField(
        child=serializers.CharField(max_length=200), max_length=20, default=list
    )
    number = FiniteFloatField(allow_null=True, default=None)
    tolerance = FiniteFloatField(min_value=0, default=0.0)
    when_right = serializers.CharField(max_length=500, allow_blank=True, default="")
    when_wrong = serializers.CharField(max_length=500, allow_blank=True, default="")

    def validate(self, attrs: JsonObject) -> JsonObject:
        """Require a solution for the kind of question, and reset the fields of other kinds."""
        kind = attrs["kind"]
        if kind == Question.Kind.CHOICE:
            _check_choices(attrs["choices"])
        elif kind == Question.Kind.TEXT and not attrs["accepted"]:
            raise serializers.ValidationError({"accepted": _("Write at least one right answer.")})
        elif kind == Question.Kind.NUMBER:
            _check_number(attrs)
        unused: JsonObject = {
            Question.Kind.CHOICE: {"accepted": [], "number": None, "tolerance": 0.0},
            Question.Kind.TEXT: {"choices": [], "number": None, "tolerance": 0.0},
            Question.Kind.NUMBER: {"choices": [], "accepted": []},
        }
        cleaned: JsonObject = attrs | unused[kind]
        return cleaned


@extend_schema_serializer(deprecate_fields=["rung"])
class HintDocumentSerializer(AliasedSerializer):
    """The hint of one level."""

    former_names = {"rung": "level"}

    level = serializers.ChoiceField(choices=list(HINT_LEVELS))
    rung = serializers.ChoiceField(
        choices=list(HINT_LEVELS), required=False, help_text="deprecated: use `level`"
    )
    text = serializers.CharField(max_length=MAX_HINT_LENGTH)
    simple_text = serializers.CharField(max_length=MAX_HINT_LENGTH, allow_blank=True, default="")
    symbol = serializers.ChoiceField(choices=StepHint.Symbol.choices, allow_blank=True, default="")


class EmbedDocumentSerializer(serializers.Serializer[Any]):
    url = serializers.CharField(max_length=500)
    title = OneLineTextField(max_length=200)

    def validate_url(self, url: str) -> str:
        try:
            return resolve_embed_url(url, allowed_hosts=settings.EMBED_HOSTS)
        except EmbedError as error:
            raise serializers.ValidationError(format_embed_error(error)) from error


class StepDocumentSerializer(serializers.Serializer[Any]):
    title = OneLineTextField(max_length=200)
    body = serializers.CharField(max_length=MAX_BODY_LENGTH, allow_blank=True, default="")
    easy_body = serializers.CharField(max_length=MAX_BODY_LENGTH, allow_blank=True, default="")
    embed = EmbedDocumentSerializer(allow_null=True, default=None)
    question = QuestionDocumentSerializer(allow_null=True, default=None)
    hints = build_bounded_list(HintDocumentSerializer(), default=list, max_length=len(HINT_LEVELS))

    def validate_hints(self, hints: list[JsonObject]) -> list[JsonObject]:
        levels = [hint["level"] for hint in hints]
        if len(set(levels)) < len(levels):
            raise serializers.ValidationError(_("Write each kind of hint only once."))
        return hints


class LessonHeadDocumentSerializer(serializers.Serializer[Any]):
    title = OneLineTextField(max_length=200)
    summary = serializers.CharField(max_length=2000, allow_blank=True, default="")
    minutes = serializers.IntegerField(min_value=1, max_value=600, default=20)
    language = serializers.RegexField(
        r"^([A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*)?$",
        max_length=35,
        allow_blank=True,
        default="",
        help_text="language tag such as de or ar; empty: not stated",
        error_messages={"invalid": _("Write a language tag such as en, de or ar.")},
    )


class FilePictureDocumentSerializer(serializers.Serializer[Any]):
    file = serializers.RegexField(r"^pictures/[A-Za-z0-9_-]{1,60}\.(jpg|jpeg|png|webp|gif)$")
    alternative_text = OneLineTextField(max_length=500)


class FileStepDocumentSerializer(StepDocumentSerializer):
    picture = FilePictureDocumentSerializer(allow_null=True, default=None)


class LessonDocumentSerializer(LessonHeadDocumentSerializer):
    format = serializers.CharField(max_length=100)
    version = BoundedIntegerField()
    steps = build_bounded_list(FileStepDocumentSerializer(), max_length=MAX_STEPS)

    def validate_format(self, value: str) -> str:
        if value != LESSON_FORMAT:
            raise serializers.ValidationError(_("This is not an fer-lms lesson file."))
        return value

    def validate_version(self, version: int) -> int:
        if version != LESSON_FORMAT_VERSION:
            raise serializers.ValidationError(
                gettext("Lesson files of version %(version)s are not supported.")
                % {"version": version}
            )
        return version

    def validate_steps(self, steps: list[JsonObject]) -> list[JsonObject]:
        if sum(map(count_characters, steps)) > MAX_LESSON_CHARACTERS:
            raise serializers.ValidationError(format_length_error())
        return steps


def count_characters(step: JsonObject) -> int:
    """Count the Markdown of a step, which is rendered whenever a learner opens the lesson."""
    return len(step["body"]) + len(step["easy_body"])


def format_length_error() -> str:
    return gettext("The texts of a lesson have at most %(max)s characters in all.") % {
        "max": MAX_LESSON_CHARACTERS
    }


def format_pictures_error() -> str:
    return gettext("The pictures of a lesson have at most %(max)s MB in all.") % {
        "max": MAX_LESSON_PICTURE_BYTES // 2**20
    }


def contains_active_content(step: JsonObject) -> bool:
    """Return whether a step contains HTML or script, which learners see as plain text."""
    return has_active_content(step["body"]) or has_active_content(step["easy_body"])


def format_embed_error(error: EmbedError) -> str:
    if error.reason == "host_not_allowed":
        return gettext(
            "Pages from %(host)s cannot be shown. Allowed: %(hosts)s. "
            "An administrator can allow more."
        ) % {"host": error.host, "hosts": ", ".join(settings.EMBED_HOSTS) or "-"}
    return gettext("This is not an https address.")


def _check_choices(choices: list[JsonObject]) -> None:
    if not 2 <= len(choices) <= MAX_CHOICES:
        raise serializers.ValidationError(
            {"choices": gettext("Give between 2 and %(max)s choices.") % {"max": MAX_CHOICES}}
        )
    if not any(choice["right"] for choice in choices):
        raise serializers.ValidationError({"choices": _("Mark at least one choice as right.")})


def _check_number(attrs: JsonObject) -> None:
    if attrs["number"] is None:
        raise serializers.ValidationError({"number": _("Enter the right number.")})
    if not (math.isfinite(attrs["number"]) and math.isfinite(attrs["tolerance"])):
        raise serializers.ValidationError({"number": _("This is not a number.")})
