"""Every frame has one fate; with a real Redis."""

import os
import time
import uuid
from dataclasses import replace

import pytest

from fer_lms.engagement.observations import locate_window
from fer_lms.streaming.wire.redis_roles import get_frames_redis
from fer_lms.streaming.wire.slots import (
    CANCEL_SCRIPT,
    FOREIGN_AFTER_MS,
    MAX_CLAIMED_FRAMES,
    PUT_SCRIPT,
    READY_KEY,
    Progress,
    SlotFrame,
    SlotReader,
    build_owner_key,
    build_progress_key,
    build_slot_key,
    build_wake_key,
    unpack_frame,
    unpack_progress,
    unpack_seq,
)

pytestmark = pytest.mark.usefixtures("redis_roles")
NOW = 1_790_000_000_000


@pytest.fixture
def now_ms(monkeypatch: pytest.MonkeyPatch) -> int:
    """The time in which frames are claimed, stopped."""
    monkeypatch.setattr(time, "time_ns", lambda: NOW * 1_000_000)
    return NOW


def frame(
    seq: int, participant: uuid.UUID | None = None, connection: bytes = b"c" * 8
) -> SlotFrame:
    window, step = locate_window(NOW + seq * 200)
    return SlotFrame(
        participant_id=participant or uuid.uuid4(),
        window=window,
        step=step,
        epoch=3,
        seq=seq,
        received_ms=NOW + seq,
        connection=connection,
        web_id=b"w" * 8,
        preset="sharma2019",
        jpeg=os.urandom(500),
    )


def put(item: SlotFrame, lanes: int = 2) -> list[object]:
    participant = item.participant_id
    keys = [
        build_slot_key(participant),
        READY_KEY,
        build_owner_key(participant, "frames"),
        build_progress_key(participant),
    ]
    progress = Progress(item.seq + 1, (item.window, item.step)).pack()
    arguments: list[bytes | int | str] = [
        item.pack(),
        participant.bytes,
        item.connection,
        lanes,
        item.received_ms,
        progress,
    ]
    answer: list[object] = get_frames_redis().register_script(PUT_SCRIPT)(keys=keys, args=arguments)
    return answer


def cancel(item: SlotFrame) -> bool:
    script = get_frames_redis().register_script(CANCEL_SCRIPT)
    keys = [build_slot_key(item.participant_id), READY_KEY]
    return bool(script(keys=keys, args=[item.pack_meta(), item.participant_id.bytes]))


def test_a_packed_frame_is_unpacked_unchanged() -> None:
    item = frame(1)
    assert unpack_frame(item.pack()) == item
    assert unpack_seq(item.pack_meta()) == 1


def test_a_claimed_frame_is_deleted_from_redis() -> None:
    item = frame(1)
    put(item)
    assert SlotReader(get_frames_redis(), 0).claim() == [item]
    assert not get_frames_redis().exists(build_slot_key(item.participant_id))
    assert SlotReader(get_frames_redis(), 0).claim() == []


def test_the_newest_frame_overwrites_and_returns_the_older_one() -> None:
    person = uuid.uuid4()
    put(frame(1, person))
    second = frame(2, person)
    replaced, old, _ = put(second)
    assert (replaced, unpack_seq(old)) == (0, 1)  # type: ignore[arg-type]
    assert SlotReader(get_frames_redis(), 0).claim() == [second]


def test_a_frame_is_either_cancelled_or_claimed() -> None:
    unread, claimed = frame(1), frame(2)
    put(claimed)
    SlotReader(get_frames_redis(), 0).claim()
    put(unread)
    assert cancel(unread)
    assert not cancel(claimed)
    assert SlotReader(get_frames_redis(), 0).claim() == []


def test_cancelling_an_older_frame_keeps_the_newer_one() -> None:
    person = uuid.uuid4()
    older, newer = frame(1, person), frame(2, person)
    put(older)
    put(newer)
    assert not cancel(older)
    assert SlotReader(get_frames_redis(), 0).claim() == [newer]


def test_the_longest_waiting_participant_is_read_first() -> None:
    patient, eager = uuid.uuid4(), uuid.uuid4()
    put(frame(1, patient))
    for seq in range(2, 30):
        put(frame(seq, eager))
    claimed = SlotReader(get_frames_redis(), 0).claim(1)
    assert [item.participant_id for item in claimed] == [patient]


def test_one_notification_a_lane_and_a_second_lane_only_for_a_backlog() -> None:
    lanes = [put(frame(seq))[2] for seq in range(1, MAX_CLAIMED_FRAMES + 3)]
    assert lanes[0] == 0
    assert lanes[1:MAX_CLAIMED_FRAMES] == [-1] * (MAX_CLAIMED_FRAMES - 1)
    assert lanes[MAX_CLAIMED_FRAMES:] == [1, -1]


def person_of(lane: int, lanes: int = 2) -> uuid.UUID:
    return uuid.UUID(bytes=os.urandom(15) + bytes([lane + lanes * 7]))


def claim(lane: int, count: int = MAX_CLAIMED_FRAMES) -> set[int]:
    """Return the sequence numbers of the frames that one of two lanes claims."""
    return {item.seq for item in SlotReader(get_frames_redis(), lane, lanes=2).claim(count)}


def hold_lanes(*lanes: int) -> None:
    for lane in lanes:
        SlotReader(get_frames_redis(), lane, lanes=2).claim()


def test_frames_go_to_the_lane_that_knows_their_stream(now_ms: int) -> None:
    hold_lanes(0, 1)
    for seq in range(1, 7):
        put(replace(frame(seq, person_of(seq % 2)), received_ms=now_ms))
    assert claim(0) == {2, 4, 6}
    assert claim(1) == {1, 3, 5}


def test_frames_of_a_lane_that_nobody_holds_are_claimed_by_another(now_ms: int) -> None:
    hold_lanes(0)
    put(replace(frame(1, person_of(1)), received_ms=now_ms))
    assert claim(0) == {1}


def test_frames_that_wait_too_long_are_claimed_by_another_lane(now_ms: int) -> None:
    hold_lanes(0, 1)
    put(replace(frame(1, person_of(1)), received_ms=now_ms))
    put(replace(frame(2, person_of(1)), received_ms=now_ms - FOREIGN_AFTER_MS - 1))
    put(replace(frame(3, person_of(0)), received_ms=now_ms))
    assert claim(0, count=1) == {3}
    assert claim(0) == {2}
    assert claim(0) == set()
    assert claim(1) == {1}


@pytest.mark.parametrize(("held", "woken"), [((0, 1), 1), ((0,), 0), ((1,), 1)])
def test_a_frame_wakes_the_lane_that_will_claim_it(held: tuple[int, ...], woken: int) -> None:
    hold_lanes(*held)
    put(frame(1, person_of(1)))
    lengths = [get_frames_redis().llen(build_wake_key(lane).decode()) for lane in (0, 1)]
    assert lengths == [int(lane == woken) for lane in (0, 1)]


def test_a_lane_is_not_released_while_frames_wait() -> None:
    reader = SlotReader(get_frames_redis(), 0)
    put(frame(1))
    assert not reader.release()
    reader.claim()
    assert reader.release()
    assert put(frame(2))[2] == 0  # the next frame notifies again


def test_a_replaced_connection_cannot_store_frames() -> None:
    person = uuid.uuid4()
    put(frame(1, person))
    replaced, _, _ = put(frame(2, person, connection=b"d" * 8))
    assert replaced == 1


def test_the_next_connection_continues_from_the_stored_progress() -> None:
    item = frame(7)
    put(item)
    stored = get_frames_redis().get(build_progress_key(item.participant_id))
    assert unpack_progress(stored) == Progress(8, (item.window, item.step))  # type: ignore[arg-type]
    assert unpack_progress(None).next_seq == 1


def test_a_slot_expires_within_seconds() -> None:
    item = frame(1)
    put(item)
    assert 0 < get_frames_redis().pttl(build_slot_key(item.participant_id)) <= 5_000  # type: ignore[operator]
