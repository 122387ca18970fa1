"""Smooth the expression scores of one person's stream: exponential, by time, reset on scene cuts.

`FacePipeline` keeps no state between frames. A `StreamSmoother` is the state of one stream: it adds
`smoothed` to each reading and leaves `expressions` as they are; averages over time (windows) use
those. After a change, a smoothed score has moved nine tenths of the way within a second.
"""

import itertools
import math
from dataclasses import replace
from typing import TYPE_CHECKING

from inference.results import ExpressionScores, FaceBox, FaceReading

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from inference.imaging.frames import Image

TIME_CONSTANT_S = 0.4
"""Share of a change that is still missing after t seconds: exp(-t / 0.4), 8 % after one second."""
MAX_GAP_S = 2.0
"""Without scores for longer, the stream starts afresh."""
MIN_OVERLAP = 0.2
"""Of two consecutive face boxes (intersection over union); below, it is another face or scene."""
MAX_PICTURE_CHANGE = 40.0
"""Mean change of the grey levels of `THUMBNAIL_SIDE` squared pixels; above, the scene was cut."""
THUMBNAIL_SIDE = 16


class StreamSmoother:
    """State of one stream; frames are passed in the order of their times."""

    def __init__(self, time_constant_s: float = TIME_CONSTANT_S) -> None:
        self.time_constant_s = time_constant_s
        self._scores: tuple[float, ...] | None = None
        self._time_s = -math.inf
        self._face: FaceBox | None = None
        self._thumbnail: npt.NDArray[np.float32] | None = None

    def update(
        self, reading: FaceReading, time_s: float, image: "Image | None" = None
    ) -> FaceReading:
        """Return the reading with `smoothed`, None where it has no expressions.

        Args:
            reading: of the frame.
            time_s: of the frame, in seconds, not before that of the previous one.
            image: the frame, uint8 BGR; without it, scene cuts are seen by the face box alone.

        Raises:
            ValueError: The time is before that of the previous frame.
        """
        if self._is_scene_cut(image):
            self._forget()
        if reading.expressions is None or reading.face is None:
            return reading
        if self._scores is not None:
            if time_s < self._time_s:
                raise ValueError(f"frame at {time_s} s after one at {self._time_s} s; sort them")
            if time_s - self._time_s > MAX_GAP_S or not _overlaps(self._face, reading.face):
                self._forget()
        self._scores = self._blend(reading.expressions.values, time_s)
        self._time_s, self._face = time_s, reading.face
        return replace(reading, smoothed=ExpressionScores(self._scores))

    def _forget(self) -> None:
        self._scores, self._time_s, self._face = None, -math.inf, None

    def _blend(self, scores: tuple[float, ...], time_s: float) -> tuple[float, ...]:
        if self._scores is None:
            return scores
        kept = math.exp(-(time_s - self._time_s) / self.time_constant_s)
        return tuple(
            kept * before + (1 - kept) * now
            for before, now in zip(self._scores, scores, strict=True)
        )

    def _is_scene_cut(self, image: "Image | None") -> bool:
        if image is None:
            return False
        before, self._thumbnail = self._thumbnail, _make_thumbnail(image)
        return before is not None and bool(
            abs(before - self._thumbnail).mean() > MAX_PICTURE_CHANGE
        )


def compute_total_variation(scores: list[ExpressionScores]) -> float:
    """Compute the mean total variation distance of consecutive scores, 0..1; 0 for fewer than 2."""
    pairs = list(itertools.pairwise(scores))
    distances = [
        sum(abs(a - b) for a, b in zip(first.values, second.values, strict=True)) / 2
        for first, second in pairs
    ]
    return sum(distances) / len(distances) if distances else 0.0


def _make_thumbnail(image: "Image") -> "npt.NDArray[np.float32]":
    from inference.imaging.frames import load_cv2

    cv2 = load_cv2()
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    size = (THUMBNAIL_SIDE, THUMBNAIL_SIDE)
    thumbnail: npt.NDArray[np.float32] = cv2.resize(
        grey, size, interpolation=cv2.INTER_AREA
    ).astype("float32")
    return thumbnail


def _overlaps(first: FaceBox | None, second: FaceBox) -> bool:
    if first is None:
        return False
    width = min(first.x + first.width, second.x + second.width) - max(first.x, second.x)
    height = min(first.y + first.height, second.y + second.height) - max(first.y, second.y)
    shared = max(0.0, width) * max(0.0, height)
    union = first.width * first.height + second.width * second.height - shared
    return shared >= MIN_OVERLAP * union
