"""A trained run becomes a released model: weights, their sha256, the record, and the model card."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from inference.expressions import WEIGHTS, ExpressionClassifier, ReleasedModel
from inference.training.card import model_card
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
    OPSET,
    Temperatures,
    calibration_rows,
    export_fp32,
    export_int8,
)
from inference.training.faces import FaceSet, Split
from inference.training.metrics import softmax
from inference.training.record import RUN_RECORD, read_json, write_json

LISTING = "models.json"
MAX_DIFFERENCE = 1e-4
"""Largest difference of a probability between torch and ONNX Runtime fp32."""
NO_TEMPERATURE = Temperatures()


def release(
    run: Path, faces: FaceSet, split: Split, calibration: int, folder: Path = WEIGHTS
) -> None:
    """Export fp32 and int8, prove the fp32 equal to torch, evaluate both, and write all records.

    Raises ArithmeticError where fp32 and torch differ by more than `MAX_DIFFERENCE`.
    """
    network, side = load_run(run)
    score = run_scorer(network, side, faces)
    temperatures = fitted_temperatures(score, faces, split.validation)
    fp32 = folder / f"{network.name}.onnx"
    int8 = folder / f"{network.name}-int8.onnx"
    export_fp32(network, side, temperatures, fp32)
    check_parity(score, temperatures, fp32, side, faces, split)
    export_int8(fp32, int8, faces, calibration_rows(split.train, calibration), side)
    record = {**read_json(run / RUN_RECORD), "opset": OPSET, "calibration_faces": calibration}
    record["rows"] = {"train": len(split.train), "validation": len(split.validation)}
    record["released"] = {}
    for path in (fp32, int8):
        model = ReleasedModel(path.stem, path, file_sha256(path), side)
        scorer = released_scorer(ExpressionClassifier(model), faces)
        figures = evaluate(scorer, faces, split, NO_TEMPERATURE)
        print(report_text(model.name, figures), end="\n\n")
        figures["temperature"] = vars(temperatures)
        del figures["ferplus"]["ece_before_temperature"]  # it is inside the graph
        record["released"][model.name] = {"sha256": model.sha256, **figures}
        add_to_listing(folder / LISTING, model, temperatures)
    write_json(folder / f"{network.name}.record.json", record)
    default = read_json(folder / LISTING)["default"]
    (folder / "MODEL_CARD.md").write_text(model_card(record, default), encoding="utf-8")


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
        raise ArithmeticError(f"{fp32} differs from torch by {difference:.2g}")


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
