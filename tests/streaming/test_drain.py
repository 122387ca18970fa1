"""The worker: consent before decoding, corrupt frames affect no others, no pixels are stored."""

import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from pytest_django import Settings

from fer_lms.consent.actions import withdraw_consent
from fer_lms.consent.models import Consent
from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.observations import compute_window_start, locate_window
from fer_lms.lessons.models import Participant
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.streaming.wire import observation_log
from fer_lms.streaming.wire.outcomes import Outcome, build_outcomes_key, unpack_outcomes
from fer_lms.streaming.wire.redis_roles import get_broker_redis, get_frames_redis
from fer_lms.streaming.wire.slots import SlotFrame
from fer_lms.streaming.worker import drain, tasks
from fer_lms.streaming.worker.tasks import write_logged_observations
from inference.pipeline import FacePipeline
from inference.results import FaceReading

pytestmark = [pytest.mark.usefixtures("redis_roles"), pytest.mark.django_db]
WEB = b"webproc1"


def frame(
    participant: Participant, seq: int, jpeg: bytes, epoch: int = 1, windows_ahead: int = 1
) -> SlotFrame:
    now = time.time_ns() // 1_000_000
    window, step = locate_window(now)[0] + windows_ahead, seq
    return SlotFrame(
        participant.pk, window, step, epoch, seq, now, b"connect1", WEB, "transparent", jpeg
    )


def outcomes() -> dict[int, Outcome]:
    batches: list[bytes] = get_frames_redis().lrange(build_outcomes_key(WEB), 0, -1)  # type: ignore[assignment]
    return {outcome.seq: outcome for batch in batches for outcome in unpack_outcomes(batch)}


def read(*frames: SlotFrame) -> dict[int, Outcome]:
    drain.read_frames(frames, drain.get_pipeline)
    return outcomes()


@pytest.fixture
def no_models() -> Iterator[None]:
    """Fail the test where a model is opened."""

    def fail() -> FacePipeline:
        raise AssertionError("a model was opened")

    original, drain.get_pipeline = drain.get_pipeline, fail  # type: ignore[assignment]
    yield
    drain.get_pipeline = original


def test_a_face_becomes_an_observation_and_then_a_window(
    permitted: Participant, face: bytes
) -> None:
    sent = frame(permitted, 1, face)
    assert read(sent)[1].quality == "ok"
    write_logged_observations()
    window = ObservationWindow.objects.get(participant=permitted)
    assert window.start_at == compute_window_start(sent.window)
    assert (window.accepted, window.processed, window.scored) == (1, 1, 1)
    assert get_broker_redis().xlen(observation_log.STREAM) == 0


def test_a_frame_read_too_late_for_its_window_is_lost_in_both_counts(
    permitted: Participant, face: bytes
) -> None:
    assert read(frame(permitted, 1, face, windows_ahead=-2))[1].lost == "lost_in_flight"
    assert get_broker_redis().xlen(observation_log.STREAM) == 0


def test_windows_close_only_when_the_log_is_empty(
    permitted: Participant, face: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = ObservationWindow(
        participant=permitted, start_at=compute_window_start(0), consent_epoch=1
    )
    old.save()
    monkeypatch.setattr(tasks, "write_logged_observations", lambda: True)  # never empty
    monkeypatch.setattr(tasks, "MAX_WRITE_S", 0.05)
    tasks.write_windows_task()
    old.refresh_from_db()
    assert old.state == ObservationWindow.State.PROVISIONAL
    monkeypatch.setattr(tasks, "write_logged_observations", write_logged_observations)
    tasks.write_windows_task()
    old.refresh_from_db()
    assert old.state == ObservationWindow.State.CLOSED


def test_a_corrupt_frame_is_rejected_and_does_not_affect_others(
    permitted: Participant, face: bytes, wall: bytes
) -> None:
    alone = read(frame(permitted, 1, face))[1]
    get_frames_redis().flushall()
    torn = face[:2000] + face[-2:]
    found = read(frame(permitted, 2, face), frame(permitted, 3, torn), frame(permitted, 4, wall))
    assert found[2].scores == alone.scores
    assert found[4].quality == "no_face"
    # A truncated JPEG is either refused or read as the rest of it, never as another frame.
    assert found[3].lost == "rejected" or found[3].scores != alone.scores


@pytest.mark.usefixtures("no_models")
def test_after_withdrawal_no_pixel_is_decoded(permitted: Participant, face: bytes) -> None:
    withdraw_consent(participant=permitted)
    assert read(frame(permitted, 1, face))[1].lost == "rejected"
    assert get_broker_redis().xlen(observation_log.STREAM) == 0


@pytest.mark.usefixtures("no_models")
def test_a_frame_of_an_older_epoch_is_not_decoded(permitted: Participant, face: bytes) -> None:
    assert read(frame(permitted, 1, face, epoch=0))[1].lost == "rejected"


@pytest.mark.usefixtures("no_models")
def test_without_consent_to_processing_on_the_server_nothing_is_decoded(
    permitted: Participant, face: bytes
) -> None:
    """The camera is permitted, for scores of the learner's own device."""
    Consent.objects.update(server_processing=False)
    assert read(frame(permitted, 1, face))[1].lost == "rejected"


@pytest.mark.usefixtures("no_models")
def test_a_withdrawal_while_models_are_opened_stops_decoding(
    permitted: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain, "MAX_PERMISSION_AGE_S", 0.01)

    class UnusedPipeline:
        def track(self, _key: object) -> None:
            raise AssertionError("decoded after the withdrawal")

    def open_slowly() -> Any:
        withdraw_consent(participant=permitted)
        time.sleep(0.02)
        return UnusedPipeline()

    drain.read_frames([frame(permitted, 1, b"")], open_slowly)
    assert outcomes()[1].lost == "rejected"


def test_without_a_policy_no_model_is_opened(permitted: Participant, face: bytes) -> None:
    DeploymentPolicy.objects.all().delete()
    assert read(frame(permitted, 1, face))[1].lost == "rejected"


@pytest.mark.usefixtures("no_models")
def test_a_frame_of_an_unknown_participant_is_not_read(permitted: Participant, face: bytes) -> None:
    stranger = Participant(pk=uuid.uuid4())
    assert read(frame(stranger, 1, face))[1].lost == "rejected"


def test_an_observation_that_cannot_be_stored_is_lost_in_flight(
    permitted: Participant, face: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    unreachable = redis.Redis(unix_socket_path="/nowhere.sock")
    monkeypatch.setattr(drain, "get_broker_redis", lambda: unreachable)
    assert read(frame(permitted, 1, face))[1].lost == "lost_in_flight"


def test_entries_read_twice_count_once(permitted: Participant, face: bytes) -> None:
    read(frame(permitted, 1, face))
    entries = observation_log.read_oldest_entries(get_broker_redis(), 10)
    write_logged_observations()
    for _, (observations, _) in entries:  # a writer died between its commit and the deletion
        observation_log.append_entry(get_broker_redis(), observations)
    write_logged_observations()
    assert ObservationWindow.objects.get(participant=permitted).processed == 1


def test_no_pixels_remain_in_either_redis(
    permitted: Participant, face: bytes, settings: Settings
) -> None:
    read(frame(permitted, 1, face))
    middle = face[len(face) // 2 : len(face) // 2 + 32]
    for server in (get_frames_redis(), get_broker_redis()):
        for key in server.scan_iter():
            assert middle not in bytes(server.dump(key) or b"")  # type: ignore[arg-type]


@pytest.mark.usefixtures("no_models")
def test_each_learner_and_consent_has_a_stream_of_its_own(permitted: Participant) -> None:
    """And the time of a frame is that of its step."""
    seen: list[tuple[object, float]] = []

    class Recorder:
        classifier = type("Classifier", (), {"sha256": "0" * 64})

        def track(self, key: object) -> Any:
            def read(_jpeg: bytes, at: float) -> FaceReading:
                seen.append((key, at))
                return FaceReading("no_face", 0)

            return type("Stream", (), {"read": staticmethod(read)})

    item = frame(permitted, 1, b"")
    drain.read_frames([item], Recorder)  # type: ignore[arg-type]
    at = item.window * 10 + item.step * 0.16
    [(key, read_at)] = seen
    assert key == (permitted.pk, item.epoch)
    assert read_at == pytest.approx(at)
