"""Compare the reading of streams with MediaPipe's FaceLandmarker on every frame, in one run.

The clips of a folder are played as the streams of eight learners, each with a phase of its own,
forwards and backwards at their own speed, sampled at one or two frames a second. Every frame is
read three ways in turn: by the stream's reader, by `FacePipeline.read`, and by the reference, which
is MediaPipe's FaceLandmarker and the same classifier.
"""

import itertools
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from inference.detection.landmarks import LandmarkDetector
from inference.errors import DetectorUnavailable, PictureUnreadable
from inference.imaging.frames import load_cv2
from inference.models.store import FACE_LANDMARKER, load_model
from inference.pipeline import FacePipeline
from inference.results import SIGNS, FaceReading

if TYPE_CHECKING:
    from inference.imaging.frames import Image

LEARNERS = 8
RATES = (2, 1)
"""Frames a second."""
SECONDS = 40
"""Of each stream."""
PHASE_S = 0.37
"""Between the starts of two learners of one clip."""
LONGER_SIDE = 320
JPEG_QUALITY = 70
CLIP_SUFFIXES = (".gif", ".mkv", ".mp4", ".webm")
POSE_ANGLES = ("yaw", "pitch", "roll")


@dataclass(frozen=True)
class Clip:
    """JPEG frames and their number a second."""

    frames: Sequence[bytes]
    rate: float

    def get_frame(self, at: float) -> bytes:
        """Return the frame at a time in seconds, playing forwards and backwards in turn."""
        last = len(self.frames) - 1
        index = int(at * self.rate) % max(2 * last, 1)
        return self.frames[min(index, 2 * last - index)]


def load_clips(folder: Path) -> list[Clip]:
    """Load the clips of a folder. Raises PictureUnreadable where there are none."""
    if not folder.is_dir():
        raise PictureUnreadable(f"{folder} is no folder; name one with clips")
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in CLIP_SUFFIXES)
    clips = [clip for path in paths if len((clip := _load_clip(path)).frames) > 1]
    if not clips:
        raise PictureUnreadable(f"no clip in {folder}; put a {', '.join(CLIP_SUFFIXES)} file there")
    return clips


def make_still_clip(image: "Image") -> Clip:
    """Make the clip of a person who sits still, two frames a second: a portrait that sways.

    Position (standard deviation 3 pixels), tilt (1.7 degrees), size (2 %) and light (3 %) are AR(1)
    series with a coefficient of 0.8, and every pixel has noise.
    """
    cv2 = load_cv2()
    random = np.random.default_rng(0)
    picture = cv2.resize(image, (320, 240), interpolation=cv2.INTER_AREA)
    steps = np.array([2.0, 2.0, 1.0, 0.01, 0.02])
    state = np.zeros(5)
    frames = []
    for _ in range(120):
        state = 0.8 * state + random.normal(0, steps)
        x, y, degrees, size, light = state.tolist()
        sway = cv2.getRotationMatrix2D((134.0, 100.0), degrees, 1 + size)
        sway[:, 2] += np.array([x, y])
        moved = cv2.warpAffine(picture, sway, (320, 240), borderMode=cv2.BORDER_REPLICATE)
        noisy = moved * (1 + light) + random.normal(0, 4, moved.shape)
        frames.append(_encode(noisy.clip(0, 255).astype(np.uint8)))
    return Clip(frames, 2.0)


def _encode(image: "Image") -> bytes:
    cv2 = load_cv2()
    jpeg: bytes = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()
    return jpeg


def _load_clip(path: Path) -> Clip:
    cv2 = load_cv2()
    video = cv2.VideoCapture(str(path))
    rate = video.get(cv2.CAP_PROP_FPS) or 25.0
    frames = []
    more, image = video.read()
    while more:
        scale = LONGER_SIDE / max(image.shape[:2])
        size = [round(side * scale) for side in image.shape[1::-1]]
        frames.append(_encode(cv2.resize(image, size, interpolation=cv2.INTER_AREA)))
        more, image = video.read()
    video.release()
    return Clip(frames, rate)


def measure_streams(
    pipeline: FacePipeline, clips: Sequence[Clip], learners: int = LEARNERS
) -> dict[str, Any] | None:
    """Return CPU ratios and what carrying costs in fidelity, by frames a second.

    Returns:
        None where MediaPipe, the reference, is unavailable. Else by rate: `over_reference` and
        `every_frame_over_reference` (CPU of the streams, and of `read`, over the reference's),
        `measured` (share of frames with a face whose landmarks are their own), `pose_error` and
        `sign_error` of carried frames against `read` of the same frame (mean, degrees; mean and
        90th percentile over the signs), `max_age_s`, and `same_expression` (share of frames with
        the same top score as `read`).
    """
    try:
        detector = LandmarkDetector(load_model(FACE_LANDMARKER))
    except DetectorUnavailable:
        return None
    reference = FacePipeline(detector, pipeline.classifier)
    return {str(rate): _measure_rate(pipeline, reference, clips, rate, learners) for rate in RATES}


def format_streams(name: str, streams: dict[str, Any]) -> list[str]:
    """Format the result of `measure_streams` as lines of text."""
    lines = []
    for rate, found in streams.items():
        pose = max(
            (error for error in found["pose_error"].values() if error is not None), default=0
        )
        lines += [
            f"{name} at {rate}/s: CPU {found['over_reference']:.2f} of MediaPipe's on every frame "
            f"(every frame measured: {found['every_frame_over_reference']:.2f})",
            f"    {found['measured']:.0%} of the frames with a face measured; carried ones are off "
            f"by {pose:.1f} degrees and {found['sign_error']['mean'] or 0:.3f} a sign, "
            f"{found['max_age_s']:.1f} s old at most",
        ]
    return lines


def _play(clips: Sequence[Clip], rate: float, learners: int) -> Iterator[tuple[int, float, bytes]]:
    """Yield (learner, time, frame), the learners in turn."""
    for step, learner in itertools.product(range(int(SECONDS * rate)), range(learners)):
        clip = clips[learner % len(clips)]
        yield learner, step / rate, clip.get_frame(step / rate + learner * PHASE_S)


def _measure_rate(
    pipeline: FacePipeline,
    reference: FacePipeline,
    clips: Sequence[Clip],
    rate: float,
    learners: int,
) -> dict[str, Any]:
    cpu_ns = dict.fromkeys(("stream", "read", "reference"), 0)
    pairs = []
    for learner, at, jpeg in _play(clips, rate, learners):
        key = (id(clips), rate, learner)
        reads: dict[str, Callable[[], FaceReading]] = {
            "stream": partial(pipeline.track(key).read, jpeg, at),
            "read": partial(pipeline.read, jpeg),
            "reference": partial(reference.read, jpeg),
        }
        readings = {}
        for name, read in reads.items():
            started = time.process_time_ns()
            readings[name] = read()
            cpu_ns[name] += time.process_time_ns() - started
        pairs.append((readings["stream"], readings["read"]))
    return {
        "over_reference": round(cpu_ns["stream"] / cpu_ns["reference"], 3),
        "every_frame_over_reference": round(cpu_ns["read"] / cpu_ns["reference"], 3),
        **compare_readings(pairs),
    }


def compare_readings(pairs: Sequence[tuple[FaceReading, FaceReading]]) -> dict[str, Any]:
    """Compare readings of streams with readings of the same frames by themselves."""
    carried = [(one, other) for one, other in pairs if one.landmarks_age_s > 0]
    poses = [(a.pose, b.pose) for a, b in carried if a.signs and a.pose and b.pose]
    signs = [(a.signs, b.signs) for a, b in carried if a.signs and b.signs]
    scores = [(a.expressions, b.expressions) for a, b in pairs if a.expressions and b.expressions]
    sign_errors = [abs(getattr(a, n) - getattr(b, n)) for a, b in signs for n in SIGNS]
    return {
        "measured": _mean([float(a.landmarks_age_s == 0) for a, _ in pairs if a.face]),
        "pose_error": {
            angle: _mean([abs(getattr(a, angle) - getattr(b, angle)) for a, b in poses])
            for angle in POSE_ANGLES
        },
        "sign_error": {
            "mean": _mean(sign_errors),
            "p90": round(statistics.quantiles(sign_errors, n=10)[-1], 3) if signs else None,
        },
        "max_age_s": max((one.landmarks_age_s for one, _ in carried), default=0.0),
        "same_expression": _mean([float(a.top == b.top) for a, b in scores]),
    }


def _mean(values: Sequence[float]) -> float | None:
    return round(statistics.fmean(values), 3) if values else None
