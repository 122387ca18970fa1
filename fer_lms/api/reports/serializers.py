"""Serializers of reports: the learner's own, what is shared of it, and the teacher's."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from fer_lms.lessons.models import Supporter
from fer_lms.reports.models import Correction
from fer_lms.reports.own_activity import HINT, SHOWN_KINDS
from fer_lms.serializer_aliases import AliasedSerializer


@extend_schema_serializer(deprecate_fields=["said", "words"])
class CorrectionSerializer(serializers.Serializer[Any]):
    value = serializers.ChoiceField(source="said", choices=Correction.ReportedState.choices)
    text = serializers.CharField(source="words")
    said = serializers.ChoiceField(
        choices=Correction.ReportedState.choices, help_text="deprecated: use `value`"
    )
    words = serializers.CharField(help_text="deprecated: use `text`")


@extend_schema_serializer(deprecate_fields=["said", "words"])
class WindowCorrectionSerializer(AliasedSerializer):
    """The learner's correction of one window."""

    former_names = {"said": "value", "words": "text"}

    start = serializers.DateTimeField(help_text="start of the window, as in my-report")
    value = serializers.ChoiceField(
        choices=Correction.ReportedState.choices,
        allow_blank=True,
        help_text="empty: remove the correction",
    )
    text = serializers.CharField(max_length=200, allow_blank=True, default="")
    said = serializers.ChoiceField(
        choices=Correction.ReportedState.choices,
        allow_blank=True,
        required=False,
        help_text="deprecated: use `value`",
    )
    words = serializers.CharField(
        max_length=200, allow_blank=True, required=False, help_text="deprecated: use `text`"
    )


@extend_schema_serializer(deprecate_fields=["own_word"])
class ObservationWindowSerializer(serializers.Serializer[Any]):
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
    correction = CorrectionSerializer(
        allow_null=True, default=None, help_text="the learner's correction"
    )
    own_word = CorrectionSerializer(
        source="correction",
        allow_null=True,
        default=None,
        help_text="deprecated: use `correction`",
    )


class OwnActionSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=(*SHOWN_KINDS, HINT))
    step = serializers.CharField(allow_blank=True, help_text="title of the step")
    value = serializers.CharField(allow_blank=True, help_text="right or wrong; easy, fine or hard")
    text = serializers.CharField(allow_blank=True, help_text="title of the hint")


class LearnerWindowsSerializer(serializers.Serializer[Any]):
    windows = ObservationWindowSerializer(many=True)
    actions = OwnActionSerializer(many=True, help_text="what the learner did, and hints shown")
    kept_until = serializers.DateTimeField()


class MyReportSerializer(LearnerWindowsSerializer):
    lesson = serializers.CharField()
    started_at = serializers.DateTimeField()
    joined_at = serializers.DateTimeField(
        help_text="when the learner came; lesson time counts from it"
    )


class SupportLinkSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    learner = serializers.SerializerMethodField()
    course = serializers.CharField(source="course.title")

    def get_learner(self, link: Supporter) -> str:
        return link.learner.display_name


class SharedSessionSerializer(serializers.Serializer[Any]):
    session_id = serializers.UUIDField()
    lesson = serializers.CharField(source="session.lesson.title")
    started_at = serializers.DateTimeField(source="session.started_at")


@extend_schema_serializer(deprecate_fields=["sittings"])
class SupportedLearnerSerializer(SupportLinkSerializer):
    sessions = SharedSessionSerializer(many=True, help_text="shared sessions that have data")
    sittings = SharedSessionSerializer(many=True, help_text="deprecated: use `sessions`")


class SharedReportSerializer(LearnerWindowsSerializer):
    lesson = serializers.CharField(source="participant.session.lesson.title")
    started_at = serializers.DateTimeField(source="participant.session.started_at")
    joined_at = serializers.DateTimeField(source="participant.joined_at")


class EngagementLevelsSerializer(serializers.Serializer[Any]):
    high = serializers.FloatField()
    medium = serializers.FloatField()
    low = serializers.FloatField()


class EngagementSerializer(serializers.Serializer[Any]):
    mean = serializers.FloatField(help_text="rounded to 0.1")
    levels = EngagementLevelsSerializer(
        allow_null=True,
        help_text="share of the time at each level, rounded to 0.1; null while the lesson is open",
    )


class MetricsSerializer(serializers.Serializer[Any]):
    coverage = serializers.FloatField(
        allow_null=True, help_text="always null; kept for compatibility"
    )
    engagement = serializers.FloatField(allow_null=True, help_text="rounded to 0.1")
    change = serializers.ChoiceField(
        choices=("lower", "similar", "higher"),
        allow_null=True,
        help_text="compared with the lesson's mean; only where `level_withheld` is given",
    )
    withheld = serializers.CharField(
        allow_null=True,
        help_text="few_present, or a reason of the whole report",
    )


class TimelineRowSerializer(MetricsSerializer):
    start = serializers.IntegerField(help_text="seconds, see `timeline_unit`")
    expressions = serializers.DictField(child=serializers.FloatField(), allow_null=True)


class StepRatingSharesSerializer(serializers.Serializer[Any]):
    easy = serializers.FloatField()
    fine = serializers.FloatField()
    hard = serializers.FloatField()


@extend_schema_serializer(deprecate_fields=["said"])
class StepRowSerializer(MetricsSerializer):
    """Metrics from the camera and, of an ended session, from events."""

    position = serializers.IntegerField()
    title = serializers.CharField()
    seconds = serializers.IntegerField(allow_null=True)
    right_at_first = serializers.FloatField(
        allow_null=True, help_text="share, rounded to 0.05 and clamped to [1/k, 1 - 1/k]"
    )
    asked_for_hint = serializers.FloatField(allow_null=True, help_text="share, clamped likewise")
    right_after_hint = serializers.FloatField(
        allow_null=True,
        default=None,
        help_text="share of those who asked for a hint, answered, and had no right answer before; "
        "clamped likewise. Null in reports of earlier versions",
    )
    idle = serializers.FloatField(allow_null=True, help_text="share, clamped likewise")
    self_reports = StepRatingSharesSerializer(
        source="said", allow_null=True, help_text="shares of the learners' ratings"
    )
    said = StepRatingSharesSerializer(allow_null=True, help_text="deprecated: use `self_reports`")


class ModelInfoSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    sha256 = serializers.CharField(allow_blank=True, help_text="empty for simulated data")
    accuracy = serializers.CharField(help_text="where the model's measured accuracy is documented")


class FiringReasonSerializer(serializers.Serializer[Any]):
    part = serializers.CharField()
    words = serializers.CharField()
    share = serializers.FloatField(help_text="of the learners who got the hint")


class SilenceReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField()
    words = serializers.CharField()
    share = serializers.FloatField(help_text="of all learners")


class RuleHelpSerializer(serializers.Serializer[Any]):
    """Hints of a version of a rule that at least k learners could have had, or requested hints."""

    asked = serializers.BooleanField()
    title = serializers.CharField(allow_blank=True)
    version = serializers.IntegerField(
        allow_null=True, help_text="number of the rule's version; null for requested hints"
    )
    withheld = serializers.ChoiceField(
        choices=("face_evidence",),
        allow_null=True,
        help_text="face_evidence: the policy permitted faces in hints; then nothing is stated",
    )
    learners = serializers.FloatField(
        allow_null=True,
        help_text="share who got them, of those who could have had them by rule and attendance; "
        "rounded to 0.05 and clamped to [1/k, 1 - 1/k]",
    )
    steps = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="positions of steps where at least k learners got them",
    )
    why = FiringReasonSerializer(
        many=True, help_text="evidence for the hints, each of at least k learners"
    )
    answers = serializers.DictField(
        child=serializers.FloatField(),
        allow_null=True,
        help_text="shares of helped, not_now, fine, alone among the answers",
    )


class HelpSerializer(serializers.Serializer[Any]):
    rules = RuleHelpSerializer(many=True)
    silent = SilenceReasonSerializer(many=True, help_text="why rules did not fire at the end")


class ComparedStepSerializer(serializers.Serializer[Any]):
    position = serializers.IntegerField()
    called_hard = serializers.FloatField(allow_null=True, help_text="`self_reports.hard`")
    asked_for_hint = serializers.FloatField(allow_null=True)
    right_at_first = serializers.FloatField(allow_null=True)
    is_hard = serializers.BooleanField(help_text="by the rule of the headline")


class ComparedSessionSerializer(serializers.Serializer[Any]):
    """Shares of one session's final report, unchanged; without a camera."""

    session_id = serializers.UUIDField()
    started_at = serializers.DateTimeField()
    steps = ComparedStepSerializer(many=True, help_text="the steps that both sessions have")


class LiveStepSerializer(serializers.Serializer[Any]):
    position = serializers.IntegerField()
    title = serializers.CharField()
    on_step = serializers.ChoiceField(
        choices=("some", "half", "most"),
        allow_null=True,
        help_text="part of the students in the lesson who are on this step now; null: fewer than k",
    )
    asked_for_hint = serializers.ChoiceField(
        choices=("several", "most"), allow_null=True, help_text="null: fewer than k, or not known"
    )
    may_be_stuck = serializers.BooleanField(
        help_text="at least k students who are on it now asked for a hint, called it hard or "
        "answered wrong twice, without a right answer since; until most have left the step"
    )


class LiveSerializer(serializers.Serializer[Any]):
    """The class now, without a camera, as released at the policy's interval."""

    released_at = serializers.DateTimeField(allow_null=True)
    withheld = serializers.CharField(
        allow_null=True, help_text="not_yet, few_present (fewer than k + 3 students) or withdrawn"
    )
    first_step = serializers.IntegerField(
        allow_null=True, help_text="position of the first step on which the middle of the class is"
    )
    last_step = serializers.IntegerField(allow_null=True)
    steps = LiveStepSerializer(many=True)


@extend_schema_serializer(deprecate_fields=["figures_until"])
class ReportSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=("open", "provisional", "final"))
    closes_at = serializers.DateTimeField(
        allow_null=True, help_text="when the session closes by itself; null: when a teacher ends it"
    )
    title = serializers.CharField()
    finding = serializers.CharField()
    withheld = serializers.CharField(
        allow_null=True,
        help_text="few_present, too_few_learners, withdrawn, changed_group, earlier_version, "
        "not_yet; then all figures from the camera are null",
    )
    level_withheld = serializers.ChoiceField(
        choices=("similar_group",),
        allow_null=True,
        help_text="levels of students who are present were released before; then `engagement` and "
        "`expressions` are null, and rows have `change`",
    )
    contributors_at_least = serializers.IntegerField(
        allow_null=True, help_text="the policy's smallest group, never the number of students"
    )
    coverage = serializers.FloatField(
        allow_null=True, help_text="always null: it would tell who shares a camera"
    )
    model = ModelInfoSerializer(allow_null=True)
    preset = serializers.CharField()
    simulated = serializers.BooleanField()
    engagement = EngagementSerializer(allow_null=True)
    expressions = serializers.DictField(child=serializers.FloatField(), allow_null=True)
    timeline_unit = serializers.ChoiceField(
        choices=("since_start", "since_opening"),
        help_text="since the session's start (live figures), or since each student opened it",
    )
    bin_seconds = serializers.IntegerField(help_text="length of a bin of the timeline")
    timeline = TimelineRowSerializer(many=True)
    steps = StepRowSerializer(many=True)
    help = HelpSerializer(allow_null=True, help_text="of an ended session only")
    limits = serializers.ListField(child=serializers.CharField())
    kept_until = serializers.DateTimeField()
    metrics_until = serializers.DateTimeField(
        source="figures_until",
        allow_null=True,
        help_text="end of the newest released bin of an open session",
    )
    figures_until = serializers.DateTimeField(
        allow_null=True, help_text="deprecated: use `metrics_until`"
    )
    live_seconds = serializers.IntegerField(help_text="between two updates of an open report")
    live = LiveSerializer(allow_null=True, help_text="of an open session only")
    comparison = ComparedSessionSerializer(
        many=True,
        help_text="this session and up to five earlier ones of the lesson, newest first; empty "
        "without an earlier one, and until the report is final",
    )
