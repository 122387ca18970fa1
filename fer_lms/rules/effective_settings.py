"""Effective settings of learners: permissions, rules, switches and preferences, and their JSON."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from fer_lms.consent.permissions import get_face_evidence_epochs, permits_face_evidence
from fer_lms.engagement.queries import get_current_weights
from fer_lms.engagement.weights import DEFAULT_WEIGHTS, restore_weights
from fer_lms.lessons.models import LearnerProfile, Lesson, Participant, Step
from fer_lms.policy.queries import get_inference_policy
from fer_lms.rules.engine.state import ActiveRule, EffectiveSettings
from fer_lms.rules.models import ThresholdShift
from fer_lms.rules.queries import find_snoozed_users, get_rules_by_version
from fer_lms.rules.session_rules import freeze_rules, load_frozen_rules, restore_error_rates

Body = dict[str, Any]
SETTINGS_KEYS = {
    "all_off": "is_disabled",
    "epoch": "face_epoch",
    "face_fits": "uses_face",
    "muted": "is_muted",
    "shifts": "threshold_shifts",
    "pace": "step_seconds",
}
"""Attributes of `EffectiveSettings` by JSON key, which is fixed since release 0.1.0."""


@dataclass(slots=True)
class _Preferences:
    """Preferences by user id."""

    profiles: dict[int, LearnerProfile]
    snoozed: set[int]
    shifts: dict[int, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))


def get_effective_settings(
    participants: Sequence[Participant], *, now: datetime
) -> dict[uuid.UUID, EffectiveSettings]:
    """Return the effective settings by participant, with a fixed number of queries a lesson.

    Freezes the rules of sessions in which nobody was evaluated yet. Must run in a transaction: the
    consent rows are locked until it ends.
    """
    policy = get_inference_policy()
    participant_ids = {participant.pk for participant in participants}
    epochs = get_face_evidence_epochs(participant_ids, policy, lock=True)
    uses_faces = permits_face_evidence(policy)
    preferences = _load_preferences({participant.user_id for participant in participants}, now)
    sessions = {participant.session_id: participant.session for participant in participants}
    freeze_rules(list(sessions.values()), uses_faces=uses_faces)
    frozen_rules = load_frozen_rules(sessions.keys())
    lessons = {session.lesson for session in sessions.values()}
    step_seconds = {lesson.pk: compute_step_seconds(lesson) for lesson in lessons}
    weights = get_current_weights()
    settings = {}
    for participant in participants:
        user_id, lesson_id = participant.user_id, participant.session.lesson_id
        profile = preferences.profiles.get(user_id) or LearnerProfile()
        frozen = frozen_rules[participant.session_id]
        switches = frozen.switches
        settings[participant.pk] = EffectiveSettings(
            rules=frozen.rules,
            disabled_rules=switches.get_disabled_rules(lesson=lesson_id, learner=user_id),
            is_disabled=switches.is_disabled_for(lesson=lesson_id, learner=user_id),
            face_epoch=epochs.get(participant.pk),
            uses_face=uses_faces and not (profile.expressions_do_not_fit or profile.no_camera),
            is_muted=profile.hints_muted or user_id in preferences.snoozed,
            threshold_shifts=dict(preferences.shifts.get(user_id, {})),
            step_seconds=step_seconds[lesson_id],
            error_rates=frozen.error_rates,
            session_started_at=participant.session.started_at.timestamp(),
            learner_id=user_id,
            group_ids=frozen.groups.get(user_id, frozenset()),
            weights=weights,
        )
    return settings


def compute_step_seconds(lesson: Lesson) -> float:
    """Return the expected time on a step: the duration of the lesson over its steps."""
    steps = Step.objects.filter(lesson=lesson).count()
    return lesson.minutes * 60 / steps if steps else 0.0


def _load_preferences(user_ids: set[int], now: datetime) -> _Preferences:
    profiles = LearnerProfile.objects.filter(user_id__in=user_ids)
    preferences = _Preferences(
        profiles={profile.user_id: profile for profile in profiles},
        snoozed=find_snoozed_users(user_ids, now=now),
    )
    for shift in ThresholdShift.objects.filter(user_id__in=user_ids):
        preferences.shifts[shift.user_id][shift.evidence] = shift.shift
    return preferences


def serialize_settings(settings: EffectiveSettings) -> Body:
    """Return the JSON form, for replays."""
    return {
        **{key: getattr(settings, name) for key, name in SETTINGS_KEYS.items()},
        "versions": [rule.version_id for rule in settings.rules],
        "off": sorted(settings.disabled_rules),
        "groups": sorted(settings.group_ids),
        "error_rates": {str(step): rate for step, rate in settings.error_rates.items()},
        # Every weight, not only overrides: a later release may change a default.
        "weights": asdict(settings.weights),
    }


def parse_settings(
    body: Mapping[str, Any],
    *,
    session_started_at: float,
    learner_id: int,
    rules: Mapping[int, ActiveRule],
) -> EffectiveSettings:
    """Build settings from their JSON form; `rules` by version (`load_rules`)."""
    return EffectiveSettings(
        **{name: body[key] for key, name in SETTINGS_KEYS.items()},
        rules=tuple(rules[version] for version in body["versions"] if version in rules),
        disabled_rules=frozenset(body["off"]),
        group_ids=frozenset(body["groups"]),
        # Absent in release 0.1.0.
        error_rates=restore_error_rates(body.get("error_rates", {})),
        weights=restore_weights(body["weights"]),
        session_started_at=session_started_at,
        learner_id=learner_id,
    )


def has_present_formulas(body: Mapping[str, Any]) -> bool:
    """Return whether serialized settings have the weights of this release's formulas."""
    return set(asdict(DEFAULT_WEIGHTS)) <= set(body.get("weights", ()))


def load_rules(bodies: Iterable[Mapping[str, Any]]) -> dict[int, ActiveRule]:
    """Return the rules that serialized settings refer to, by version."""
    return get_rules_by_version(
        {version for body in bodies for version in body.get("versions", ())}
    )
