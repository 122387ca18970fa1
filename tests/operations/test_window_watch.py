from fer_lms.engagement.observations import WINDOW_SECONDS
from tests.bench.window_watch import Sighting, WindowTimes

END = 100 * WINDOW_SECONDS + WINDOW_SECONDS


def sighting(counts: str, *, closed: bool = False) -> Sighting:
    return Sighting("learner", 100, counts, closed)


def test_a_window_is_complete_when_it_last_changed_and_closed_when_first_seen_so() -> None:
    times = WindowTimes()
    times.saw(sighting("19"), END - 0.5)
    times.saw(sighting("20"), END + 0.8)
    times.saw(sighting("20"), END + 3)
    times.saw(sighting("20", closed=True), END + 5.5)
    times.saw(sighting("20", closed=True), END + 7)
    assert [round(ms) for ms in times.counted_ms()] == [800]
    assert [round(ms) for ms in times.closed_ms()] == [5500]


def test_a_loss_settled_at_closing_makes_the_window_complete_only_then() -> None:
    times = WindowTimes()
    times.saw(sighting("19"), END + 0.2)
    times.saw(sighting("19 and 1 lost", closed=True), END + 5.5)
    assert [round(ms) for ms in times.counted_ms()] == [5500]


def test_a_window_that_was_complete_before_its_end_took_no_time_after_it() -> None:
    times = WindowTimes()
    times.saw(sighting("3"), END - 4)
    times.saw(sighting("3", closed=True), END + 5)
    assert times.counted_ms() == [0]


def test_an_open_window_has_no_times() -> None:
    times = WindowTimes()
    times.saw(sighting("3"), END + 1)
    assert times.counted_ms() == times.closed_ms() == []
