"""Input of the disclosure control: attendance and camera sums of each student. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_lms.disclosure.noise import NoiseSource
from inference.results import LABELS

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
LEVELS: Final = ("high", "medium", "low")


@dataclass(frozen=True, slots=True)
class CameraSums:
    """Sums over ten-second windows, by student (row) and by bin or step (column).

    Attributes:
        seen_seconds: [students, columns] Seconds with a usable reading.
        engagement: [students, columns] Sum of the windows' mean engagement, each 0..1.
        engagement_windows: [students, columns] Number of windows in `engagement`.
        expressions: [students, columns, labels] Sum of the windows' mean probabilities.
        expression_windows: [students, columns] Number of windows in `expressions`.
        levels: [students, columns, levels] Number of windows of each of `LEVELS`.
    """

    seen_seconds: FloatArray
    engagement: FloatArray
    engagement_windows: FloatArray
    expressions: FloatArray
    expression_windows: FloatArray
    levels: FloatArray

    @classmethod
    def zeros(cls, students: int, columns: int) -> "CameraSums":
        shape = students, columns
        return cls(
            seen_seconds=np.zeros(shape),
            engagement=np.zeros(shape),
            engagement_windows=np.zeros(shape),
            expressions=np.zeros((*shape, len(LABELS))),
            expression_windows=np.zeros(shape),
            levels=np.zeros((*shape, len(LEVELS))),
        )

    def take(self, rows: IntArray) -> "CameraSums":
        """Return the sums of some students."""
        return CameraSums(
            seen_seconds=self.seen_seconds[rows],
            engagement=self.engagement[rows],
            engagement_windows=self.engagement_windows[rows],
            expressions=self.expressions[rows],
            expression_windows=self.expression_windows[rows],
            levels=self.levels[rows],
        )


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """Everything that figures of one session are computed from.

    Rows of all arrays are the students who opened the lesson, in the order of `students`.
    Attendance (`opened_at`, `own_seconds`, `in_bin`, `in_step`) comes from events only: it is what
    everybody in the room can see. `bins` contains each window of a student's lesson time once, also
    those of a last, incomplete bin.

    Attributes:
        students: Keys of the students, the same in every session.
        opened_at: [students] When the student opened the lesson, in seconds since the session's
            start.
        own_seconds: [students] How long the student was in the lesson.
        bin_seconds: Length of a bin.
        in_bin: [students, bins] The student was in the lesson during the whole bin.
        in_step: [students, steps] The student opened the step.
        bins: Sums by bin: of the student's own lesson time (ended sessions) or of the time since
            the session's start (open sessions).
        steps: Sums by step.
        noise_key: Bytes that nobody can guess, the same in all records of a session.
        first_bin_second: When the first bin begins, in seconds since the session's start; None
            if bins are of the student's own lesson time.
    """

    students: Sequence[str]
    opened_at: FloatArray
    own_seconds: FloatArray
    bin_seconds: int
    in_bin: BoolArray
    in_step: BoolArray
    bins: CameraSums
    steps: CameraSums
    noise_key: bytes
    first_bin_second: float | None = None

    @property
    def bin_noise(self) -> NoiseSource:
        first = self.first_bin_second
        since_opening = 0.0 if first is None else first - self.opened_at.min(initial=np.inf)
        return NoiseSource(self.noise_key, "time", since_opening, self.bin_seconds)

    @property
    def step_noise(self) -> NoiseSource:
        return NoiseSource(self.noise_key, "step")

    def find_rows(self, members: frozenset[str]) -> IntArray:
        return np.array(
            [row for row, student in enumerate(self.students) if student in members], dtype=np.int64
        )

    def get_students(self, is_selected: BoolArray) -> frozenset[str]:
        return frozenset(
            student for student, chosen in zip(self.students, is_selected, strict=True) if chosen
        )


def mark_own_bins(own_seconds: FloatArray, bin_seconds: int) -> BoolArray:
    """Return [students, bins]: whether each bin of a student's own lesson time is complete.

    The number of bins is that of the student who stayed longest, the last one incomplete.
    """
    longest = float(own_seconds.max()) if len(own_seconds) else 0.0
    ends = (np.arange(int(longest // bin_seconds) + 1) + 1) * bin_seconds
    return own_seconds[:, None] >= ends[None, :]
