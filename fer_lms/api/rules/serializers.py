"""Serializers of hints and of interaction rules."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from fer_lms.api.reports.serializers import SilenceReasonSerializer
from fer_lms.bounded_fields import (
    BoundedIntegerField,
    BoundedListField,
    FiniteFloatField,
    OneLineTextField,
    build_bounded_list,
)
from fer_lms.rules.engine.spec import LIMITS, MAX_LIST_ITEMS
from fer_lms.rules.models import Hint, HintAnswer, RuleVersion

# --- A learner's hints -------------------------------------------------------------------------


@extend_schema_serializer(deprecate_fields=["rung"])
class HintSerializer(serializers.ModelSerializer[Hint]):
    hint_id = serializers.IntegerField(source="pk")
    level = serializers.IntegerField(allow_null=True, help_text="hint level")
    rung = serializers.IntegerField(
        source="level", allow_null=True, help_text="deprecated: use `level`"
    )
    dismissable = serializers.SerializerMethodField()
    answers = serializers.SerializerMethodField(help_text="accepted answers")
    answer = serializers.SerializerMethodField(help_text="latest answer; empty where there is none")
    asked = serializers.SerializerMethodField(help_text="requested by the learner")

    class Meta:
        model = Hint
        fields = (
            "hint_id",
            "title",
            "body",
            "why",
            "dismissable",
            "kind",
            "form",
            "symbol",
            "level",
            "rung",
            "step_id",
            "fired_at",
            "asked",
            "answers",
            "answer",
        )

    def get_dismissable(self, hint: Hint) -> bool:
        return True

    def get_answers(self, hint: Hint) -> list[str]:
        return [str(answer) for answer in hint.allowed_answers]

    def get_answer(self, hint: Hint) -> str:
        answers = list(hint.answers.all())
        return answers[-1].answer if answers else ""

    def get_asked(self, hint: Hint) -> bool:
        return hint.rule_id is None


class StepReferenceSerializer(serializers.Serializer[Any]):
    step_id = BoundedIntegerField()


class HintAnswerSerializer(serializers.Serializer[Any]):
    answer = serializers.ChoiceField(choices=HintAnswer.Answer.choices)


class HintTimingSerializer(serializers.Serializer[Any]):
    timing = serializers.ChoiceField(choices=Hint.Timing.choices)


@extend_schema_serializer(deprecate_fields=["left_alone"])
class SnoozeSerializer(serializers.Serializer[Any]):
    snoozed = serializers.BooleanField(help_text="hints are paused for today")
    left_alone = serializers.BooleanField(source="snoozed", help_text="deprecated: use `snoozed`")


class RuleExplanationSerializer(serializers.Serializer[Any]):
    rule_id = serializers.IntegerField()
    title = serializers.CharField()
    at = serializers.DateTimeField()
    reason = serializers.CharField(help_text="fired, or a code for why not")
    why = serializers.CharField(help_text="the reason as a sentence")


class ThresholdShiftSerializer(serializers.Serializer[Any]):
    evidence = serializers.ChoiceField(choices=RuleVersion.Evidence.choices)
    shift = FiniteFloatField(min_value=-0.2, max_value=0.3)


class ThresholdShiftsSerializer(serializers.Serializer[Any]):
    thresholds = build_bounded_list(
        ThresholdShiftSerializer(), max_length=len(RuleVersion.Evidence)
    )


class BaselineSerializer(serializers.Serializer[Any]):
    ready = serializers.BooleanField()
    from_at = serializers.DateTimeField(allow_null=True)
    seen_seconds = serializers.IntegerField()
    expires_at = serializers.DateTimeField(allow_null=True)
    gathered_seconds = serializers.IntegerField(help_text="seconds seen towards the next baseline")
    needed_seconds = serializers.IntegerField()
    lasts_hours = serializers.FloatField()


# --- A teacher's rules -------------------------------------------------------------------------


class RuleSpecSerializer(serializers.Serializer[Any]):
    """A rule's specification; `rules.engine.spec` checks its limits."""

    evidence = serializers.CharField(max_length=16)
    threshold = FiniteFloatField()
    release = FiniteFloatField()
    over_windows = BoundedIntegerField()
    of_windows = BoundedIntegerField()
    held_windows = BoundedIntegerField(help_text="windows of ten seconds; 0: immediately")
    minimum_coverage = FiniteFloatField()
    needs_other_source = serializers.BooleanField(default=True)
    steps = BoundedListField(child=BoundedIntegerField(), max_length=MAX_LIST_ITEMS, default=list)
    learners = BoundedListField(
        child=serializers.UUIDField(),
        max_length=MAX_LIST_ITEMS,
        default=list,
        help_text="public ids",
    )
    groups = BoundedListField(child=BoundedIntegerField(), max_length=MAX_LIST_ITEMS, default=list)
    cooldown_seconds = BoundedIntegerField()
    max_per_lesson = BoundedIntegerField()
    quiet_start_seconds = BoundedIntegerField()
    quiet_steps = BoundedListField(
        child=BoundedIntegerField(), max_length=MAX_LIST_ITEMS, default=list
    )
    quiet_minutes = BoundedListField(
        child=BoundedListField(child=BoundedIntegerField(), min_length=2, max_length=2),
        max_length=MAX_LIST_ITEMS,
        default=list,
    )
    action = serializers.CharField(max_length=16)
    text = serializers.CharField(max_length=500, allow_blank=True, default="")


class NewRuleSerializer(serializers.Serializer[Any]):
    title = OneLineTextField(max_length=120)
    template = serializers.CharField(max_length=32, allow_blank=True, default="")
    spec = RuleSpecSerializer()


class NewRuleVersionSerializer(serializers.Serializer[Any]):
    spec = RuleSpecSerializer()
    base = BoundedIntegerField(
        allow_null=True,
        default=None,
        help_text="number of the version that was shown; 409 where there is a newer one",
    )


class RuleSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    title = serializers.CharField()
    template = serializers.CharField(allow_blank=True)
    scope = serializers.ChoiceField(choices=("everywhere", "course", "lesson"))
    editable = serializers.BooleanField()
    off = serializers.BooleanField()
    number = serializers.IntegerField(help_text="of the current version")
    session_number = serializers.IntegerField(
        allow_null=True,
        help_text="of the version in the running session; null: not part of it, or none runs",
    )
    made_at = serializers.DateTimeField()
    sentence = serializers.CharField()
    spec = RuleSpecSerializer()


class RuleVersionSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    made_at = serializers.DateTimeField()
    made_by = serializers.CharField(allow_blank=True)
    sentence = serializers.CharField()
    spec = RuleSpecSerializer()


class RuleTemplateSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    title = serializers.CharField()
    sentence = serializers.CharField()
    spec = RuleSpecSerializer()


class OptionSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    title = serializers.CharField()


class ValueRangeSerializer(serializers.Serializer[Any]):
    low = serializers.FloatField()
    high = serializers.FloatField()


class SwitchStatesSerializer(serializers.Serializer[Any]):
    everywhere = serializers.BooleanField(help_text="off for the whole installation")
    lesson = serializers.BooleanField(help_text="off in this lesson")
    learners = serializers.ListField(child=serializers.UUIDField(), help_text="off for these")


class LessonRulesSerializer(serializers.Serializer[Any]):
    rules = RuleSerializer(many=True)
    in_session = serializers.BooleanField(
        help_text="students are in the lesson: changes apply from the next session on, except "
        "switching off"
    )
    templates = RuleTemplateSerializer(many=True)
    off = SwitchStatesSerializer()
    limits = serializers.DictField(child=ValueRangeSerializer(), help_text=", ".join(LIMITS))
    evidence = OptionSerializer(many=True)
    actions = OptionSerializer(many=True)
    steps = OptionSerializer(many=True)
    learners = OptionSerializer(many=True)
    groups = OptionSerializer(many=True)
    sessions = OptionSerializer(many=True, help_text="sessions a preview can run on")


class RuleSwitchSerializer(serializers.Serializer[Any]):
    off = serializers.BooleanField()
    rule_id = BoundedIntegerField(allow_null=True, default=None)
    learner_id = serializers.UUIDField(allow_null=True, default=None)


class GlobalSwitchSerializer(serializers.Serializer[Any]):
    off = serializers.BooleanField()


class LearnerGroupSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(read_only=True)
    title = OneLineTextField(max_length=80)
    members = BoundedListField(child=serializers.UUIDField(), max_length=500, default=list)
    rules = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        help_text="titles of rules for this group",
    )
    revision = serializers.CharField(
        max_length=16,
        allow_null=True,
        default=None,
        help_text="of the group that was shown; 409 where it is no longer the stored one",
    )


class LearnerGroupsSerializer(serializers.Serializer[Any]):
    groups = LearnerGroupSerializer(many=True)
    learners = OptionSerializer(many=True, help_text="who can be a member")
    in_session = serializers.BooleanField(
        help_text="students are in a lesson of the course: changes apply from its next session on"
    )


class PreviewParametersSerializer(serializers.Serializer[Any]):
    spec = RuleSpecSerializer()
    session_id = serializers.UUIDField(
        allow_null=True, default=None, help_text="null: a simulated class"
    )
    rule_id = BoundedIntegerField(
        allow_null=True, default=None, help_text="the rule this would be a new version of"
    )


class PreviewFiringSerializer(serializers.Serializer[Any]):
    minute = serializers.IntegerField(allow_null=True, help_text="simulated class only")
    step_id = serializers.IntegerField(allow_null=True)
    times = serializers.IntegerField(allow_null=True, help_text="simulated class only")
    spoken_to = serializers.ChoiceField(
        choices=("some", "many"),
        allow_null=True,
        help_text="recorded session only: in thirds",
    )
    why = serializers.ListField(child=serializers.CharField())


class SimulatedEpisodeSerializer(serializers.Serializer[Any]):
    learner = serializers.IntegerField()
    from_minute = serializers.FloatField()
    until_minute = serializers.FloatField()
    kind = serializers.CharField()


class RulePreviewSerializer(serializers.Serializer[Any]):
    # "source" is a name of the framework's own; the key is the same.
    source = serializers.ChoiceField(choices=("simulated", "session"))  # type: ignore[assignment]
    withheld = serializers.CharField(allow_null=True)
    sentence = serializers.CharField()
    notes = serializers.ListField(
        child=serializers.CharField(), help_text="notes on how the preview was computed"
    )
    learners = serializers.IntegerField(allow_null=True)
    minutes = serializers.FloatField(allow_null=True)
    fired = serializers.IntegerField(allow_null=True, help_text="simulated class only")
    spoken_to = serializers.ChoiceField(
        choices=("few", "some", "many"),
        allow_null=True,
        help_text="recorded session only: under a third of the learners, under two thirds, or more",
    )
    group = serializers.IntegerField(help_text="minimum group size; 0 for simulated learners")
    places = PreviewFiringSerializer(many=True)
    silent = SilenceReasonSerializer(many=True)
    episodes = SimulatedEpisodeSerializer(
        many=True, help_text="simulated class only: when its learners are stuck"
    )


class TeacherNotificationSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    learner = serializers.CharField()
    step = serializers.CharField(allow_blank=True)
    said_at = serializers.DateTimeField()
    seen = serializers.BooleanField()
