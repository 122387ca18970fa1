"""What a lesson says, as plain values: the shape that authors send and that files hold.

docs/lessons.md describes it. What is accepted here can be stored; every refusal says where and
why in words for the author.
"""

import math
from typing import Any

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from fer_lms.lessons.content.embeds import EmbedError, resolve_embed_url
from fer_lms.lessons.content.markdown import has_active_content
from fer_lms.lessons.models import Question, StepHint

FORMAT = "fer-lms.lesson"
VERSION = 1
MAX_STEPS = 100
MAX_BODY_LENGTH = 20_000
MAX_HINT_LENGTH = 2_000
MAX_CHOICES = 8
HINT_LEVELS = {"nudge": 1, "explanation": 2, "worked_example": 3}

Values = dict[str, Any]


class Shape(serializers.Serializer[Any]):
    """A plain object."""


class ChoiceDocument(Shape):
    text = serializers.CharField(max_length=200)
    right = serializers.BooleanField(default=False)


class QuestionDocument(Shape):
    kind = serializers.ChoiceField(choices=Question.Kind.choices)
    prompt = serializers.CharField(max_length=500)
    choices = ChoiceDocument(many=True, default=list)
    accepted = serializers.ListField(
        child=serializers.CharField(max_length=200), max_length=20, default=list
    )
    number = serializers.FloatField(allow_null=True, default=None)
    tolerance = serializers.FloatField(min_value=0, default=0.0)
    when_right = serializers.CharField(max_length=500, allow_blank=True, default="")
    when_wrong = serializers.CharField(max_length=500, allow_blank=True, default="")

    def validate(self, attrs: Values) -> Values:
        """Keeps what belongs to the kind, and asks that it can be answered."""
        kind = attrs["kind"]
        if kind == Question.Kind.CHOICE:
            _check_choices(attrs["choices"])
        elif kind == Question.Kind.TEXT and not attrs["accepted"]:
            raise serializers.ValidationError(
                {"accepted": _("Write at least one answer that counts as right.")}
            )
        elif kind == Question.Kind.NUMBER:
            _check_number(attrs)
        unused: Values = {
            Question.Kind.CHOICE: {"accepted": [], "number": None, "tolerance": 0.0},
            Question.Kind.TEXT: {"choices": [], "number": None, "tolerance": 0.0},
            Question.Kind.NUMBER: {"choices": [], "accepted": []},
        }
        whole: Values = attrs | unused[kind]
        return whole


class HintDocument(Shape):
    rung = serializers.ChoiceField(choices=list(HINT_LEVELS))
    text = serializers.CharField(max_length=MAX_HINT_LENGTH)
    simple_text = serializers.CharField(max_length=MAX_HINT_LENGTH, allow_blank=True, default="")
    symbol = serializers.ChoiceField(choices=StepHint.Symbol.choices, allow_blank=True, default="")


class EmbedDocument(Shape):
    url = serializers.CharField(max_length=500)
    title = serializers.CharField(max_length=200)

    def validate_url(self, url: str) -> str:
        try:
            return resolve_embed_url(url, allowed_hosts=settings.EMBED_HOSTS)
        except EmbedError as error:
            raise serializers.ValidationError(format_embed_error(error)) from error


class StepDocument(Shape):
    title = serializers.CharField(max_length=200)
    body = serializers.CharField(max_length=MAX_BODY_LENGTH, allow_blank=True, default="")
    easy_body = serializers.CharField(max_length=MAX_BODY_LENGTH, allow_blank=True, default="")
    embed = EmbedDocument(allow_null=True, default=None)
    question = QuestionDocument(allow_null=True, default=None)
    hints = HintDocument(many=True, default=list)

    def validate_hints(self, hints: list[Values]) -> list[Values]:
        rungs = [hint["rung"] for hint in hints]
        if len(set(rungs)) < len(rungs):
            raise serializers.ValidationError(_("Each rung of the ladder can be there once."))
        return hints


class LessonHeadDocument(Shape):
    title = serializers.CharField(max_length=200)
    summary = serializers.CharField(max_length=2000, allow_blank=True, default="")
    minutes = serializers.IntegerField(min_value=1, max_value=600, default=20)


class FilePictureDocument(Shape):
    file = serializers.RegexField(r"^pictures/[A-Za-z0-9_-]{1,60}\.(jpg|jpeg|png|webp|gif)$")
    alternative_text = serializers.CharField(max_length=500)


class FileStepDocument(StepDocument):
    picture = FilePictureDocument(allow_null=True, default=None)


class LessonDocument(LessonHeadDocument):
    format = serializers.CharField()
    version = serializers.IntegerField()
    steps = FileStepDocument(many=True)

    def validate_format(self, form: str) -> str:
        if form != FORMAT:
            raise serializers.ValidationError(_("This is no lesson file of this product."))
        return form

    def validate_version(self, version: int) -> int:
        if version != VERSION:
            raise serializers.ValidationError(
                gettext("Lesson files of version %(version)s are not known here.")
                % {"version": version}
            )
        return version

    def validate_steps(self, steps: list[Values]) -> list[Values]:
        if len(steps) > MAX_STEPS:
            raise serializers.ValidationError(
                gettext("A lesson has at most %(most)s steps.") % {"most": MAX_STEPS}
            )
        return steps


def contains_active_content(step: Values) -> bool:
    """Holds the step something that was meant to run? It is kept, and shown as text."""
    return has_active_content(step["body"]) or has_active_content(step["easy_body"])


def format_embed_error(error: EmbedError) -> str:
    if error.reason == "host_not_allowed":
        return gettext(
            "Pages from %(host)s may not be shown here. Allowed are: %(hosts)s. The administrator "
            "can allow more."
        ) % {"host": error.host, "hosts": ", ".join(settings.EMBED_HOSTS) or "-"}
    return gettext("That is no https address of a page.")


def _check_choices(choices: list[Values]) -> None:
    if not 2 <= len(choices) <= MAX_CHOICES:
        raise serializers.ValidationError(
            {"choices": gettext("Give between 2 and %(most)s choices.") % {"most": MAX_CHOICES}}
        )
    if not any(choice["right"] for choice in choices):
        raise serializers.ValidationError({"choices": _("Mark at least one choice as right.")})


def _check_number(attrs: Values) -> None:
    if attrs["number"] is None:
        raise serializers.ValidationError({"number": _("Say which number is right.")})
    if not (math.isfinite(attrs["number"]) and math.isfinite(attrs["tolerance"])):
        raise serializers.ValidationError({"number": _("That is no number.")})
