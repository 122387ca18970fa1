from fer_lms.engagement.observations import WINDOW_SECONDS
from tests.bench.load.window_observer import WindowSnapshot, WindowTimes

END = 100 * WINDOW_SECONDS + WINDOW_SECONDS


def snapshot(counts: str, *, closed: bool = False) -> WindowSnapshot:
    return WindowSnapshot("learner", 100, counts, closed)


def test_a_window_is_complete_when_it_last_changed_and_closed_when_first_seen_so() -> None:
    times = WindowTimes()
    times.record(snapshot("19"), END - 0.5)
    times.record(snapshot("20"), END + 0.8)
    times.record(snapshot("20"), END + 3)
    times.record(snapshot("20", closed=True), END + 5.5)
    times.record(snapshot("20", closed=True), END + 7)
    assert [round(ms) for ms in times.list_complete_ms()] == [800]
    assert [round(ms) for ms in times.list_closed_ms()] == [5500]


def test_a_loss_settled_at_closing_makes_the_window_complete_only_then() -> None:
    times = WindowTimes()
    times.record(snapshot("19"), END + 0.2)
    times.record(snapshot("19 and 1 lost", closed=True), END + 5.5)
    assert [round(ms) for ms in times.list_complete_ms()] == [5500]


def test_a_window_that_was_complete_before_its_end_took_no_time_after_it() -> None:
    times = WindowTimes()
    times.record(snapshot("3"), END - 4)
    times.record(snapshot("3", closed=True), END + 5)
    assert times.list_complete_ms() == [0]


def test_an_open_window_has_no_times() -> None:
    times = WindowTimes()
    times.record(snapshot("3"), END + 1)
    assert times.list_complete_ms() == times.list_closed_ms() == []
