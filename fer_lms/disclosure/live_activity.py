"""The live view of a class, from events and without a camera. Pure.

Where the class is follows from attendance, which everybody in the room sees. What students did on a
step has the milder rule of figures without a camera (docs/disclosure.md), with further bounds,
because a live view is read again and again:

- A statement needs `min_group_size` students of whom it is true, and `PRESENT_MARGIN` more who
  opened the step.
- It appears while at least `min_group_size` students are on the step, so that nobody can be alone
  on it when it appears.
- It appears once. Its end, where it has one, is decided by attendance.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from fer_lms.disclosure.cohort import PRESENT_MARGIN, has_enough_present
from fer_lms.disclosure.figures import FEW_PRESENT

Part = Literal["some", "half", "most"]
Asked = Literal["several", "most"]
Stuck = Literal["no", "several", "over"]

MIN_HALF: Final = 3 / 8
"""Share of those present from which "about half" are on a step."""
MIN_MOST: Final = 2 / 3
MOST_GROUPS: Final = 2
"""Groups of the smallest size that have to open a step before "most" is said of it."""


@dataclass(frozen=True, slots=True)
class StudentActivity:
    """What one student did so far; steps by their id.

    Attributes:
        step: The step that is open now; None if the student is not in the lesson or on no step.
        opened: Steps opened.
        asked: Steps on which the student asked for a hint.
        is_stuck: Whether the student's actions on `step` are those of somebody who is stuck.
    """

    step: int | None
    opened: frozenset[int] = frozenset()
    asked: frozenset[int] = frozenset()
    is_stuck: bool = False


@dataclass(frozen=True, slots=True)
class LiveStep:
    """What is released of a step.

    Attributes:
        on_step: Part of those present who are on it now; None for fewer than the threshold.
        asked: How many asked for a hint on it; None for fewer than the threshold.
        stuck: "several" may be stuck on it; "over": they were, and most have left the step.
    """

    on_step: Part | None = None
    asked: Asked | None = None
    stuck: Stuck = "no"


@dataclass(frozen=True, slots=True)
class LiveActivity:
    """The released state of the class.

    Attributes:
        withheld: Why the place of the class is withheld, or None.
        first: The first of the steps on which the middle of the class is; None if withheld.
        last: The last of these steps.
        steps: By id; of all steps that were released at some time.
    """

    withheld: str | None
    first: int | None
    last: int | None
    steps: Mapping[int, LiveStep]


def release_activity(
    students: Collection[StudentActivity],
    order: Mapping[int, int],
    min_group_size: int,
    earlier: Mapping[int, LiveStep],
) -> LiveActivity:
    """Compute the next state of the live view.

    Args:
        students: Everybody who opened the lesson.
        order: Position of each step of the lesson.
        min_group_size: The threshold.
        earlier: The steps as they were released last.
    """
    places = [student.step for student in students if student.step is not None]
    places = sorted((step for step in places if step in order), key=lambda step: order[step])
    on_step, present = Counter(places), len(places)
    has_enough = has_enough_present(places, min_group_size)
    steps = {
        step: _release_step(
            earlier.get(step, LiveStep()),
            students,
            step,
            on_step[step] if has_enough else 0,
            present,
            min_group_size,
        )
        for step in order
    }
    if not has_enough:
        return LiveActivity(FEW_PRESENT, None, None, steps)
    first = min(min_group_size - 1, (present - 1) // 2)
    return LiveActivity(None, places[first], places[present - 1 - first], steps)


def _release_step(
    earlier: LiveStep,
    students: Collection[StudentActivity],
    step: int,
    on_step: int,
    present: int,
    min_group_size: int,
) -> LiveStep:
    openers = [student for student in students if step in student.opened]
    released = LiveStep(
        _name_part(on_step / present) if on_step >= min_group_size else None,
        earlier.asked,
        "over" if earlier.stuck == "several" and on_step < min_group_size else earlier.stuck,
    )
    if min(on_step, len(openers) - PRESENT_MARGIN) < min_group_size:
        return released
    asked = sum(step in student.asked for student in openers)
    stuck = sum(student.is_stuck and student.step == step for student in openers)
    if earlier.asked != "most" and asked >= min_group_size:
        is_most = 2 * asked > len(openers) >= MOST_GROUPS * min_group_size
        released = replace(released, asked="most" if is_most else "several")
    if released.stuck == "no" and stuck >= min_group_size:
        released = replace(released, stuck="several")
    return released


def _name_part(share: float) -> Part:
    if share >= MIN_MOST:
        return "most"
    return "half" if share >= MIN_HALF else "some"
