"""From firings to hints: what is offered is chosen here, once, and kept."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from django.utils import timezone

from fer_lms.lessons.models import LearnerProfile, Participant, Step
from fer_lms.rules.engine.evaluation import Firing
from fer_lms.rules.engine.wording import why
from fer_lms.rules.models import Hint, RuleVersion
from fer_lms.rules.offers import build_offer
from fer_lms.rules.queries import get_shown_levels

TOO_LATE: Final = timedelta(seconds=120)
"""Help that comes later than this, after an outage, comes at the wrong event."""


def write_hints(fired: Sequence[tuple[Participant, Sequence[Firing]]]) -> list[uuid.UUID]:
    """Write the hints of these firings; returns the participants who have one to be shown.

    A firing that has its hint already (same participant, rule and occasion) changes nothing.
    """
    if not fired:
        return []
    firings = [firing for _, each in fired for firing in each]
    steps = Step.objects.prefetch_related("hints").in_bulk({f.step for f in firings if f.step})
    versions = RuleVersion.objects.in_bulk({firing.version for firing in firings})
    shown = get_shown_levels([participant.pk for participant, _ in fired])
    people = [participant.user_id for participant, _ in fired]
    profiles = {each.user_id: each for each in LearnerProfile.objects.filter(user_id__in=people)}
    hints = []
    for participant, each in fired:
        profile = profiles.get(participant.user_id) or LearnerProfile()
        for firing in each:
            step = steps.get(firing.step) if firing.step else None
            climbed = shown.get((participant.pk, step.pk), set()) if step else set()
            hints.append(
                _hint(participant, firing, versions[firing.version], step, climbed, profile)
            )
    Hint.objects.bulk_create(hints, ignore_conflicts=True)
    return list({hint.participant_id for hint in hints if hint.state == Hint.State.DUE})


def _hint(
    participant: Participant,
    firing: Firing,
    version: RuleVersion,
    step: Step | None,
    climbed: set[int],
    profile: LearnerProfile,
) -> Hint:
    offer = build_offer(
        version.action, text=version.text, step=step, shown=climbed, profile=profile
    )
    fired_at = datetime.fromtimestamp(firing.at, tz=UTC)
    withheld = _withheld(participant, fired_at)
    return Hint(
        participant=participant,
        rule_id=firing.rule,
        version=version,
        occasion=firing.occasion,
        step=step,
        kind=offer.kind,
        rung=offer.rung,
        title=offer.title,
        body=offer.body,
        symbol=offer.symbol,
        form=offer.form,
        why=why(firing.verdict, "learner"),
        parts={name: round(amount, 3) for name, amount in firing.verdict.parts.items()},
        consent_epoch=firing.epoch,
        state=Hint.State.WITHHELD if withheld else Hint.State.DUE,
        withheld_because=withheld,
        fired_at=fired_at,
    )


def _withheld(participant: Participant, fired_at: datetime) -> str:
    """Why a hint is not shown although its rule spoke; empty where it is."""
    if participant.session.ended_at is not None:
        return "session_ended"
    if participant.left_at is not None:
        return "left"
    return "too_late" if timezone.now() - fired_at > TOO_LATE else ""
