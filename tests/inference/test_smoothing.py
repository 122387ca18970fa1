"""Exponential smoothing of a stream's scores by time, with reset on scene cuts."""

import numpy as np
import pytest

from inference.results import LABELS, ExpressionScores, FaceBox, FaceReading
from inference.smoothing import MAX_GAP_S, StreamSmoother, compute_total_variation

HERE = FaceBox(100, 100, 80, 80, 0.9)
ELSEWHERE = FaceBox(300, 100, 80, 80, 0.9)


def read(happiness: float, box: FaceBox = HERE) -> FaceReading:
    scores = dict.fromkeys(LABELS, 0.0) | {"neutral": 1 - happiness, "happiness": happiness}
    return FaceReading("ok", 1, box, ExpressionScores(tuple(scores.values())))


def get_happiness(reading: FaceReading) -> float:
    assert reading.smoothed is not None
    return reading.smoothed["happiness"]


@pytest.mark.parametrize("fps", [1, 2, 5, 30])
def test_a_change_has_arrived_within_a_second_at_any_rate(fps: int) -> None:
    smoother = StreamSmoother()
    smoother.update(read(0.0), 0.0)
    shown = [get_happiness(smoother.update(read(1.0), step / fps)) for step in range(1, fps + 1)]
    assert shown == sorted(shown)
    assert shown[-1] == pytest.approx(1 - np.exp(-1 / 0.4))
    assert shown[-1] > 0.9


def test_raw_scores_are_kept_and_smoothed_ones_sum_to_one() -> None:
    smoother = StreamSmoother()
    smoother.update(read(0.0), 0.0)
    reading = smoother.update(read(1.0), 0.1)
    assert reading.expressions == read(1.0).expressions
    assert reading.smoothed is not None
    assert sum(reading.smoothed.values) == pytest.approx(1.0)
    assert 0 < get_happiness(reading) < 1


def test_the_first_reading_is_not_changed() -> None:
    assert get_happiness(StreamSmoother().update(read(0.7), 5.0)) == pytest.approx(0.7)


def test_flicker_is_halved() -> None:
    smoother = StreamSmoother()
    raw = [read(0.5 + 0.1 * (step % 2)) for step in range(40)]
    smooth = [smoother.update(reading, step / 5) for step, reading in enumerate(raw)]
    before = compute_total_variation([r.expressions for r in raw if r.expressions])
    after = compute_total_variation([r.smoothed for r in smooth if r.smoothed])
    assert before == pytest.approx(0.1)
    assert after < 0.5 * before


@pytest.mark.parametrize("case", ["gap", "other face", "scene cut"])
def test_the_stream_starts_afresh(case: str) -> None:
    smoother = StreamSmoother()
    dark, bright = (np.full((60, 80, 3), level, np.uint8) for level in (30, 200))
    smoother.update(read(0.0), 0.0, dark)
    time_s = MAX_GAP_S + 0.1 if case == "gap" else 0.1
    box = ELSEWHERE if case == "other face" else HERE
    reading = smoother.update(read(1.0, box), time_s, bright if case == "scene cut" else dark)
    assert get_happiness(reading) == 1.0


def test_a_cut_while_no_face_is_seen_resets_too() -> None:
    smoother = StreamSmoother()
    dark, bright = (np.full((60, 80, 3), level, np.uint8) for level in (30, 200))
    smoother.update(read(0.0), 0.0, dark)
    assert smoother.update(FaceReading("no_face", 0), 0.1, bright).smoothed is None
    assert get_happiness(smoother.update(read(1.0), 0.2, bright)) == 1.0


def test_a_short_absence_does_not_reset() -> None:
    smoother = StreamSmoother()
    smoother.update(read(0.0), 0.0)
    smoother.update(FaceReading("low_confidence", 1, HERE), 0.1)
    assert get_happiness(smoother.update(read(1.0), 0.2)) < 0.5


def test_times_must_not_run_backwards() -> None:
    smoother = StreamSmoother()
    smoother.update(read(0.0), 1.0)
    with pytest.raises(ValueError, match="sort them"):
        smoother.update(read(0.0), 0.5)


def test_variation_of_fewer_than_two_frames_is_zero() -> None:
    assert compute_total_variation([]) == 0.0
    first = read(0.3).expressions
    assert first is not None
    assert compute_total_variation([first]) == 0.0
