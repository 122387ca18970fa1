"""Step visits: which learner was on which step from when to when, derived from events."""

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

INACTIVITY_TIMEOUT = timedelta(minutes=5)
"""After this time without an event or a window, a visit counts as over."""


def list_class_events(session: LessonSession) -> Sequence[InteractionEvent]:
    """List the events of the session's real students in time order."""
    events = InteractionEvent.objects.filter(
        filter_real_students(), participant__session=session, step__isnull=False
    )
    return list(events.order_by("occurred_at", "id"))


def build_step_visits(
    events: Iterable[InteractionEvent], ends: Mapping[uuid.UUID, datetime]
) -> Visits:
    """Derive each learner's visits from time-ordered events.

    Args:
        events: Events in time order.
        ends: When each learner's last visit ends; by default with the learner's last event.
    """
    opened: dict[uuid.UUID, list[InteractionEvent]] = {}
    last: dict[uuid.UUID, datetime] = {}
    for event in events:
        last[event.participant_id] = event.occurred_at
        if event.kind == InteractionEvent.Kind.STEP_OPENED:
            opened.setdefault(event.participant_id, []).append(event)
    return {
        learner: _split_into_visits(learner_events, ends.get(learner, last[learner]))
        for learner, learner_events in opened.items()
    }


def compute_last_visit_ends(
    session: LessonSession, events: Iterable[InteractionEvent]
) -> dict[uuid.UUID, datetime]:
    """Compute when each learner's last visit ended.

    That is the end of the session, the time of leaving, or `INACTIVITY_TIMEOUT` after the
    learner's last event or window, whichever came first.
    """
    last_activity = {event.participant_id: event.occurred_at for event in events}
    windows = ObservationWindow.objects.filter(participant__session=session)
    newest = windows.values("participant").annotate(newest=Max("start_at")).order_by()
    for learner, start_at in newest.values_list("participant", "newest"):
        end_at = start_at + timedelta(seconds=WINDOW_SECONDS)
        last_activity[learner] = max(end_at, last_activity.get(learner, end_at))
    left = dict(session.participants.values_list("pk", "left_at"))
    return {
        learner: min(
            time
            for time in (active_at + INACTIVITY_TIMEOUT, session.ended_at, left.get(learner))
            if time
        )
        for learner, active_at in last_activity.items()
    }


def _split_into_visits(opened: Sequence[InteractionEvent], end_at: datetime) -> list[Visit]:
    starts = [(event.step_id, event.occurred_at) for event in opened]
    spans = pairwise([*starts, (None, max(end_at, starts[-1][1]))])
    return [Visit(step_id, start, end) for (step_id, start), (_, end) in spans if step_id]
