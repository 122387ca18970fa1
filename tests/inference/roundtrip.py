"""Is the crop that the pipeline makes the crop that the network was trained on?

FER2013's faces are enlarged into 320x240 JPEG frames and sent through `read`; what the network
says of them is compared with what it says of the 48x48 pictures themselves, by FER+'s rule.

    FER_DATA=... python -m tests.inference.roundtrip             all of PublicTest
    FER_DATA=... python -m tests.inference.roundtrip --limits    validation faces by yaw, pitch,
                                                                 luminance and top probability
"""

import argparse
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from inference import pipeline as limits
from inference.imaging.alignment import align_face
from inference.pipeline import Classifier, FacePipeline, compute_luminance, load_pipeline
from inference.results import LABELS, FaceReading
from inference.training.data.dataset import (
    FaceDataset,
    compute_majority_labels,
    has_majority_label,
    read_dataset,
)
from inference.training.data.splits import make_official_split
from tests.inference.pictures import Image, as_jpeg

SIDE = 168
"""Of the enlarged face in the frame, pixels: a learner at arm's length."""

Rows = npt.NDArray[np.intp]


def framed(face: Image, side: int = SIDE, background: int = 110, light: float = 1.0) -> bytes:
    """A 48x48 face in the middle of a plain frame, as a browser would send it."""
    frame = np.full((240, 320), background, np.uint8)
    top, left = (240 - side) // 2, (320 - side) // 2
    frame[top : top + side, left : left + side] = cv2.resize(
        face, (side, side), interpolation=cv2.INTER_CUBIC
    )
    return as_jpeg((frame * light).astype(np.uint8))


@dataclass(frozen=True)
class RoundTrip:
    """Shares of the rows that were sent; accuracies over those that came back with scores."""

    sent: int
    qualities: dict[str, float]
    accuracy_direct: float
    accuracy_read: float

    @property
    def found(self) -> float:
        return 1 - self.qualities.get("no_face", 0.0)

    @property
    def lost(self) -> float:
        return self.accuracy_direct - self.accuracy_read

    def __str__(self) -> str:
        shares = ", ".join(f"{name} {share:.1%}" for name, share in self.qualities.items())
        return (
            f"{self.sent} faces sent: a face found in {self.found:.1%} ({shares}).\n"
            f"Of those with scores: {self.accuracy_direct:.2%} as 48x48 pictures, "
            f"{self.accuracy_read:.2%} through read, {100 * self.lost:+.2f} points lost."
        )


def public_test_rows(faces: FaceDataset) -> Rows:
    """PublicTest's rows that FER+'s rule scores: 3,199."""
    return np.flatnonzero((faces.split == 1) & has_majority_label(faces.votes))


def validation_rows(faces: FaceDataset) -> Rows:
    """Scored rows of Training that were kept from the training, for choosing limits."""
    rows = make_official_split(faces).validation
    return rows[has_majority_label(faces.votes)[rows]]


def round_trip(pipeline: FacePipeline, faces: FaceDataset, rows: Rows) -> RoundTrip:
    readings = [pipeline.read(framed(faces.images[row])) for row in tqdm(rows, disable=None)]
    truth = compute_majority_labels(faces.votes)
    counts = Counter(reading.quality for reading in readings)
    usable = [(r, row) for r, row in zip(readings, rows, strict=True) if r.quality == "ok"]
    direct = pipeline.classifier.classify([faces.images[row] for _, row in usable])
    expected = truth[[row for _, row in usable]]
    return RoundTrip(
        sent=len(rows),
        qualities={name: count / len(rows) for name, count in counts.most_common()},
        accuracy_direct=float((direct.argmax(axis=1) == expected).mean()),
        accuracy_read=float(np.mean([_top(r) for r, _ in usable] == expected)),
    )


def _top(reading: FaceReading) -> int:
    assert reading.expressions is not None
    return LABELS.index(reading.expressions.top)


@dataclass(frozen=True)
class Look:
    """One face as the pipeline sees it before its limits."""

    yaw: float
    pitch: float
    luminance: float
    top_probability: float
    right: bool
    right_direct: bool


def looks(
    pipeline: FacePipeline, faces: FaceDataset, rows: Rows, light: float = 1.0
) -> Iterator[Look]:
    """What was found of each row, no limit applied."""
    truth = compute_majority_labels(faces.votes)
    for row in tqdm(rows, disable=None):
        jpeg = np.frombuffer(framed(faces.images[row], light=light), np.uint8)
        image = np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)
        face = pipeline.detector.detect(image).largest
        if face is None or face.pose is None:
            continue
        grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
        top, score = _best(pipeline.classifier, align_face(grey, face.eyes))
        direct, _ = _best(pipeline.classifier, faces.images[row])
        yield Look(
            yaw=abs(face.pose.yaw),
            pitch=abs(face.pose.pitch),
            luminance=compute_luminance(face.box, grey),
            top_probability=score,
            right=top == truth[row],
            right_direct=direct == truth[row],
        )


def _best(classifier: Classifier, crop: Image) -> tuple[int, float]:
    scores = classifier.classify([crop])[0]
    return int(scores.argmax()), float(scores.max())


def print_by(
    name: str, seen: list[Look], value: Callable[[Look], float], edges: list[float]
) -> None:
    print(f"{name:>17}   faces  read   48x48")  # noqa: T201
    for low, high in pairwise(edges):
        inside = [look for look in seen if low <= value(look) < high]
        if inside:
            read = np.mean([look.right for look in inside])
            direct = np.mean([look.right_direct for look in inside])
            print(f"{low:8g}..{high:<8g} {len(inside):6d}  {read:.3f}  {direct:.3f}")  # noqa: T201


def print_limits(pipeline: FacePipeline, faces: FaceDataset) -> None:
    rows = validation_rows(faces)
    seen = list(looks(pipeline, faces, rows))
    print_by("yaw", seen, lambda look: look.yaw, [0, 10, 20, 30, limits.MAX_YAW, 45, 90])
    print_by("pitch", seen, lambda look: look.pitch, [0, 10, 20, limits.MAX_PITCH, 90])
    bound = limits.MIN_TOP_PROBABILITY
    steps = [0, bound, 0.4, 0.5, 0.6, 0.8, 1.01]
    print_by("top probability", seen, lambda look: look.top_probability, steps)
    dark = [look for light in (0.15, 0.3, 0.5) for look in looks(pipeline, faces, rows, light)]
    steps = [0, 20, 30, limits.MIN_LUMINANCE, 60, 80]
    print_by("luminance", dark, lambda look: look.luminance, steps)


def open_faces() -> FaceDataset:
    """FER2013 from the folder that FER_DATA names."""
    return read_dataset(Path(os.environ["FER_DATA"]) / "fer2013" / "fer2013_train_public.npz")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--limits", action="store_true")
    parser.add_argument("--no-landmarks", action="store_true")
    options = parser.parse_args()
    opened, data = load_pipeline(landmarks=not options.no_landmarks), open_faces()
    if options.limits:
        print_limits(opened, data)
    else:
        print(round_trip(opened, data, public_test_rows(data)))  # noqa: T201
