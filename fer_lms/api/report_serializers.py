"""The shapes of lists of lessons and of reports: the learner's own, and the teacher's."""

from rest_framework import serializers

from fer_lms.api.serializers import Shape
from fer_lms.lessons.models import LessonSession
from fer_lms.reports.models import Correction


class OwnWordShape(Shape):
    said = serializers.ChoiceField(choices=Correction.Said.choices)
    words = serializers.CharField(max_length=200, allow_blank=True, default="")


class OwnWordOnShape(OwnWordShape):
    start = serializers.DateTimeField(help_text="of the ten seconds, as my-report tells it")
    said = serializers.ChoiceField(
        choices=Correction.Said.choices, allow_blank=True, help_text="empty: take the word back"
    )


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
    own_word = OwnWordShape(
        source="correction", allow_null=True, default=None, help_text="what the learner says"
    )


class MyReportShape(Shape):
    windows = WindowShape(many=True)
    kept_until = serializers.DateTimeField()


class OwnReportShape(MyReportShape):
    lesson = serializers.CharField()
    started_at = serializers.DateTimeField()


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
    course_id = serializers.IntegerField()
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
    """The camera's figures, and those that need none: of an ended sitting only."""

    position = serializers.IntegerField()
    title = serializers.CharField()
    seconds = serializers.IntegerField(allow_null=True)
    right_at_first = serializers.FloatField(
        allow_null=True, help_text="share; at least 1/k and at most 1 - 1/k are told"
    )
    asked_for_hint = serializers.FloatField(allow_null=True, help_text="share, likewise")
    idle = serializers.FloatField(allow_null=True, help_text="share, likewise")
    said = serializers.DictField(
        child=serializers.FloatField(), allow_null=True, help_text="easy, fine, hard: shares"
    )


class ModelShape(Shape):
    name = serializers.CharField()
    sha256 = serializers.CharField(allow_blank=True, help_text="empty where all was simulated")
    accuracy = serializers.CharField(help_text="where the model's measured accuracy is written")


class SpokeShape(Shape):
    part = serializers.CharField()
    words = serializers.CharField()
    share = serializers.FloatField(help_text="of those to whom it came")


class SilenceShape(Shape):
    reason = serializers.CharField()
    words = serializers.CharField()
    share = serializers.FloatField(help_text="of all learners")


class HelpRowShape(Shape):
    """One rule's hints, or those that were asked for. Only of at least k learners."""

    asked = serializers.BooleanField()
    title = serializers.CharField(allow_blank=True)
    learners = serializers.FloatField(help_text="to which share of the learners they came")
    steps = serializers.ListField(
        child=serializers.IntegerField(), help_text="positions, where they came to k learners"
    )
    why = SpokeShape(many=True, help_text="what spoke for them, each of k learners")
    answers = serializers.DictField(
        child=serializers.FloatField(),
        allow_null=True,
        help_text="helped, not_now, fine, alone: shares of those who said something",
    )


class HelpShape(Shape):
    rules = HelpRowShape(many=True)
    silent = SilenceShape(many=True, help_text="why rules were silent at the end")


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
    help = HelpShape(allow_null=True, help_text="of an ended sitting only")
    limits = serializers.ListField(child=serializers.CharField())
    kept_until = serializers.DateTimeField()
    figures_until = serializers.DateTimeField(
        allow_null=True, help_text="start of the newest ten seconds in the figures"
    )
    live_seconds = serializers.IntegerField(help_text="between two live figures")
