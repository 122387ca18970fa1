"""The shapes of requests and answers, as OpenAPI shows them."""

from typing import Any

from rest_framework import serializers

from fer_lms.lessons.models import InteractionEvent, Lesson, LessonSession, Role, Step

MOST_EVENTS = 100
STATES = ("open", "ended")


class Shape(serializers.Serializer[Any]):
    """A plain object: what a view returns or takes."""


class ProblemShape(Shape):
    detail = serializers.CharField()
    reason = serializers.CharField()


class StaleTextShape(ProblemShape):
    text_version = serializers.CharField()


# --- A sitting -------------------------------------------------------------------------------
class StepShape(serializers.ModelSerializer[Step]):
    class Meta:
        model = Step
        fields = ("id", "position", "title", "body")


class LessonShape(serializers.ModelSerializer[Lesson]):
    steps = StepShape(many=True, read_only=True)

    class Meta:
        model = Lesson
        fields = ("id", "title", "summary", "minutes", "steps")


class PolicyShape(Shape):
    inference = serializers.BooleanField()
    banner = serializers.CharField(allow_blank=True)


class SessionShape(Shape):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=STATES)
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    role = serializers.ChoiceField(choices=Role.choices)
    participant_id = serializers.UUIDField(allow_null=True)
    lesson = LessonShape()
    policy = PolicyShape()
    kept_days = serializers.IntegerField()


# --- Consent ---------------------------------------------------------------------------------
class GrantsShape(Shape):
    capture = serializers.BooleanField(default=False)
    server_processing = serializers.BooleanField(default=False)
    own_view = serializers.BooleanField(default=False)
    support_view = serializers.BooleanField(default=False)
    research = serializers.BooleanField(default=False)


class ConsentAnswerShape(GrantsShape):
    text_version = serializers.CharField(max_length=32)


class ConsentPointShape(Shape):
    heading = serializers.CharField()
    body = serializers.CharField()


class ConsentFormShape(Shape):
    title = serializers.CharField()
    intro = serializers.CharField()
    points = ConsentPointShape(many=True)


class ConsentShape(Shape):
    text_version = serializers.CharField()
    text = serializers.DictField(
        child=serializers.DictField(child=ConsentFormShape()),
        help_text="by locale, then by form: standard, easy",
    )
    granted = GrantsShape()
    state = serializers.ChoiceField(choices=("none", "granted", "pending_guardian", "withdrawn"))
    epoch = serializers.IntegerField()
    erased = serializers.BooleanField()
    receipt = serializers.CharField(allow_blank=True)


# --- What a learner does ---------------------------------------------------------------------
MEANINGS: dict[str, list[str]] = {
    InteractionEvent.Kind.ANSWERED: InteractionEvent.Answer.values,
    InteractionEvent.Kind.SELF_REPORT: InteractionEvent.SelfReport.values,
}
DAY_SECONDS = 86_400


class EventShape(Shape):
    kind = serializers.ChoiceField(choices=InteractionEvent.Kind.choices)
    step_id = serializers.IntegerField(allow_null=True, default=None)
    value = serializers.CharField(
        max_length=32,
        allow_blank=True,
        allow_null=True,
        default=None,
        help_text="self_report: easy, fine, hard; answered: right, wrong",
    )
    attempts = serializers.IntegerField(
        min_value=1, max_value=1000, allow_null=True, default=None, help_text="answered: which try"
    )
    seconds = serializers.IntegerField(
        min_value=0,
        max_value=DAY_SECONDS,
        allow_null=True,
        default=None,
        help_text="answered: since the step was opened; idle: how long",
    )
    ago_ms = serializers.IntegerField(
        min_value=0,
        max_value=DAY_SECONDS * 1000,
        default=0,
        help_text="how long ago, by the client's monotonic clock; ten minutes at most count",
    )
    key = serializers.CharField(
        max_length=36,
        allow_blank=True,
        default="",
        help_text="any unique text: what is sent twice with the same key is stored once",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        meanings = MEANINGS.get(attrs["kind"])
        if meanings and attrs["value"] not in meanings:
            raise serializers.ValidationError({"value": f"One of: {', '.join(meanings)}."})
        return attrs


class EventsShape(Shape):
    events = serializers.ListField(child=EventShape(), max_length=MOST_EVENTS)


class StoredShape(Shape):
    stored = serializers.IntegerField()


class HintShape(Shape):
    hint_id = serializers.IntegerField()
    title = serializers.CharField()
    body = serializers.CharField()
    why = serializers.CharField()


class WindowShape(Shape):
    start = serializers.DateTimeField(source="start_at")
    state = serializers.ChoiceField(choices=("provisional", "closed"))
    received = serializers.IntegerField()
    refused = serializers.DictField(child=serializers.IntegerField())
    accepted = serializers.IntegerField()
    processed = serializers.IntegerField()
    lost = serializers.DictField(child=serializers.IntegerField())
    coverage = serializers.FloatField()
    expressions = serializers.DictField(child=serializers.FloatField(), allow_null=True)
    engagement = serializers.FloatField(allow_null=True)


class MyReportShape(Shape):
    windows = WindowShape(many=True)
    kept_until = serializers.DateTimeField()


# --- What a teacher sees ---------------------------------------------------------------------
class LessonSessionShape(Shape):
    id = serializers.UUIDField()
    state = serializers.SerializerMethodField()
    started_at = serializers.DateTimeField()
    finding = serializers.SerializerMethodField()

    def get_state(self, session: LessonSession) -> str:
        return "open" if session.is_open else "ended"

    def get_finding(self, session: LessonSession) -> str | None:
        findings: dict[object, str] = self.context["findings"]
        return findings.get(session.pk)


class LessonListShape(Shape):
    id = serializers.IntegerField()
    title = serializers.CharField()
    course = serializers.CharField(source="course.title")
    sessions = LessonSessionShape(many=True)


class NewSessionShape(Shape):
    id = serializers.UUIDField()


class LevelsShape(Shape):
    high = serializers.FloatField()
    medium = serializers.FloatField()
    low = serializers.FloatField()


class EngagementShape(Shape):
    mean = serializers.FloatField()
    levels = LevelsShape()


class FiguresShape(Shape):
    coverage = serializers.FloatField(allow_null=True)
    engagement = serializers.FloatField(allow_null=True)
    withheld = serializers.CharField(allow_null=True)


class TimelineRowShape(FiguresShape):
    start = serializers.DateTimeField()
    expressions = serializers.DictField(child=serializers.FloatField(), allow_null=True)


class StepRowShape(FiguresShape):
    position = serializers.IntegerField()
    title = serializers.CharField()
    seconds = serializers.IntegerField(allow_null=True)


class ModelShape(Shape):
    name = serializers.CharField()
    sha256 = serializers.CharField(allow_blank=True, help_text="empty where all was simulated")
    accuracy = serializers.CharField(help_text="where the model's measured accuracy is written")


class ReportShape(Shape):
    state = serializers.ChoiceField(choices=("open", "provisional", "final"))
    title = serializers.CharField()
    finding = serializers.CharField()
    withheld = serializers.CharField(allow_null=True)
    contributors_at_least = serializers.IntegerField(allow_null=True)
    coverage = serializers.FloatField(allow_null=True)
    model = ModelShape(allow_null=True)
    preset = serializers.CharField()
    simulated = serializers.BooleanField()
    engagement = EngagementShape(allow_null=True)
    expressions = serializers.DictField(child=serializers.FloatField(), allow_null=True)
    timeline = TimelineRowShape(many=True)
    steps = StepRowShape(many=True)
    limits = serializers.ListField(child=serializers.CharField())
    kept_until = serializers.DateTimeField()
