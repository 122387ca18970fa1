"""Measure the CPU cost of MediaPipe's Python wrapper as a share of `read`.

Run with `python -m tests.bench.landmark_wrapper`.
Decides whether `inference.detection.landmarks` reads MediaPipe's C result itself (more than 5 %).
"""

import statistics
import sys
import time
from collections.abc import Callable

import mediapipe  # type: ignore[import-untyped]
import numpy as np

from inference.bench import make_face_frames
from inference.detection.landmarks import LandmarkDetector
from inference.errors import DetectorUnavailable
from inference.expressions import load_classifier
from inference.imaging.frames import decode, load_cv2
from inference.models.store import FACE_LANDMARKER, load_model
from inference.pipeline import FacePipeline

ROUNDS = 120


def main() -> None:
    cv2 = load_cv2()
    try:
        detector = LandmarkDetector(load_model(FACE_LANDMARKER))
    except DetectorUnavailable as error:
        sys.exit(f"MediaPipe is not available here: {error}")
    pipeline = FacePipeline(detector, load_classifier())
    frames = make_face_frames(None)
    images = [decode(frame) for frame in frames]

    def detect_through_wrapper(index: int) -> None:
        rgb = cv2.cvtColor(images[index], cv2.COLOR_BGR2RGB)
        picture = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=rgb)
        result = detector._landmarker.detect(picture)
        for landmarks in result.face_landmarks:
            np.fromiter((v for point in landmarks for v in (point.x, point.y)), np.float32)

    calls: dict[str, Callable[[int], object]] = {
        "C result": lambda index: detector._detect(images[index]),
        "wrapper": detect_through_wrapper,
        "read": lambda index: pipeline.read(frames[index]),
    }
    cpu_ms: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():  # interleaved
            for index in range(len(frames)):
                start = time.process_time_ns()
                call(index)
                cpu_ms[name].append((time.process_time_ns() - start) / 1e6)
    median = {name: statistics.median(values) for name, values in cpu_ms.items()}
    extra = (median["wrapper"] - median["C result"]) / median["read"]
    sys.stdout.write(
        "".join(f"{name}: {value:.2f} ms CPU\n" for name, value in median.items())
        + f"the wrapper costs {100 * extra:.1f} % of read\n"
    )


if __name__ == "__main__":
    main()
