"""A worker that writes windows during a withdrawal."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connections
from django.utils import timezone

from fer_lms.consent.actions import withdraw_consent
from fer_lms.engagement.actions import close_due_windows, write_windows
from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.observations import Observation, locate_window
from fer_lms.lessons.models import Participant
from fer_lms.rights.actions import erase_withdrawn_readings
from tests.factories import MODEL, NOON, grant_all

SCORES = (10_000, 0, 0, 0, 0, 0, 0, 0)


def keep_writing(learner: Participant, writing: Event, stop: Event) -> int:
    """Write observations of epoch 1 repeatedly and return their number."""
    first, _ = locate_window(int(NOON.timestamp() * 1000))
    times = 0
    while not stop.is_set():
        seen = Observation(
            learner.pk, first + times, times % 60, 1, MODEL, "ok", None, SCORES, 5_000
        )
        write_windows(observations=[seen], feeds=[])
        close_due_windows(now=timezone.now())
        times += 1
        writing.set()
        stop.wait(0.02)  # SQLite's lock is not fair: a writer without a pause keeps it
    connections.close_all()
    return times


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_no_window_survives_a_withdrawal(learner: Participant, policy: object) -> None:
    grant_all(learner)
    writing, stop = Event(), Event()
    with ThreadPoolExecutor() as threads:
        writer = threads.submit(keep_writing, learner, writing, stop)
        try:
            assert writing.wait(20)
            withdraw_consent(participant=learner)
            assert erase_withdrawn_readings() == 1
            writing.clear()
            assert writing.wait(20), "it writes on, and nothing of it is kept"
        finally:
            stop.set()
    assert writer.result() >= 2
    assert not ObservationWindow.objects.exists()
