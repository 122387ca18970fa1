"""Disclosure control for previews over real learners (docs/adr/0017).

Previews of one rule at many thresholds would disclose the evidence of each learner. A preview
therefore uses interactions only, never the face, of all learners of an ended session whose data is
unchanged since its report was frozen; and it discloses thirds of the group only. Neither people nor
steps nor times of the rule may narrow the group below its minimum.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from fer_lms.disclosure import coarsening
from fer_lms.engagement.models import BaselineReset
from fer_lms.lessons.models import InteractionEvent, LessonSession
from fer_lms.lessons.queries import is_real_student
from fer_lms.rules.engine.evaluation import list_active_minutes
from fer_lms.rules.engine.matching import can_fire_at
from fer_lms.rules.engine.spec import RuleSpec
from fer_lms.rules.engine.state import EffectiveSettings
from fer_lms.rules.rule_events import RuleEvent
from fer_lms.rules.trials.replay import Recording, load_recordings

ShareLevel = Literal["few", "some", "many"]
"""Less than a third of the learners, less than two thirds, or more."""


def list_real_recordings(session: LessonSession) -> list[Recording]:
    """Return the recordings of real students who are not simulated.

    Only of those who did something: a recording that consists of windows is due to a camera.
    """
    real = set(session.participants.filter(is_real_student()).values_list("pk", flat=True))
    return [
        recording
        for recording in load_recordings(session, with_windows=False)
        if recording.participant.pk in real
        and not recording.user.simulated
        and _list_interactions(recording)
    ]


def count_reachable_learners(recordings: Sequence[Recording], spec: RuleSpec) -> int:
    """Return for how many learners the rule could have fired, by its steps and quiet times."""
    return sum(_is_reachable(recording, spec) for recording in recordings)


def _is_reachable(recording: Recording, spec: RuleSpec) -> bool:
    started_at = recording.participant.session.started_at.timestamp()
    interactions = [
        (event.row.step_id, event.occurred_at.timestamp() - started_at)
        for event in recording.events
        if isinstance(event.row, InteractionEvent)
    ]
    minutes = list_active_minutes(interactions)
    return any(can_fire_at(spec, step, 60 * minute) for step, minute in minutes)


def compute_input_digest(recordings: Sequence[Recording]) -> str:
    """Return a digest of a preview's input, which changes when rows are erased, purged or added.

    It is stored with the frozen report, so that previews over different learners cannot be
    compared.
    """
    rows = sorted(
        (
            recording.participant.pk.hex,
            len(recording.settings),
            sorted(
                (type(event.row).__name__, event.row.pk) for event in _list_interactions(recording)
            ),
        )
        for recording in recordings
    )
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def remove_face_evidence(recording: Recording) -> Recording:
    """Return the recording as it would be without a camera."""
    settings: list[tuple[float, EffectiveSettings]] = []
    for at, recorded in recording.settings:
        without_face = recorded.without_face()
        if not settings or settings[-1][1] != without_face:
            settings.append((at, without_face))
    participant = recording.participant
    ended_at = participant.left_at or participant.session.ended_at
    until = ended_at.timestamp() if ended_at else recording.until
    events = _list_interactions(recording)
    return replace(recording, settings=settings, windows={}, events=events, until=until)


def _list_interactions(recording: Recording) -> list[RuleEvent]:
    return [event for event in recording.events if not isinstance(event.row, BaselineReset)]


def compute_released_levels(
    metrics: Mapping[coarsening.MetricKey, coarsening.Contributions],
    min_group_size: int,
) -> dict[coarsening.MetricKey, ShareLevel]:
    """Return the level of each metric (true or false by learner) that may be released."""
    released = coarsening.filter_releasable_metrics(metrics, min_group_size)
    return {key: _find_level(sum(group.values()), len(group)) for key, group in released.items()}


def _find_level(count: int, total: int) -> ShareLevel:
    if 3 * count < total:
        return "few"
    return "some" if 3 * count < 2 * total else "many"
