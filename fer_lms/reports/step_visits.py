"""Who was on which step from when to when, out of the events of a sitting."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from django.db.models import Max

from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.observations import WINDOW_SECONDS
from fer_lms.lessons.models import InteractionEvent, LessonSession
from fer_lms.lessons.queries import filter_real_students
from fer_lms.reports.released_cells import Visit, Visits

AWAY_AFTER = timedelta(minutes=5)
"""After so long without a sign of a learner, a stay counts as over."""


def list_class_events(session: LessonSession) -> Sequence[InteractionEvent]:
    """What the learners of a sitting did, in time order."""
    events = InteractionEvent.objects.filter(
        filter_real_students(), participant__session=session, step__isnull=False
    )
    return list(events.order_by("occurred_at", "id"))


def build_step_visits(
    events: Iterable[InteractionEvent], ends: Mapping[uuid.UUID, datetime]
) -> Visits:
    """Each learner's stays; the last ends where `ends` says, or with the learner's last event."""
    opened: dict[uuid.UUID, list[InteractionEvent]] = {}
    last: dict[uuid.UUID, datetime] = {}
    for event in events:
        last[event.participant_id] = event.occurred_at
        if event.kind == InteractionEvent.Kind.STEP_OPENED:
            opened.setdefault(event.participant_id, []).append(event)
    return {
        learner: _stays(own, ends.get(learner, last[learner])) for learner, own in opened.items()
    }


def compute_last_visit_ends(
    session: LessonSession, events: Iterable[InteractionEvent]
) -> dict[uuid.UUID, datetime]:
    """When each learner was gone: with the sitting, with leaving, or some minutes after the last
    sign of them, whichever came first."""
    signs = {event.participant_id: event.occurred_at for event in events}
    windows = ObservationWindow.objects.filter(participant__session=session)
    newest = windows.values("participant").annotate(newest=Max("start_at")).order_by()
    for learner, start_at in newest.values_list("participant", "newest"):
        end_at = start_at + timedelta(seconds=WINDOW_SECONDS)
        signs[learner] = max(end_at, signs.get(learner, end_at))
    left = dict(session.participants.values_list("pk", "left_at"))
    return {
        learner: min(at for at in (sign + AWAY_AFTER, session.ended_at, left.get(learner)) if at)
        for learner, sign in signs.items()
    }


def _stays(opened: Sequence[InteractionEvent], end_at: datetime) -> list[Visit]:
    starts = [(event.step_id, event.occurred_at) for event in opened]
    spans = pairwise([*starts, (None, max(end_at, starts[-1][1]))])
    return [Visit(step_id, start, end) for (step_id, start), (_, end) in spans if step_id]
