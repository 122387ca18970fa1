"""Tables of the rules: rules, hints, and the state of their evaluation."""

from fer_lms.rules.models.evaluation import (
    EvaluatedEvent,
    RuleState,
    SessionGroupMember,
    SessionRules,
    SettingsSnapshot,
)
from fer_lms.rules.models.hints import Hint, HintAnswer, TeacherNotification
from fer_lms.rules.models.rules import (
    InteractionRule,
    LearnerGroup,
    RuleSwitch,
    RuleVersion,
    ThresholdShift,
    build_empty_list,
)

__all__ = [
    "EvaluatedEvent",
    "Hint",
    "HintAnswer",
    "InteractionRule",
    "LearnerGroup",
    "RuleState",
    "RuleSwitch",
    "RuleVersion",
    "SessionGroupMember",
    "SessionRules",
    "SettingsSnapshot",
    "TeacherNotification",
    "ThresholdShift",
    "build_empty_list",
]
