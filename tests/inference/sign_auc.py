"""AUC of each facial sign for each expression against neutral faces, by yaw.

    FER_DATA=... python -m tests.inference.sign_auc             600 validation faces
    FER_DATA=... python -m tests.inference.sign_auc --faces 0   all of them

FER2013's validation faces are enlarged into frames and read by the pipeline. An AUC of 0.5 means
that the sign does not tell the expression from neutral; below 0.5, that it is lower than in neutral
faces. Labels are FER+'s majority; the faces are posed or found on the web.
"""

import argparse
import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from inference.command_line import parse_count
from inference.pipeline import FacePipeline, load_pipeline
from inference.results import LABELS, SIGNS
from inference.training.data.dataset import FaceDataset, compute_majority_labels, read_dataset
from tests.inference.roundtrip import encode_frame, select_validation_rows

YAW_BINS = ((0, 10), (10, 20), (20, 40))
MIN_FACES = 8
"""Of an expression in a bin; fewer give no AUC."""
Signs = Mapping[str, float]
Groups = dict[tuple[str, tuple[int, int]], list[Signs]]
"""Signs of faces by expression and yaw."""


def compute_auc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Compute the probability that a positive value exceeds a negative one, ties half."""
    first, second = np.array(positive)[:, None], np.array(negative)[None, :]
    return float((first > second).mean() + (first == second).mean() / 2)


def read_signs(pipeline: FacePipeline, faces: FaceDataset, most: int) -> Groups:
    """Read the signs of up to `most` validation faces; 0 reads all."""
    rows = select_validation_rows(faces)
    if 0 < most < len(rows):
        rows = np.sort(np.random.default_rng(0).choice(rows, most, replace=False))
    labels = compute_majority_labels(faces.votes)[rows]
    groups: Groups = defaultdict(list)
    for row, label in zip(tqdm(rows, desc="faces", mininterval=5), labels, strict=True):
        reading = pipeline.read(encode_frame(faces.images[row]))
        if reading.signs is None or reading.pose is None:
            continue
        for low, high in YAW_BINS:
            if low <= abs(reading.pose.yaw) < high:
                groups[LABELS[label], (low, high)].append(reading.signs.as_dict())
    return groups


def format_auc(groups: Groups) -> Iterator[str]:
    """Yield a Markdown table: a row per sign and bin of yaw, a column per expression."""
    shown = [label for label in LABELS if label != "neutral"]
    yield "| sign | yaw | " + " | ".join(shown) + " |"
    yield "|---" * (2 + len(shown)) + "|"
    for sign in SIGNS:
        for low, high in YAW_BINS:
            cells = [_format_cell(groups, sign, label, (low, high)) for label in shown]
            yield f"| {sign} | {low} to {high} | " + " | ".join(cells) + " |"
    for low, high in YAW_BINS:
        counts = {label: len(groups.get((label, (low, high)), [])) for label in LABELS}
        yield f"faces at {low} to {high} degrees: {counts}"


def _format_cell(groups: Groups, sign: str, label: str, yaw: tuple[int, int]) -> str:
    positive = [face[sign] for face in groups.get((label, yaw), [])]
    negative = [face[sign] for face in groups.get(("neutral", yaw), [])]
    if min(len(positive), len(negative)) < MIN_FACES:
        return "-"
    return f"{compute_auc(positive, negative):.2f}".lstrip("0")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faces", type=parse_count, default=600, help="faces to read; 0: all")
    options = parser.parse_args()
    faces = read_dataset(Path(os.environ["FER_DATA"]) / "fer2013/fer2013_train_public.npz")
    lines = format_auc(read_signs(load_pipeline(), faces, options.faces))
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
