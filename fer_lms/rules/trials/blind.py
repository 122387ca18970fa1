"""What a trial over people goes by, and how coarsely it is told (docs/adr/0017).

Whoever tries one rule at many thresholds learns where each number tips over, and that would be one
learner's number. So no trial looks at a face; it goes by what was done, of everybody who was there,
of an ended sitting and of nothing that changed since; and it tells thirds of the whole group.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from fer_lms.engagement import groups
from fer_lms.engagement.models import BaselineReset
from fer_lms.lessons.models import LessonSession
from fer_lms.rules.engine.learner import EffectiveSettings
from fer_lms.rules.rule_events import RuleEvent
from fer_lms.rules.trials.replay import Recording, load_recordings

Level = Literal["few", "some", "many"]
"""Under a third of the learners (or none), under two thirds, or more (or all)."""


def list_real_recordings(session: LessonSession) -> list[Recording]:
    """What is stored of each learner who is a person."""
    return [each for each in load_recordings(session) if _is_person(each)]


def _is_person(stored: Recording) -> bool:
    user = stored.participant.user
    return not (user.is_placeholder or user.simulated)


def compute_input_digest(people: Sequence[Recording]) -> str:
    """A digest of all that a trial would go by: it differs once anything was erased, purged or
    came in late. Kept with the frozen report, so that no two trials go by different learners."""
    rows = sorted(
        (
            each.participant.pk.hex,
            len(each.settings),
            sorted((type(one.row).__name__, one.row.pk) for one in _done(each)),
        )
        for each in people
    )
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def remove_face_evidence(stored: Recording) -> Recording:
    """The same sitting as if nobody had had a camera."""
    settings: list[tuple[float, EffectiveSettings]] = []
    for at, held in stored.settings:
        blind = replace(held, epoch=None, face_fits=True)
        if not settings or settings[-1][1] != blind:
            settings.append((at, blind))
    participant = stored.participant
    ended = participant.left_at or participant.session.ended_at
    until = ended.timestamp() if ended else stored.until
    return replace(stored, settings=settings, windows={}, events=_done(stored), until=until)


def _done(stored: Recording) -> list[RuleEvent]:
    return [each for each in stored.events if not isinstance(each.row, BaselineReset)]


def compute_released_levels(
    found: Mapping[groups.Key, groups.Group], smallest_group: int
) -> dict[groups.Key, Level]:
    """Of figures that are each made of the whole group, which third they fall into."""
    told = groups.filter_releasable_groups(found, smallest_group)
    return {key: _level(sum(group.values()), len(group)) for key, group in told.items()}


def _level(those: int, of: int) -> Level:
    if 3 * those < of:
        return "few"
    return "some" if 3 * those < 2 * of else "many"
