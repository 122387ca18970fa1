from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from fer_lms.consent.actions import withdraw_consent
from fer_lms.consent.models import GRANTS, Consent
from fer_lms.engagement.actions import (
    close_due_windows,
    delete_baselines,
    erase_windows,
    store_baselines,
    write_windows,
)
from fer_lms.engagement.baseline import Baseline
from fer_lms.engagement.models import LearnerBaseline, ObservationWindow
from fer_lms.engagement.observations import Feed, Observation, compute_window_start, locate_window
from fer_lms.engagement.queries import list_learner_windows
from fer_lms.lessons.models import Participant
from tests.factories import MODEL, NOON, grant_all, make_learner, make_window

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


def test_each_learner_and_window_is_counted_by_itself(learner: Participant) -> None:
    other = make_learner(learner.session)
    for participant in (learner, other):
        grant_all(participant)
    later = replace(build_observation(other), window=WINDOW + 1)
    write_windows(observations=[build_observation(learner), build_observation(other)], feeds=[])
    write_windows(observations=[later], feeds=[])
    write_windows(observations=[build_observation(learner, step=1)], feeds=[])
    counts = ObservationWindow.objects.values_list("participant", "start_at", "processed")
    assert set(counts) == {
        (learner.pk, NOON, 2),
        (other.pk, NOON, 1),
        (other.pk, compute_window_start(WINDOW + 1), 1),
    }


def test_a_consent_without_the_camera_writes_nothing(learner: Participant) -> None:
    """Its row is active and has the epoch of the frames."""
    grant_all(learner)
    Consent.objects.update(**dict.fromkeys(GRANTS, False))
    write_windows(observations=[build_observation(learner)], feeds=[build_feed(learner, 1)])
    assert not ObservationWindow.objects.exists()


def test_erasure_is_of_one_learner_and_of_earlier_consents(learner: Participant) -> None:
    other = make_learner(learner.session)
    for participant in (learner, other):
        make_window(participant, consent_epoch=1)
        baseline = Baseline(consent_epoch=1, from_start=0, until=10)
        store_baselines({participant.pk: baseline}, lifetime=timedelta(days=1))
    newer = Baseline(consent_epoch=3, from_start=100, until=110)
    store_baselines({learner.pk: newer}, lifetime=timedelta(days=1))
    assert erase_windows(participant_id=learner.pk, through_epoch=2) == 1
    assert ObservationWindow.objects.get().participant == other
    kept = LearnerBaseline.objects.values_list("participant", "consent_epoch")
    assert set(kept) == {(learner.pk, 3), (other.pk, 1)}


def test_a_new_baseline_retires_the_earlier_ones_of_its_learner(learner: Participant) -> None:
    other = make_learner(learner.session)
    day = timedelta(days=1)
    for participant in (learner, other):
        store_baselines({participant.pk: Baseline(1, from_start=0, until=10)}, lifetime=day)
    store_baselines({learner.pk: Baseline(1, from_start=200, until=210)}, lifetime=day)
    store_baselines({learner.pk: Baseline(1, from_start=100, until=110)}, lifetime=day)
    retired = {
        (row.participant_id, int(row.from_at.timestamp())): row.retired_at
        for row in LearnerBaseline.objects.all()
    }
    assert retired[other.pk, 0] is None
    assert retired[learner.pk, 200] is None, "it is newer than the one stored after it"
    assert retired[learner.pk, 0] == datetime.fromtimestamp(210, tz=UTC), "not changed again"


def test_baselines_before_a_reset_are_deleted_for_its_learner(learner: Participant) -> None:
    other = make_learner(learner.session)
    for participant, start in ((learner, 0), (learner, 500), (other, 0)):
        store_baselines(
            {participant.pk: Baseline(1, from_start=start, until=start + 10)},
            lifetime=timedelta(days=1),
        )
    delete_baselines(participant_id=learner.pk, made_before=datetime.fromtimestamp(400, tz=UTC))
    kept = LearnerBaseline.objects.values_list("participant", "from_at")
    assert set(kept) == {
        (learner.pk, datetime.fromtimestamp(500, tz=UTC)),
        (other.pk, datetime.fromtimestamp(0, tz=UTC)),
    }


def test_windows_close_by_the_clock(learner: Participant) -> None:
    grant_all(learner)
    write_windows(observations=[build_observation(learner)], feeds=[])
    assert close_due_windows() == 1
