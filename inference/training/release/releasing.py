"""A trained run becomes a released model: weights, their sha256, the record, and the cards.

Beside the int8 file stands the fp32 one, or, where that passes 12 MB, one with fp16 weights; and
the trainable weights as fp16 safetensors.
"""

import hashlib
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from inference.expressions import WEIGHTS, ExpressionClassifier, ReleasedModel
from inference.training.data.data_sheet import compute_data_sheet
from inference.training.data.dataset import FaceDataset, compute_majority_labels, has_majority_label
from inference.training.data.splits import Split
from inference.training.errors import BadData, TrainingRefused
from inference.training.evaluate.evaluation import (
    Scorer,
    accuracy_lost,
    evaluate,
    fer7_labels,
    fitted_temperatures,
    load_run,
    mirrored_scorer,
    released_scorer,
    run_scorer,
)
from inference.training.evaluate.held_out import learned
from inference.training.evaluate.metrics import accuracy, softmax
from inference.training.evaluate.robustness import robustness
from inference.training.networks.onnx_export import (
    OPSET,
    Temperatures,
    export_fp16_weights,
    export_fp32,
    export_int8,
    sample_calibration_rows,
)
from inference.training.networks.safetensors_export import save_trainable_weights
from inference.training.records import RUN_RECORD, read_json, write_json
from inference.training.report.card import DATA_SHEET, LISTING, write_cards
from inference.training.report.evaluation_text import lost_text, report_text

MAX_DIFFERENCE = 1e-4
"""Largest difference of a probability between torch and ONNX Runtime fp32."""
FACES_HARMED = 1200
"""of the test part, drawn once; all of them would take four times as long for the same picture"""
LARGEST_FILE = 12_000_000
"""Bytes that are committed at the most."""
READABLE = 0o644


def release(
    run: Path, faces: FaceDataset, split: Split, calibration: int, folder: Path = WEIGHTS
) -> None:
    """Export, prove fp32 equal to torch, evaluate what ships, and write all records and cards.

    Nothing in `folder` changes before all of that went well. Raises TrainingRefused where fp32 and
    torch differ by more than `MAX_DIFFERENCE`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".release-", dir=folder) as beside:
        network, side = load_run(run)
        score = mirrored_scorer(network, side, faces)
        temperatures = fitted_temperatures(score, faces, split.validation)
        fp32 = Path(beside) / f"{network.name}.onnx"
        int8 = Path(beside) / f"{network.name}-int8.onnx"
        export_fp32(network, side, temperatures, fp32)
        check_parity(score, temperatures, fp32, side, faces, split)
        export_int8(fp32, int8, faces, sample_calibration_rows(split.train, calibration), side)
        paths = [_small_enough(fp32), int8]
        trainable = save_trainable_weights(network, side, Path(beside))
        record = {**read_json(run / RUN_RECORD), "opset": OPSET, "calibration_faces": calibration}
        record["rows"] = {"train": len(split.train), "validation": len(split.validation)}
        record["source"] = faces.source
        record["mirrored"] = True
        record["one_look"] = one_look(run_scorer(network, side, faces), faces, split)
        record["people"] = None if faces.person is None else len(np.unique(faces.person))
        record["trainable"] = {"file": trainable.name, "sha256": file_sha256(trainable)}
        models = [ReleasedModel(path.stem, path, file_sha256(path), side) for path in paths]
        record["released"] = _released_figures(models, faces, split, temperatures)
        for path in (*paths, trainable):
            path.chmod(READABLE)
            path.replace(folder / path.name)
    for model in reversed(models):  # int8 first, the default of a new listing
        add_to_listing(folder / LISTING, model, temperatures)
    write_json(folder / f"{network.name}.record.json", record)
    drawn = learned(record["settings"], faces.sha256)
    sheet = compute_data_sheet(faces, drawn["split_seed"], drawn["validation_share"])
    write_json(folder / DATA_SHEET, sheet)
    write_cards(folder)


def _small_enough(fp32: Path) -> Path:
    if fp32.stat().st_size <= LARGEST_FILE:
        return fp32
    fp16 = fp32.with_name(f"{fp32.stem}-fp16.onnx")
    export_fp16_weights(fp32, fp16)
    fp32.unlink()
    return fp16


def _released_figures(
    models: list[ReleasedModel], faces: FaceDataset, split: Split, temperatures: Temperatures
) -> dict[str, Any]:
    """By name. `models`: one that computes in fp32, and its int8."""

    def scorer_of(model: ReleasedModel, shown: FaceDataset = faces) -> Scorer:
        return released_scorer(ExpressionClassifier(model), shown, temperatures)

    found: dict[str, Any] = {}
    for model in models:
        figures = evaluate(scorer_of(model), faces, split, temperatures)
        print(report_text(model.name, figures), end="\n\n")
        found[model.name] = {"sha256": model.sha256, **figures}
    fp32, int8 = models
    lost = accuracy_lost(scorer_of(int8), scorer_of(fp32), faces, split)
    found[int8.name]["against_fp32"] = {"model": fp32.name, **lost}
    print(lost_text(found[int8.name]["against_fp32"]))
    found[int8.name]["robustness"] = robustness(
        partial(scorer_of, int8), faces, split.test, FACES_HARMED
    )
    return found


def one_look(score: Scorer, faces: FaceDataset, split: Split) -> dict[str, float]:
    """Accuracy on the test part without the mirror image, as the run's own record has it."""
    ferplus, fer7 = score(split.test)
    scored, labels = has_majority_label(faces.votes[split.test]), fer7_labels(faces, split.test)
    return {
        "ferplus": accuracy(
            ferplus[scored], compute_majority_labels(faces.votes[split.test])[scored]
        ),
        "fer7": accuracy(fer7[labels >= 0], labels[labels >= 0]),
    }


def check_parity(
    score: Scorer,
    temperatures: Temperatures,
    fp32: Path,
    side: int,
    faces: FaceDataset,
    split: Split,
) -> None:
    rows = split.validation[:256]
    classifier = ExpressionClassifier(ReleasedModel(fp32.stem, fp32, file_sha256(fp32), side))
    expected = softmax(score(rows)[0], temperatures.expressions)
    difference = float(np.abs(expected - classifier.classify(list(faces.images[rows]))).max())
    if difference > MAX_DIFFERENCE:
        raise TrainingRefused(f"{fp32.name} differs from torch by {difference:.2g}")


def file_sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def add_to_listing(listing: Path, model: ReleasedModel, temperatures: Temperatures) -> None:
    """Pin the model's sha256; the first model of a new listing is its default."""
    known: dict[str, Any] = {"default": model.name, "models": {}}
    if listing.exists():
        known = read_json(listing)
    known["models"][model.name] = {
        "file": model.path.name,
        "sha256": model.sha256,
        "side": model.side,
        "temperature": vars(temperatures),
        "licence": "Apache-2.0",
        "metrics": "MODEL_CARD.md",
    }
    write_json(listing, known)


def listed_temperatures(model: ReleasedModel) -> Temperatures:
    """Those inside a released graph, by the listing beside it. Raises BadData where it has none."""
    entry = read_json(model.path.parent / LISTING)["models"][model.name]
    try:
        return Temperatures(**entry["temperature"])
    except (KeyError, TypeError) as error:
        raise BadData(f"{LISTING} does not say the temperature of {model.name}") from error
