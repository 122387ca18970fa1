"""Lets the simulated class of the open demonstration session go on in real time.

So there is a class in the live view. After twenty minutes, or where the demonstration was stopped
meanwhile, it has left.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from fer_lms.consent.queries import get_consent
from fer_lms.demo.models import DemoSession
from fer_lms.demo.simulation import SimulatedLearner, simulate_observations
from fer_lms.engagement.actions import write_windows
from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.observations import WINDOW_SECONDS
from fer_lms.lessons.models import LessonSession, Participant

CLASS_TIME: Final = timedelta(minutes=20)
MAX_GAP: Final = timedelta(minutes=5)
"""A longer time without readings means that the demonstration was stopped."""


@transaction.atomic
def continue_class(*, now: datetime | None = None) -> int:
    """Write the readings of all simulated learners since the last call.

    Returns:
        The number of learners who are in the lesson.
    """
    now = now or timezone.now()
    count = 0
    for demo in DemoSession.objects.filter(session__ended_at=None).select_related("session"):
        count += _continue_session(demo.session, now)
    return count


def _continue_session(session: LessonSession, now: datetime) -> int:
    learners = list(
        session.participants.filter(user__simulated=True, left_at=None).select_related("user")
    )
    if not learners or not session.is_open:
        return 0
    windows = ObservationWindow.objects.filter(participant__in=learners)
    newest = windows.aggregate(at=Max("start_at"))["at"]
    if newest is None:
        return 0
    since = newest + timedelta(seconds=WINDOW_SECONDS)
    if now - since > MAX_GAP or now - session.started_at > CLASS_TIME:
        session.participants.filter(pk__in=[learner.pk for learner in learners]).update(
            left_at=since
        )
        return 0
    until = now.timestamp() // WINDOW_SECONDS * WINDOW_SECONDS
    for learner in learners:
        _write(learner, since, datetime.fromtimestamp(until, tz=UTC))
    return len(learners)


def _write(participant: Participant, since: datetime, until: datetime) -> None:
    started_at = participant.session.started_at
    learner = SimulatedLearner(
        participant.pk,
        int(participant.user.username.rpartition("-")[2]),
        get_consent(participant).frames_epoch,
        participant.session.engagement_preset,
    )
    feeds, observations = simulate_observations(
        learner,
        start_ms=int(started_at.timestamp() * 1000),
        seconds=range(
            int((since - started_at).total_seconds()), int((until - started_at).total_seconds())
        ),
    )
    if observations:
        write_windows(observations=observations, feeds=feeds)
