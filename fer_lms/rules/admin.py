from django.contrib import admin

from fer_lms.people.read_only import ReadOnlyAdmin
from fer_lms.rules.models import (
    EvaluatedEvent,
    Hint,
    HintAnswer,
    InteractionRule,
    LearnerGroup,
    RuleState,
    RuleSwitch,
    RuleVersion,
    SettingsSeen,
    TeacherWord,
    ThresholdShift,
)


@admin.register(InteractionRule)
class InteractionRuleAdmin(ReadOnlyAdmin[InteractionRule]):
    """Rules are made in the lesson's own editor, which knows what is possible."""

    list_display = ("title", "course_id", "lesson_id", "template", "made_at", "retired_at")
    list_filter = ("template",)


@admin.register(RuleVersion)
class RuleVersionAdmin(ReadOnlyAdmin[RuleVersion]):
    list_display = ("rule_id", "number", "evidence", "threshold", "action", "made_at")
    list_filter = ("evidence", "action")


@admin.register(RuleSwitch)
class RuleSwitchAdmin(ReadOnlyAdmin[RuleSwitch]):
    list_display = ("off", "lesson_id", "rule_id", "learner_id", "set_at")
    list_filter = ("off",)


@admin.register(Hint)
class HintAdmin(ReadOnlyAdmin[Hint]):
    """That hints came, not why: reasons are the learner's."""

    list_display = ("fired_at", "kind", "state", "withheld_because", "rule_id")
    list_filter = ("kind", "state")
    exclude = ("why", "why_teacher", "parts")


@admin.register(HintAnswer)
class HintAnswerAdmin(ReadOnlyAdmin[HintAnswer]):
    list_display = ("answered_at", "answer", "hint_id")
    list_filter = ("answer",)


@admin.register(TeacherWord)
class TeacherWordAdmin(ReadOnlyAdmin[TeacherWord]):
    list_display = ("said_at", "seen_at", "hint_id")


@admin.register(LearnerGroup)
class LearnerGroupAdmin(ReadOnlyAdmin[LearnerGroup]):
    list_display = ("title", "course_id")


@admin.register(ThresholdShift)
class ThresholdShiftAdmin(ReadOnlyAdmin[ThresholdShift]):
    list_display = ("evidence", "shift", "user_id")
    exclude = ("user",)


@admin.register(RuleState)
class RuleStateAdmin(ReadOnlyAdmin[RuleState]):
    """Where evaluation stands; what it holds of a face is not shown."""

    list_display = ("participant_id", "cursor_at", "active_until")
    exclude = ("body",)


@admin.register(SettingsSeen)
class SettingsSeenAdmin(ReadOnlyAdmin[SettingsSeen]):
    list_display = ("participant_id", "from_at")


@admin.register(EvaluatedEvent)
class EvaluatedEventAdmin(ReadOnlyAdmin[EvaluatedEvent]):
    list_display = ("event_id", "evaluated_at")
