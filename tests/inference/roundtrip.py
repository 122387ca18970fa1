"""Compare accuracy on the pipeline's crops with accuracy on the crops used for training.

FER2013's faces are enlarged into 320x240 JPEG frames and read by the pipeline; the scores are
compared with those of the 48x48 images themselves, by FER+'s majority label.

    FER_DATA=... python -m tests.inference.roundtrip             all of PublicTest
    FER_DATA=... python -m tests.inference.roundtrip --limits    validation faces by yaw, pitch,
                                                                 luminance and top probability
    FER_DATA=... python -m tests.inference.roundtrip --edges     250 validation faces by the share
                                                                 that is in the picture
"""

import argparse
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from inference import pipeline as limits
from inference.detection.base import DetectedFace
from inference.imaging.alignment import align_face
from inference.pipeline import Classifier, FacePipeline, compute_luminance, load_pipeline
from inference.results import LABELS, FaceBox, FaceReading
from inference.training.data.dataset import (
    FaceDataset,
    compute_majority_labels,
    has_majority_label,
    read_dataset,
)
from inference.training.data.splits import make_official_split
from tests.inference.pictures import Image, as_jpeg

FACE_SIDE_PX = 168
"""Side of the enlarged face in the frame: a learner at arm's length."""

Rows = npt.NDArray[np.intp]


def encode_frame(
    face: Image, side: int = FACE_SIDE_PX, background: int = 110, light: float = 1.0
) -> bytes:
    """Encode a 48x48 face in the centre of a plain frame, as a browser would send it."""
    frame = np.full((240, 320), background, np.uint8)
    top, left = (240 - side) // 2, (320 - side) // 2
    frame[top : top + side, left : left + side] = cv2.resize(
        face, (side, side), interpolation=cv2.INTER_CUBIC
    )
    return as_jpeg((frame * light).astype(np.uint8))


@dataclass(frozen=True)
class RoundTrip:
    """Qualities as shares of the rows read; accuracies over rows with scores."""

    count: int
    qualities: dict[str, float]
    accuracy_direct: float
    accuracy_read: float

    @property
    def found_share(self) -> float:
        return 1 - self.qualities.get("no_face", 0.0)

    @property
    def accuracy_loss(self) -> float:
        return self.accuracy_direct - self.accuracy_read

    def __str__(self) -> str:
        shares = ", ".join(f"{name} {share:.1%}" for name, share in self.qualities.items())
        return (
            f"{self.count} faces read: a face found in {self.found_share:.1%} ({shares}).\n"
            f"Of those with scores: {self.accuracy_direct:.2%} as 48x48 pictures, "
            f"{self.accuracy_read:.2%} through read, {100 * self.accuracy_loss:+.2f} points lost."
        )


def select_public_test_rows(faces: FaceDataset) -> Rows:
    """Return the 3,199 rows of PublicTest that have a majority label."""
    return np.flatnonzero((faces.split == 1) & has_majority_label(faces.votes))


def select_validation_rows(faces: FaceDataset) -> Rows:
    """Return labelled rows of Training held out from training, for choosing limits."""
    rows = make_official_split(faces).validation
    return rows[has_majority_label(faces.votes)[rows]]


def measure_round_trip(pipeline: FacePipeline, faces: FaceDataset, rows: Rows) -> RoundTrip:
    readings = [pipeline.read(encode_frame(faces.images[row])) for row in tqdm(rows, disable=None)]
    truth = compute_majority_labels(faces.votes)
    counts = Counter(reading.quality for reading in readings)
    usable = [(r, row) for r, row in zip(readings, rows, strict=True) if r.quality == "ok"]
    direct = pipeline.classifier.classify([faces.images[row] for _, row in usable])
    expected = truth[[row for _, row in usable]]
    return RoundTrip(
        count=len(rows),
        qualities={name: count / len(rows) for name, count in counts.most_common()},
        accuracy_direct=float((direct.argmax(axis=1) == expected).mean()),
        accuracy_read=float(np.mean([_get_top_index(r) for r, _ in usable] == expected)),
    )


def _get_top_index(reading: FaceReading) -> int:
    assert reading.expressions is not None
    return LABELS.index(reading.expressions.top)


@dataclass(frozen=True)
class Sample:
    """One face before the pipeline's limits are applied."""

    yaw: float
    pitch: float
    luminance: float
    top_probability: float
    is_correct: bool
    is_correct_direct: bool


@dataclass(frozen=True)
class CutSample:
    """One face that the edge of the picture cuts; `is_correct_direct` is of the whole face."""

    visible_share: float
    is_correct: bool
    is_correct_direct: bool


AnySample = TypeVar("AnySample", Sample, CutSample)


def read_samples(
    pipeline: FacePipeline, faces: FaceDataset, rows: Rows, light: float = 1.0
) -> Iterator[Sample]:
    """Read each row without applying limits; rows without a face are skipped."""
    truth = compute_majority_labels(faces.votes)
    for row in tqdm(rows, disable=None):
        jpeg = np.frombuffer(encode_frame(faces.images[row], light=light), np.uint8)
        image = np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)
        face = pipeline.detector.detect(image).largest
        if face is None or face.pose is None:
            continue
        grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
        top, score = _classify_crop(pipeline.classifier, align_face(grey, face.eyes))
        direct, _ = _classify_crop(pipeline.classifier, faces.images[row])
        yield Sample(
            yaw=abs(face.pose.yaw),
            pitch=abs(face.pose.pitch),
            luminance=compute_luminance(face.box, grey),
            top_probability=score,
            is_correct=top == truth[row],
            is_correct_direct=direct == truth[row],
        )


def _classify_crop(classifier: Classifier, crop: Image) -> tuple[int, float]:
    scores = classifier.classify([crop])[0]
    return int(scores.argmax()), float(scores.max())


def print_by(
    name: str, samples: Sequence[AnySample], value: Callable[[AnySample], float], edges: list[float]
) -> None:
    print(f"{name:>17}   faces  read   48x48")  # noqa: T201
    for low, high in pairwise(edges):
        inside = [sample for sample in samples if low <= value(sample) < high]
        if inside:
            read = np.mean([sample.is_correct for sample in inside])
            direct = np.mean([sample.is_correct_direct for sample in inside])
            print(f"{low:8g}..{high:<8g} {len(inside):6d}  {read:.3f}  {direct:.3f}")  # noqa: T201


def print_limits(pipeline: FacePipeline, faces: FaceDataset) -> None:
    rows = select_validation_rows(faces)
    samples = list(read_samples(pipeline, faces, rows))
    print_by("yaw", samples, lambda sample: sample.yaw, [0, 10, 20, 30, limits.MAX_YAW_DEG, 45, 90])
    print_by("pitch", samples, lambda sample: sample.pitch, [0, 10, 20, limits.MAX_PITCH_DEG, 90])
    bound = limits.MIN_TOP_PROBABILITY
    steps = [0, bound, 0.4, 0.5, 0.6, 0.8, 1.01]
    print_by("top probability", samples, lambda sample: sample.top_probability, steps)
    dark = [
        sample
        for light in (0.15, 0.3, 0.5)
        for sample in read_samples(pipeline, faces, rows, light)
    ]
    steps = [0, 20, 30, limits.MIN_LUMINANCE, 60, 80]
    print_by("luminance", dark, lambda sample: sample.luminance, steps)


CUT_SHARES = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)


def print_edges(pipeline: FacePipeline, faces: FaceDataset, count: int = 250) -> None:
    """Cut each face by the picture's edge on every side; print accuracy by the visible share."""
    rng = np.random.default_rng(1)
    rows = rng.choice(select_validation_rows(faces), count, replace=False)
    samples = [cut for row in tqdm(rows, disable=None) for cut in _read_cut(pipeline, faces, row)]
    edges = [0, 0.5, 0.6, 0.7, 0.75, limits.MIN_VISIBLE_SHARE, 0.85, 0.9, 0.95, 1.01]
    print_by("share in picture", samples, lambda sample: sample.visible_share, edges)


def _read_cut(pipeline: FacePipeline, faces: FaceDataset, row: int) -> Iterator[CutSample]:
    truth = compute_majority_labels(faces.votes)[row]
    jpeg = np.frombuffer(encode_frame(faces.images[row]), np.uint8)
    image = np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)
    whole = pipeline.detector.detect(image).largest
    if whole is None:
        return
    direct = _classify_face(pipeline, image, whole)
    for share in CUT_SHARES:
        for cut in _cut_at_edges(image, whole.box, share):
            found = pipeline.detector.detect(cut)
            if found.count == 1 and found.largest is not None:
                yield CutSample(
                    limits.compute_visible_share(found.largest.box, cut.shape[1], cut.shape[0]),
                    is_correct=_classify_face(pipeline, cut, found.largest) == truth,
                    is_correct_direct=direct == truth,
                )


def _cut_at_edges(image: Image, box: FaceBox, share: float) -> Iterator[Image]:
    """Yield four parts of the picture, in each of which one side lacks `share` of the face."""
    left, top = int(box.x + share * box.width), int(box.y + share * box.height)
    right, bottom = int(box.x + (1 - share) * box.width), int(box.y + (1 - share) * box.height)
    for part in (image[:, left:], image[:, :right], image[top:], image[:bottom]):
        yield np.ascontiguousarray(part)


def _classify_face(pipeline: FacePipeline, image: Image, face: DetectedFace) -> int:
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
    return _classify_crop(pipeline.classifier, align_face(grey, face.eyes))[0]


def load_fer2013() -> FaceDataset:
    """Read FER2013 from the folder FER_DATA."""
    return read_dataset(Path(os.environ["FER_DATA"]) / "fer2013" / "fer2013_train_public.npz")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--limits", action="store_true")
    parser.add_argument("--edges", action="store_true")
    parser.add_argument("--no-landmarks", action="store_true")
    options = parser.parse_args()
    opened, data = load_pipeline(landmarks=not options.no_landmarks), load_fer2013()
    if options.edges:
        print_edges(opened, data)
    elif options.limits:
        print_limits(opened, data)
    else:
        print(measure_round_trip(opened, data, select_public_test_rows(data)))  # noqa: T201
