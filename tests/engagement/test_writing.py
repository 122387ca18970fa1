from datetime import timedelta

import pytest
from pytest_django import Settings

from fer_lms.consent.actions import withdraw_consent
from fer_lms.engagement.actions import close_due_windows, erase_windows, write_windows
from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.observations import Feed, Observation, compute_window_start, locate_window
from fer_lms.engagement.queries import list_learner_windows
from fer_lms.lessons.models import Participant
from tests.factories import MODEL, NOON, grant_all, make_window

pytestmark = pytest.mark.usefixtures("policy")
WINDOW, _ = locate_window(int(NOON.timestamp() * 1000))


def build_observation(learner: Participant, *, step: int = 0, epoch: int = 1) -> Observation:
    scores = (10_000, 0, 0, 0, 0, 0, 0, 0)
    return Observation(learner.pk, WINDOW, step, epoch, MODEL, "ok", None, scores, 8_000)


def build_feed(learner: Participant, accepted: int) -> Feed:
    return Feed(learner.pk, WINDOW, 1, "c", {"accepted": accepted, "rate_limited": 2})


def test_window_is_written_once(learner: Participant) -> None:
    grant_all(learner)
    batch = [build_observation(learner, step=step) for step in (0, 8, 8)]
    for _ in range(2):
        write_windows(observations=batch, feeds=[build_feed(learner, 3)])
    window = ObservationWindow.objects.get()
    assert window.start_at == NOON == compute_window_start(WINDOW)
    assert (window.received, window.accepted, window.processed) == (5, 3, 2)
    assert (window.in_flight, window.coverage, window.engagement) == (1, 0.2, 0.8)
    assert window.expressions is not None
    assert window.expressions["neutral"] == 1


def test_nothing_is_written_without_consent(learner: Participant) -> None:
    write_windows(observations=[build_observation(learner)], feeds=[build_feed(learner, 1)])
    assert not ObservationWindow.objects.exists()


def test_nothing_is_written_of_earlier_consent(learner: Participant) -> None:
    grant_all(learner)
    withdraw_consent(participant=learner)
    grant_all(learner)
    write_windows(
        observations=[build_observation(learner), build_observation(learner, step=1, epoch=3)],
        feeds=[],
    )
    assert ObservationWindow.objects.get().processed == 1


def test_nothing_is_written_without_policy(learner: Participant, settings: Settings) -> None:
    grant_all(learner)
    settings.DEMO = False
    write_windows(observations=[build_observation(learner)], feeds=[])
    assert not ObservationWindow.objects.exists()


def test_windows_close_after_grace(learner: Participant) -> None:
    grant_all(learner)
    write_windows(observations=[build_observation(learner)], feeds=[build_feed(learner, 3)])
    assert close_due_windows(now=NOON + timedelta(seconds=14.9)) == 0
    assert close_due_windows(now=NOON + timedelta(seconds=15)) == 1
    window = ObservationWindow.objects.get()
    assert (window.state, window.lost) == ("closed", {"lost_in_flight": 2})
    assert window.has_consistent_counts()
    assert close_due_windows(now=NOON + timedelta(minutes=1)) == 0


def test_late_input_does_not_change_closed_window(learner: Participant) -> None:
    grant_all(learner)
    write_windows(observations=[build_observation(learner)], feeds=[])
    close_due_windows(now=NOON + timedelta(minutes=1))
    write_windows(observations=[build_observation(learner, step=5)], feeds=[build_feed(learner, 9)])
    window = ObservationWindow.objects.get()
    assert (window.accepted, window.processed) == (1, 1)


def test_erasure_stops_at_epoch(learner: Participant) -> None:
    make_window(learner, number=0, consent_epoch=1)
    kept = make_window(learner, number=1, consent_epoch=3)
    assert erase_windows(participant_id=learner.pk, through_epoch=2) == 1
    assert ObservationWindow.objects.get() == kept


def test_withdrawn_windows_are_hidden_before_erasure(learner: Participant) -> None:
    grant_all(learner)
    make_window(learner, consent_epoch=1)
    withdraw_consent(participant=learner)
    later = make_window(learner, number=3, consent_epoch=3)
    assert list(list_learner_windows(learner)) == [later]
