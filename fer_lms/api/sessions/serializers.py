"""Serializers of sessions: the lesson, its events and answers, the learner's profile."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from fer_lms.bounded_fields import BoundedIntegerField, BoundedListField
from fer_lms.lessons.content.embeds import EMBED_SANDBOX, EmbedError, resolve_embed_url
from fer_lms.lessons.content.markdown import render_cached
from fer_lms.lessons.marking import MAX_ANSWER_LENGTH
from fer_lms.lessons.models import (
    InteractionEvent,
    LearnerProfile,
    Lesson,
    LessonSession,
    Question,
    Role,
    Step,
    StepPicture,
)
from fer_lms.lessons.queries import list_steps_with_content

MAX_EVENTS_PER_REQUEST = 100
STATES = ("open", "ended")


# --- Session ---------------------------------------------------------------------------------
class StepPictureSerializer(serializers.ModelSerializer[StepPicture]):
    url = serializers.SerializerMethodField()

    class Meta:
        model = StepPicture
        fields = ("url", "alternative_text", "width", "height")

    def get_url(self, picture: StepPicture) -> str:
        return f"/api/v1/steps/{picture.step_id}/picture?v={picture.sha256[:12]}"


class EmbedSerializer(serializers.Serializer[Any]):
    url = serializers.CharField()
    title = serializers.CharField()
    host = serializers.CharField()
    sandbox = serializers.CharField()


class QuestionSerializer(serializers.Serializer[Any]):
    """A question without its accepted answers."""

    kind = serializers.ChoiceField(choices=Question.Kind.choices)
    prompt = serializers.CharField()
    choices = serializers.ListField(child=serializers.CharField())


class StepSerializer(serializers.ModelSerializer[Step]):
    html = serializers.SerializerMethodField(help_text="safe HTML of `body`")
    easy_html = serializers.SerializerMethodField(help_text="safe HTML of the easier form, or ''")
    picture = serializers.SerializerMethodField()
    embed = serializers.SerializerMethodField()
    question = serializers.SerializerMethodField()
    hints = serializers.SerializerMethodField(help_text="number of hint levels")

    class Meta:
        model = Step
        fields = (
            "id",
            "revision",
            "position",
            "title",
            "body",
            "html",
            "easy_html",
            "picture",
            "embed",
            "question",
            "hints",
        )

    def get_html(self, step: Step) -> str:
        return render_cached(step.body)

    def get_easy_html(self, step: Step) -> str:
        return render_cached(step.easy_body) if step.easy_body else ""

    @extend_schema_field(StepPictureSerializer(allow_null=True))
    def get_picture(self, step: Step) -> dict[str, Any] | None:
        return StepPictureSerializer(step.picture).data if hasattr(step, "picture") else None

    @extend_schema_field(EmbedSerializer(allow_null=True))
    def get_embed(self, step: Step) -> dict[str, Any] | None:
        return represent_embed(step)

    @extend_schema_field(QuestionSerializer(allow_null=True))
    def get_question(self, step: Step) -> dict[str, Any] | None:
        question = getattr(step, "question", None)
        if question is None:
            return None
        choices = [choice["text"] for choice in question.choices]
        return {"kind": question.kind, "prompt": question.prompt, "choices": choices}

    def get_hints(self, step: Step) -> int:
        return len(step.hints.all())


def represent_embed(step: Step) -> dict[str, Any] | None:
    """Return the embed of a step; None where its host is no longer allowed."""
    try:
        url = resolve_embed_url(step.embed_url, allowed_hosts=settings.EMBED_HOSTS)
    except EmbedError:
        return None
    host = urlsplit(url).hostname
    return {"url": url, "title": step.embed_title, "host": host, "sandbox": EMBED_SANDBOX}


class LessonSerializer(serializers.ModelSerializer[Lesson]):
    steps = serializers.SerializerMethodField()

    class Meta:
        model = Lesson
        fields = ("id", "title", "summary", "minutes", "language", "steps")

    @extend_schema_field(StepSerializer(many=True))
    def get_steps(self, lesson: Lesson) -> list[dict[str, Any]]:
        return list(StepSerializer(list_steps_with_content(lesson), many=True).data)


class SessionPolicySerializer(serializers.Serializer[Any]):
    inference = serializers.BooleanField()
    research = serializers.BooleanField(help_text="whether the consent form offers research")
    on_device_only = serializers.BooleanField(help_text="camera frames must stay on the device")
    face_evidence_in_hints = serializers.BooleanField(
        help_text="signs in the face may lead to hints; otherwise nothing is calibrated"
    )
    banner = serializers.CharField(allow_blank=True)


class StepProgressSerializer(serializers.Serializer[Any]):
    """What the learner who asks has done in one step."""

    step_id = serializers.IntegerField()
    attempts = serializers.IntegerField(help_text="number of answers")
    right = serializers.BooleanField(help_text="whether one of them was right")
    rating = serializers.CharField(
        allow_blank=True, help_text="easy, fine or hard; empty: not rated"
    )


class SessionSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=STATES)
    started_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField(
        allow_null=True, help_text="when the session closes by itself; null: when a teacher ends it"
    )
    ended_at = serializers.DateTimeField(allow_null=True)
    role = serializers.ChoiceField(choices=Role.choices)
    participant_id = serializers.UUIDField(allow_null=True)
    lesson = LessonSerializer()
    progress = StepProgressSerializer(many=True, help_text="the learner's own; empty for a teacher")
    policy = SessionPolicySerializer()
    kept_days = serializers.IntegerField()


# --- Events and answers ----------------------------------------------------------------------
EVENT_VALUES: dict[str, list[str]] = {
    InteractionEvent.Kind.ANSWERED: InteractionEvent.Answer.values,
    InteractionEvent.Kind.SELF_REPORT: InteractionEvent.SelfReport.values,
}
MAX_DURATION_S = 86_400


class EventSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=InteractionEvent.Kind.choices)
    step_id = BoundedIntegerField(allow_null=True, default=None)
    value = serializers.CharField(
        max_length=32,
        allow_blank=True,
        allow_null=True,
        default=None,
        help_text="self_report: easy, fine, hard; answered: right, wrong",
    )
    attempts = serializers.IntegerField(
        min_value=1,
        max_value=1000,
        allow_null=True,
        default=None,
        help_text="answered: number of this attempt",
    )
    seconds = serializers.IntegerField(
        min_value=0,
        max_value=MAX_DURATION_S,
        allow_null=True,
        default=None,
        help_text="answered: since the step was opened; idle: duration",
    )
    ago_ms = serializers.IntegerField(
        min_value=0,
        max_value=MAX_DURATION_S * 1000,
        default=0,
        help_text="age by the client's monotonic clock; more than ten minutes count as ten",
    )
    key = serializers.CharField(
        max_length=36,
        allow_blank=True,
        default="",
        help_text="idempotency key: events with the same key are stored once",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        allowed = EVENT_VALUES.get(attrs["kind"])
        if allowed and attrs["value"] not in allowed:
            raise serializers.ValidationError({"value": f"One of: {', '.join(allowed)}."})
        return attrs


class EventBatchSerializer(serializers.Serializer[Any]):
    events = BoundedListField(child=EventSerializer(), max_length=MAX_EVENTS_PER_REQUEST)


class AnswerSerializer(serializers.Serializer[Any]):
    step_id = BoundedIntegerField()
    revision = BoundedIntegerField(
        allow_null=True, default=None, help_text="of the step that was shown; 409 where it changed"
    )
    answer = serializers.CharField(
        max_length=MAX_ANSWER_LENGTH, help_text="choice: its index from 0; otherwise the text"
    )
    seconds = serializers.IntegerField(
        min_value=0, max_value=MAX_DURATION_S, allow_null=True, default=None
    )
    key = serializers.CharField(
        max_length=36,
        allow_blank=True,
        default="",
        help_text="idempotency key: an answer with the same key is graded once",
    )
    ago_ms = serializers.IntegerField(
        min_value=0,
        max_value=MAX_DURATION_S * 1000,
        default=0,
        help_text="age of an answer that waited for a connection",
    )


class GradedAnswerSerializer(serializers.Serializer[Any]):
    right = serializers.BooleanField()
    attempts = serializers.IntegerField()
    feedback = serializers.CharField(allow_blank=True)


class ProfileSerializer(serializers.ModelSerializer[LearnerProfile]):
    class Meta:
        model = LearnerProfile
        fields = (
            "hint_form",
            "reading_level",
            "no_camera",
            "expressions_do_not_fit",
            "hints_muted",
        )


class StoredCountSerializer(serializers.Serializer[Any]):
    stored = serializers.IntegerField()


# --- Lists of lessons --------------------------------------------------------------------------
class SessionSummarySerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.SerializerMethodField()
    started_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(source="closed_at", allow_null=True)
    activity_id = serializers.IntegerField(
        allow_null=True, help_text="null: the first activity of the lesson"
    )
    finding = serializers.SerializerMethodField()

    def get_state(self, session: LessonSession) -> str:
        return "open" if session.is_open else "ended"

    def get_finding(self, session: LessonSession) -> str | None:
        findings: dict[object, str] = self.context["findings"]
        return findings.get(session.pk)


class ActivitySerializer(serializers.Serializer[Any]):
    """An entrance to the lesson in the learning platform; its students have own sessions."""

    id = serializers.IntegerField()
    title = serializers.CharField(allow_blank=True)


class LessonSummarySerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    title = serializers.CharField()
    course = serializers.CharField(source="course.title")
    course_id = serializers.IntegerField()
    activities = ActivitySerializer(many=True)
    sessions = SessionSummarySerializer(many=True)


class ClosingTimeSerializer(serializers.Serializer[Any]):
    closes_at = serializers.DateTimeField(
        allow_null=True, help_text="a time to come, before the first data of the session is deleted"
    )


class NewSessionSerializer(serializers.Serializer[Any]):
    closes_at = serializers.DateTimeField(allow_null=True, default=None)
    activity_id = BoundedIntegerField(
        allow_null=True,
        default=None,
        help_text="whose students come into the session; null: those of the first activity",
    )


class CreatedSessionSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
