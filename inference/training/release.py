"""A trained run becomes a released model: weights, their sha256, the record, and the cards.

Beside the int8 file stands the fp32 one, or, where that passes 12 MB, one with fp16 weights; and
the trainable weights as fp16 safetensors.
"""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from inference.expressions import WEIGHTS, ExpressionClassifier, ReleasedModel
from inference.training.card import DATA_SHEET, LISTING, write_cards
from inference.training.datasheet import data_sheet
from inference.training.errors import TrainingRefused
from inference.training.evaluate import (
    Scorer,
    evaluate,
    fitted_temperatures,
    load_run,
    released_scorer,
    report_text,
    run_scorer,
)
from inference.training.export import (
    NO_TEMPERATURE,
    OPSET,
    Temperatures,
    calibration_rows,
    export_fp16_weights,
    export_fp32,
    export_int8,
)
from inference.training.faces import FaceSet
from inference.training.metrics import softmax
from inference.training.portable import save_released
from inference.training.record import RUN_RECORD, read_json, write_json
from inference.training.robustness import robustness
from inference.training.splits import Split

MAX_DIFFERENCE = 1e-4
"""Largest difference of a probability between torch and ONNX Runtime fp32."""
FACES_HARMED = 1200
"""of the test part, drawn once; all of them would take four times as long for the same picture"""
LARGEST_FILE = 12_000_000
"""Bytes that are committed at the most."""


def release(
    run: Path, faces: FaceSet, split: Split, calibration: int, folder: Path = WEIGHTS
) -> None:
    """Export, prove fp32 equal to torch, evaluate what ships, and write all records and cards.

    Raises TrainingRefused where fp32 and torch differ by more than `MAX_DIFFERENCE`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    network, side = load_run(run)
    score = run_scorer(network, side, faces)
    temperatures = fitted_temperatures(score, faces, split.validation)
    fp32 = folder / f"{network.name}.onnx"
    int8 = folder / f"{network.name}-int8.onnx"
    export_fp32(network, side, temperatures, fp32)
    check_parity(score, temperatures, fp32, side, faces, split)
    export_int8(fp32, int8, faces, calibration_rows(split.train, calibration), side)
    paths = [_small_enough(fp32), int8]
    trainable = save_released(network, side, folder)
    record = {**read_json(run / RUN_RECORD), "opset": OPSET, "calibration_faces": calibration}
    record["rows"] = {"train": len(split.train), "validation": len(split.validation)}
    record["trainable"] = {"file": trainable.name, "sha256": file_sha256(trainable)}
    record["released"] = {}
    for path in paths:
        model = ReleasedModel(path.stem, path, file_sha256(path), side)
        record["released"][model.name] = _figures(model, faces, split, temperatures)
        add_to_listing(folder / LISTING, model, temperatures)
    write_json(folder / f"{network.name}.record.json", record)
    write_json(folder / DATA_SHEET, data_sheet(faces))
    write_cards(folder)


def _small_enough(fp32: Path) -> Path:
    if fp32.stat().st_size <= LARGEST_FILE:
        return fp32
    fp16 = fp32.with_name(f"{fp32.stem}-fp16.onnx")
    export_fp16_weights(fp32, fp16)
    fp32.unlink()
    return fp16


def _figures(
    model: ReleasedModel, faces: FaceSet, split: Split, temperatures: Temperatures
) -> dict[str, Any]:
    scorer = released_scorer(ExpressionClassifier(model), faces)
    figures = evaluate(scorer, faces, split, NO_TEMPERATURE)
    print(report_text(model.name, figures), end="\n\n")
    figures["temperature"] = vars(temperatures)
    del figures["ferplus"]["ece_before_temperature"]  # it is inside the graph
    if "int8" in model.name:

        def scorer_of(shown: FaceSet) -> Scorer:
            return released_scorer(ExpressionClassifier(model), shown)

        figures["robustness"] = robustness(scorer_of, faces, split.test, FACES_HARMED)
    return {"sha256": model.sha256, **figures}


def check_parity(
    score: Scorer,
    temperatures: Temperatures,
    fp32: Path,
    side: int,
    faces: FaceSet,
    split: Split,
) -> None:
    rows = split.validation[:256]
    classifier = ExpressionClassifier(ReleasedModel(fp32.stem, fp32, file_sha256(fp32), side))
    expected = softmax(score(rows)[0], temperatures.expressions)
    difference = float(np.abs(expected - classifier.classify(list(faces.images[rows]))).max())
    if difference > MAX_DIFFERENCE:
        raise TrainingRefused(f"{fp32} differs from torch by {difference:.2g}")


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
