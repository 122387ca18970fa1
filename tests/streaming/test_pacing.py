import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer_lms.engagement.observations import STEPS, locate_window
from fer_lms.streaming.web.pacing import FrameClock, RateController, TokenBucket

WELCOME = 1_790_000_003_000


@given(st.lists(st.tuples(st.integers(0, 2**40), st.integers(0, 30_000)), min_size=1, max_size=60))
def test_no_two_frames_share_a_step_whatever_the_client_claims(
    frames: list[tuple[int, int]],
) -> None:
    clock = FrameClock(WELCOME)
    receipt, taken = WELCOME, []
    for captured, later in frames:
        receipt += later
        placed = clock.place(captured, receipt)
        if placed is not None:
            taken.append(placed)
            assert 0 <= placed[1] < STEPS
            assert locate_window(max(WELCOME, receipt - 10_000)) <= placed <= locate_window(receipt)
    assert len(taken) == len(set(taken))
    assert taken == sorted(taken)


def test_frames_keep_the_distance_of_the_clients_clock() -> None:
    clock = FrameClock(WELCOME)
    first = clock.place(500_000, WELCOME + 100)
    delayed = clock.place(500_400, WELCOME + 900)  # taken 400 ms later, arrived 800 ms later
    assert first == locate_window(WELCOME + 100)
    assert delayed == locate_window(WELCOME + 500)


def test_a_clock_in_the_future_is_clamped_to_the_receipt() -> None:
    clock = FrameClock(WELCOME)
    clock.place(0, WELCOME)
    assert clock.place(10**9, WELCOME + 1_000) == locate_window(WELCOME + 1_000)


def test_a_step_of_an_earlier_connection_is_not_used_again() -> None:
    clock = FrameClock(WELCOME, last=locate_window(WELCOME))
    assert clock.place(0, WELCOME + 10) is None
    assert clock.place(200, WELCOME + 210) is not None


def test_a_bucket_allows_a_burst_then_the_rate() -> None:
    bucket = TokenBucket(rate=5, burst=10, now_ms=0)
    assert [bucket.take(0) for _ in range(12)] == [True] * 10 + [False] * 2
    assert bucket.take(200)
    assert not bucket.take(210)


@pytest.mark.parametrize(("fps", "closes"), [(5, False), (6, False), (60, True)])
def test_a_bucket_is_exhausted_only_after_too_many_refusals(fps: int, closes: bool) -> None:
    bucket = TokenBucket(rate=5, burst=10, now_ms=0)
    for frame in range(10 * fps):
        bucket.take(frame * 1000 // fps)
    assert bucket.is_exhausted is closes


def test_the_rate_falls_while_frames_are_discarded_and_recovers() -> None:
    controller = RateController(target=2)
    assert controller.update(100, 50)
    assert controller.target == 1.5
    for period in range(2, 20):
        controller.update(100 * period, 50 * period)
    assert controller.target == 0.5
    for period in range(20, 40):
        controller.update(100 * period, 950)
    assert controller.target == 2


def test_few_frames_do_not_change_the_rate() -> None:
    controller = RateController(target=2)
    assert not controller.update(9, 9)
    assert not controller.update(9, 9)
