"""Attacks on the live view, which needs no camera: who asked for a hint, or was stuck.

The final report states what share did, by the milder rule. The attacks measure what the live view
tells of one student beyond that. The adversary arranges who is on the step when: the target opens
it some minutes before everybody else, or after everybody else has left it.
"""

from collections.abc import Mapping
from functools import partial

import numpy as np

from fer_lms.disclosure import live_activity
from fer_lms.disclosure.coarsening import compute_released_share
from fer_lms.disclosure.live_activity import LiveStep, StudentActivity
from tests.bench.disclosure.plays import MIN_CAMERAS, MIN_PRESENT, Attack, Row, Transport

CADENCE_S = 60
STAY_S = 480
"""How long a student stays on the step."""
DELAY_S = 150
"""Mean time from opening the step to what is to be guessed."""
STEP, NEXT_STEP = 1, 2
ORDER = {STEP: 1, NEXT_STEP: 2}
Floats = np.ndarray[tuple[int], np.dtype[np.float64]]


def play_live_view(
    random: np.random.Generator, size: int, _transport: Transport, *, is_stuck: bool
) -> list[Row]:
    """Guess whether the target asked for a hint (or was stuck), from when the view said so.

    The guess without the view knows the share of the final report.
    """
    count = max(size, MIN_PRESENT)
    is_first = bool(random.random() < 0.5)
    opened = STAY_S + random.uniform(0, 120, count)
    opened[0] = 0 if is_first else opened.max() + STAY_S
    does = random.random(count) < random.uniform(0.2, 0.9)
    does[0] = random.random() < 0.5
    done_at = np.where(
        does, opened + np.minimum(random.exponential(DELAY_S, count), STAY_S), np.inf
    )
    shown_at = _find_first(opened, done_at, is_stuck=is_stuck)
    share = compute_released_share([bool(value) for value in does], MIN_CAMERAS)
    given = [float(count), share, abs(share - 0.5), float(is_first)]
    is_shown = shown_at is not None
    with_target = shown_at is not None and opened[0] < shown_at <= opened[0] + STAY_S + CADENCE_S
    is_least = share <= MIN_CAMERAS / count + 0.03
    released = [is_shown, with_target, is_shown and is_least, is_shown and not with_target]
    crossed = [is_least and is_shown and not with_target, not is_shown and is_least]
    return [Row(float(does[0]), given, [float(value) for value in (*released, *crossed)])]


LIVE_ATTACKS: tuple[Attack, ...] = (
    Attack("who asked for a hint, live", "choice", partial(play_live_view, is_stuck=False), 16),
    Attack("who is stuck, live", "choice", partial(play_live_view, is_stuck=True), 16),
)
"""They play no camera, and so no session through REST; tests/reports/test_live_activity.py tests
that the write path releases what `release_activity` returns."""


def _find_first(opened: Floats, done_at: Floats, *, is_stuck: bool) -> int | None:
    """Poll at the cadence; return when the statement first appeared."""
    steps: Mapping[int, LiveStep] = {}
    for now in range(CADENCE_S, int(opened.max()) + STAY_S + 2 * CADENCE_S, CADENCE_S):
        students = [
            _build_student(start, bool(done <= now), now, is_stuck=is_stuck)
            for start, done in zip(opened, done_at, strict=True)
            if start <= now
        ]
        steps = live_activity.release_activity(students, ORDER, MIN_CAMERAS, steps).steps
        if steps[STEP].stuck == "several" or steps[STEP].asked:
            return now
    return None


def _build_student(opened: float, does: bool, now: int, *, is_stuck: bool) -> StudentActivity:
    has_left = now > opened + STAY_S
    return StudentActivity(
        NEXT_STEP if has_left else STEP,
        frozenset({STEP, NEXT_STEP} if has_left else {STEP}),
        frozenset({STEP} if does and not is_stuck else ()),
        is_stuck=is_stuck and does and not has_left,
    )
