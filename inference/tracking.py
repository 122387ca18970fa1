"""Read the frames of one learner's stream with landmarks on some frames only.

The landmark network is the dearest stage of a frame. A `StreamReader` finds the face in every frame
and classifies its expression, but measures landmarks, and with them pose and signs, only if

- the last measurement is `MAX_AGE_S` old,
- the face's key points have moved relative to each other since (the head turned),
- the quality or the scores have changed since (the expression changed), or
- the number of faces has changed.

Otherwise the reading carries the last pose and signs, and the box and eyes are moved with the
detector's; `FaceReading.landmarks_age_s` tells how old they are. The state of a stream is numbers:
no pixel outlives its frame. `python -m inference bench` and `tests/inference/test_tracking.py`
compare what is carried with what is measured.
"""

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from inference.detection.base import DetectedFace, DetectionResult
from inference.results import FaceBox, FaceReading

if TYPE_CHECKING:
    from inference.detection.blazeface import FoundBox
    from inference.imaging.frames import Image

UNUSED_LANDMARKS = ("many_faces", "small_face", "cut_off", "low_light")
"""Qualities for which neither pose nor signs are used, so that movements need no measurement."""
MAX_AGE_S = 2.6
"""Seconds for which pose and signs are carried: at 2 frames a second, every sixth is measured."""
MAX_POINT_CHANGE = 0.008
"""Mean change of the coordinates of eyes, nose and mouth, in widths of the detector's box. Its ears
are not used: they are three times as noisy."""
MAX_SCORE_CHANGE = 0.15
"""Total variation distance of the expression scores."""
EXPIRES_S = 10.0
"""Seconds without a frame after which the state of a stream is deleted."""
MAX_STREAMS = 4096

Floats = npt.NDArray[np.float32]


class MeasuringDetector(Protocol):
    """A detector that can find boxes without measuring landmarks (`detection.litert`)."""

    def find(self, image: "Image") -> "list[FoundBox]": ...

    def measure_all(self, image: "Image", found: "Sequence[FoundBox]") -> DetectionResult: ...


ReadDetection = Callable[[DetectionResult, "Image"], FaceReading]
"""From the faces of an image to its reading: quality, expressions."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What the last measured frame of a stream leaves for those after it."""

    at: float
    detection: DetectionResult
    found: "FoundBox"
    """Box of the largest face."""
    found_count: int
    """Boxes, of which some may contain no face."""
    reading: FaceReading

    def is_due(self, found: "Sequence[FoundBox]", at: float) -> bool:
        """Return whether a frame at `at` with boxes at `found` needs its own measurement."""
        if not 0 <= at - self.at < MAX_AGE_S:
            return True
        if not self.detection.count <= len(found) <= self.found_count:
            return True
        if self.reading.quality in UNUSED_LANDMARKS:
            return False
        change = _normalize_points(select_nearest(found, self.found)) - _normalize_points(
            self.found
        )
        return bool(np.abs(change).mean() > MAX_POINT_CHANGE)

    def carry(self, found: "Sequence[FoundBox]") -> DetectionResult:
        """Return the measured faces, the largest moved to where the detector finds it now."""
        face = self.detection.largest
        assert face is not None  # noqa: S101 - `Tracker` keeps no other
        moved = _move_with(face, self.found, select_nearest(found, self.found))
        return replace(self.detection, largest=moved)

    def agrees_with(self, reading: FaceReading) -> bool:
        """Return whether quality and expression are those of the measured frame."""
        if reading.quality != self.reading.quality:
            return False
        if self.reading.expressions is None or reading.expressions is None:
            return True
        pairs = zip(reading.expressions.values, self.reading.expressions.values, strict=True)
        return sum(abs(now - before) for now, before in pairs) / 2 <= MAX_SCORE_CHANGE


class Tracker:
    """The streams of several learners, each with a key of its own: nothing is shared."""

    def __init__(self, detector: MeasuringDetector, read_detection: ReadDetection) -> None:
        self._detector = detector
        self._read_detection = read_detection
        self._streams: OrderedDict[Hashable, tuple[float, Measurement]] = OrderedDict()

    def read(self, key: Hashable, image: "Image", at: float) -> FaceReading:
        """Read a frame of the stream `key`, captured at `at` (seconds)."""
        self._delete_expired(at)
        _, last = self._streams.pop(key, (0.0, None))
        found = self._detector.find(image)
        if last is not None and not last.is_due(found, at):
            reading = self._read_detection(last.carry(found), image)
            if last.agrees_with(reading):
                self._streams[key] = (at, last)
                return replace(reading, landmarks_age_s=at - last.at)
        detection = self._detector.measure_all(image, found)
        reading = self._read_detection(detection, image)
        if detection.largest is not None:
            box = select_nearest(found, detection.largest)
            measured = Measurement(at, detection, box, len(found), reading)
            self._streams[key] = (at, measured)
        return reading

    def _delete_expired(self, at: float) -> None:
        """Delete streams without a frame for `EXPIRES_S`, and the oldest above `MAX_STREAMS`."""
        while self._streams:
            seen_at, _ = next(iter(self._streams.values()))
            if at - seen_at < EXPIRES_S and len(self._streams) < MAX_STREAMS:
                return
            self._streams.popitem(last=False)


def select_nearest(found: "Sequence[FoundBox]", face: "FoundBox | DetectedFace") -> "FoundBox":
    """Return the box whose eyes are nearest to those of a face."""
    return min(found, key=lambda box: float(np.abs(box.eyes - face.eyes).sum()))


def _move_with(face: DetectedFace, before: "FoundBox", now: "FoundBox") -> DetectedFace:
    """Move a face as the detector's box and eyes have moved, and roll its pose with them."""
    scale = float(now.values[1, 0] / before.values[1, 0])
    turned = _compute_eye_angle(now) - _compute_eye_angle(before)
    cos, sin = scale * math.cos(turned), scale * math.sin(turned)
    turn = np.array([[cos, -sin], [sin, cos]])
    eyes = (face.eyes - before.eyes.mean(axis=0)) @ turn.T + now.eyes.mean(axis=0)
    box = face.box
    centre = np.array([box.x + box.width / 2, box.y + box.height / 2])
    x, y = ((centre - before.values[0]) * scale + now.values[0]).tolist()
    width, height = box.width * scale, box.height * scale
    pose = face.pose and replace(face.pose, roll=face.pose.roll - math.degrees(turned))
    return replace(
        face,
        pose=pose,
        box=FaceBox(x - width / 2, y - height / 2, width, height, box.score),
        width=width,
        eyes=eyes.astype(np.float32),
    )


def _normalize_points(found: "FoundBox") -> Floats:
    """Return eyes, nose and mouth [4, 2] about the eyes' midpoint, upright, in box widths."""
    angle = -_compute_eye_angle(found)
    cos, sin = math.cos(angle), math.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]], np.float32) / max(float(found.values[1, 0]), 1e-6)
    points: Floats = (found.values[2:6] - found.eyes.mean(axis=0)) @ turn.T
    return points


def _compute_eye_angle(found: "FoundBox") -> float:
    """Return the angle of the line between the eyes, radians."""
    (right_x, right_y), (left_x, left_y) = found.eyes.tolist()
    return math.atan2(left_y - right_y, left_x - right_x)
