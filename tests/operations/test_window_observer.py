from fer_lms.engagement.observations import WINDOW_SECONDS
from tests.bench.load.window_observer import WindowSnapshot, WindowTimes

END = 100 * WINDOW_SECONDS + WINDOW_SECONDS


def build_snapshot(counts: str, *, closed: bool = False) -> WindowSnapshot:
    return WindowSnapshot("learner", 100, counts, closed)


def test_complete_at_last_change_and_closed_at_first_closed_snapshot() -> None:
    times = WindowTimes()
    times.record(build_snapshot("19"), END - 0.5)
    times.record(build_snapshot("20"), END + 0.8)
    times.record(build_snapshot("20"), END + 3)
    times.record(build_snapshot("20", closed=True), END + 5.5)
    times.record(build_snapshot("20", closed=True), END + 7)
    assert [round(ms) for ms in times.list_complete_ms()] == [800]
    assert [round(ms) for ms in times.list_closed_ms()] == [5500]


def test_loss_counted_at_closing_delays_completion() -> None:
    times = WindowTimes()
    times.record(build_snapshot("19"), END + 0.2)
    times.record(build_snapshot("19 and 1 lost", closed=True), END + 5.5)
    assert [round(ms) for ms in times.list_complete_ms()] == [5500]


def test_window_complete_before_its_end_has_zero_delay() -> None:
    times = WindowTimes()
    times.record(build_snapshot("3"), END - 4)
    times.record(build_snapshot("3", closed=True), END + 5)
    assert times.list_complete_ms() == [0]


def test_open_window_has_no_times() -> None:
    times = WindowTimes()
    times.record(build_snapshot("3"), END + 1)
    assert times.list_complete_ms() == times.list_closed_ms() == []
