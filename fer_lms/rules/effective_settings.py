"""What holds for learners' rules at this event: permissions, rules, switches, wishes."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings

from fer_lms.consent.models import Consent
from fer_lms.engagement.weights import Weights, parse_weights, restore_weights
from fer_lms.lessons.models import LearnerProfile, Lesson, Participant, Step
from fer_lms.policy.queries import is_inference_permitted
from fer_lms.rules.engine.learner import ActiveRule, EffectiveSettings
from fer_lms.rules.models import LearnerGroup, ThresholdShift
from fer_lms.rules.queries import (
    Switches,
    find_snoozed_users,
    get_active_rules,
    get_rules_by_version,
)

Body = dict[str, Any]


@dataclass(slots=True)
class _Wishes:
    """What people said of themselves, by their id."""

    profiles: dict[int, LearnerProfile]
    left_alone: set[int]
    shifts: dict[int, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    groups: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))


def get_effective_settings(
    participants: Sequence[Participant], *, now: datetime
) -> dict[uuid.UUID, EffectiveSettings]:
    """What holds up to `now`, read for many at once. Consent rows are held until the transaction
    ends."""
    epochs = _epochs({each.pk for each in participants})
    wishes = _wishes({each.user_id for each in participants}, now)
    switches = Switches()
    lessons = {each.session.lesson_id: each.session.lesson for each in participants}
    rules = {pk: get_active_rules(pk, lesson.course_id) for pk, lesson in lessons.items()}
    paces = {pk: compute_step_seconds(lesson) for pk, lesson in lessons.items()}
    return {
        each.pk: _settings(
            each,
            rules=rules[each.session.lesson_id],
            pace=paces[each.session.lesson_id],
            epoch=epochs.get(each.pk),
            wishes=wishes,
            switches=switches,
        )
        for each in participants
    }


def _settings(
    participant: Participant,
    *,
    rules: tuple[ActiveRule, ...],
    pace: float,
    epoch: int | None,
    wishes: _Wishes,
    switches: Switches,
) -> EffectiveSettings:
    user, lesson = participant.user_id, participant.session.lesson_id
    profile = wishes.profiles.get(user) or LearnerProfile()
    return EffectiveSettings(
        rules=rules,
        off=switches.rules_off(lesson=lesson, learner=user),
        all_off=switches.all_off(lesson=lesson, learner=user),
        epoch=epoch,
        face_fits=not (profile.expressions_do_not_fit or profile.no_camera),
        muted=profile.hints_muted or user in wishes.left_alone,
        shifts=dict(wishes.shifts.get(user, {})),
        pace=pace,
        started=participant.session.started_at.timestamp(),
        learner=user,
        groups=frozenset(wishes.groups.get(user, ())),
        weights=get_current_weights(),
    )


def get_current_weights() -> Weights:
    return _weights(tuple(sorted(settings.EVIDENCE_WEIGHTS.items())))


@lru_cache(maxsize=4)
def _weights(changes: tuple[tuple[str, Any], ...]) -> Weights:
    return parse_weights(dict(changes))


def compute_step_seconds(lesson: Lesson) -> float:
    """Seconds that the teacher gave each step."""
    steps = Step.objects.filter(lesson=lesson).count()
    return lesson.minutes * 60 / steps if steps else 0.0


def _epochs(participant_ids: set[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Whose face may be evidence, since which change to the camera; nobody's where the policy
    forbids it."""
    if not is_inference_permitted():
        return {}
    consents = (
        Consent.objects.select_for_update()
        .filter(participant_id__in=participant_ids, capture=True)
        .order_by("pk")
        .values_list("participant_id", "frames_epoch")
    )
    return dict(consents)


def _wishes(user_ids: set[int], now: datetime) -> _Wishes:
    profiles = LearnerProfile.objects.filter(user_id__in=user_ids)
    wishes = _Wishes(
        profiles={profile.user_id: profile for profile in profiles},
        left_alone=find_snoozed_users(user_ids, now=now),
    )
    for shift in ThresholdShift.objects.filter(user_id__in=user_ids):
        wishes.shifts[shift.user_id][shift.evidence] = shift.shift
    members = LearnerGroup.members.through.objects.filter(user_id__in=user_ids)
    for user, group in members.values_list("user_id", "learnergroup_id"):
        wishes.groups[user].add(group)
    return wishes


# --- kept for replays ----------------------------------------------------------------------------


def serialize_settings(held: EffectiveSettings) -> Body:
    """What is kept of settings: what a replay cannot know otherwise."""
    return {
        "versions": [active.version for active in held.rules],
        "off": sorted(held.off),
        "all_off": held.all_off,
        "epoch": held.epoch,
        "face_fits": held.face_fits,
        "muted": held.muted,
        "shifts": dict(held.shifts),
        "groups": sorted(held.groups),
        "pace": held.pace,
        # All of them: an override alone would mean something else after a default has changed.
        "weights": asdict(held.weights),
    }


def parse_settings(
    body: Mapping[str, Any], *, started: float, learner: int, rules: Mapping[int, ActiveRule]
) -> EffectiveSettings:
    """Settings as they were kept; `rules` by version, as `get_rules_by_version` gives them."""
    return EffectiveSettings(
        rules=tuple(rules[version] for version in body["versions"] if version in rules),
        off=frozenset(body["off"]),
        all_off=body["all_off"],
        epoch=body["epoch"],
        face_fits=body["face_fits"],
        muted=body["muted"],
        shifts=body["shifts"],
        pace=body["pace"],
        started=started,
        learner=learner,
        groups=frozenset(body["groups"]),
        weights=restore_weights(body["weights"]),
    )


def rules_in(bodies: Sequence[Mapping[str, Any]]) -> dict[int, ActiveRule]:
    return get_rules_by_version({version for body in bodies for version in body["versions"]})
