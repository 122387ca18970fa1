"""Create hints from firings; the content of a hint is chosen once and stored."""

import uuid
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from django.utils import timezone

from fer_lms.lessons.models import LearnerProfile, Participant, Step
from fer_lms.rules.engine.evaluation import Firing
from fer_lms.rules.engine.explanations import explain
from fer_lms.rules.models import Hint, RuleVersion
from fer_lms.rules.offers import build_offer, is_teacher_next
from fer_lms.rules.queries import find_asked_about_teacher, get_shown_levels

MAX_HINT_DELAY: Final = timedelta(seconds=120)
"""A hint that is later than this, after an outage, is withheld."""


def write_hints(fired: Sequence[tuple[Participant, Sequence[Firing]]]) -> list[uuid.UUID]:
    """Write hints, and return the participants with a hint to be shown.

    A firing with a stored hint (same participant, rule and event) changes nothing.
    """
    if not fired:
        return []
    firings = [firing for _, own in fired for firing in own]
    steps = Step.objects.prefetch_related("hints").in_bulk({f.step for f in firings if f.step})
    versions = RuleVersion.objects.in_bulk({firing.version_id for firing in firings})
    shown = get_shown_levels([participant.pk for participant, _ in fired])
    user_ids = [participant.user_id for participant, _ in fired]
    profiles = {
        profile.user_id: profile for profile in LearnerProfile.objects.filter(user_id__in=user_ids)
    }
    asked = find_asked_about_teacher([participant.pk for participant, _ in fired])
    hints = []
    for participant, own in fired:
        profile = profiles.get(participant.user_id) or LearnerProfile()
        for firing in own:
            step = steps.get(firing.step) if firing.step else None
            levels = shown.get((participant.pk, step.pk), set()) if step else set()
            version = versions[firing.version_id]
            can_ask = participant.pk not in asked
            hint = _build_hint(participant, firing, version, step, levels, profile, can_ask=can_ask)
            hints.append(hint)
    Hint.objects.bulk_create(hints, ignore_conflicts=True)
    return list({hint.participant_id for hint in hints if hint.state == Hint.State.DUE})


def _build_hint(
    participant: Participant,
    firing: Firing,
    version: RuleVersion,
    step: Step | None,
    shown: Collection[int],
    profile: LearnerProfile,
    *,
    can_ask: bool,
) -> Hint:
    action = version.action
    if is_teacher_next(action, step=step, shown=shown, level=firing.level, can_ask=can_ask):
        action = "tell_teacher"
    text = version.text if firing.level == 1 or action == version.action != "hint" else ""
    offer = build_offer(action, text=text, step=step, shown=shown, profile=profile)
    fired_at = datetime.fromtimestamp(firing.at, tz=UTC)
    withheld = _find_withholding_reason(participant, fired_at)
    return Hint(
        participant=participant,
        rule_id=firing.rule_id,
        version=version,
        occasion=firing.event_key,
        step=step,
        why=explain(firing.verdict, "learner"),
        parts={name: round(amount, 3) for name, amount in firing.verdict.parts.items()},
        consent_epoch=firing.face_epoch,
        sources=dict(firing.sources),
        state=Hint.State.WITHHELD if withheld else Hint.State.DUE,
        withheld_because=withheld,
        fired_at=fired_at,
        **offer.to_fields(),
    )


def _find_withholding_reason(participant: Participant, fired_at: datetime) -> str:
    if not participant.session.is_open:
        return "session_ended"
    if participant.left_at is not None:
        return "left"
    return "too_late" if timezone.now() - fired_at > MAX_HINT_DELAY else ""
