"""Export a trained run as a released model: weights, their sha256, the record, and the cards.

A release consists of the int8 graph, the fp32 graph (with fp16 weights if it exceeds 12 MB) and the
trainable weights as fp16 safetensors.
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
from inference.training.errors import TrainingRefused
from inference.training.evaluate.evaluated_model import MODEL_LIST
from inference.training.evaluate.evaluation import (
    Scorer,
    compute_accuracy_loss,
    evaluate,
    fit_temperatures,
    get_fer7_labels,
    load_run,
    make_flip_tta_scorer,
    make_onnx_scorer,
    make_torch_scorer,
)
from inference.training.evaluate.metrics import compute_accuracy, softmax
from inference.training.evaluate.robustness import measure_robustness
from inference.training.json_files import read_json, write_json
from inference.training.networks.onnx_export import (
    OPSET,
    Temperatures,
    export_fp16_weights,
    export_fp32,
    export_int8,
    sample_calibration_rows,
)
from inference.training.networks.safetensors_export import save_trainable_weights
from inference.training.records import (
    RECORDS_FOLDER,
    RUN_RECORD,
    Evaluation,
    ReleaseRecord,
    load_run_record,
    load_run_records,
)
from inference.training.report.evaluation_text import format_accuracy_loss, format_evaluation
from inference.training.report.model_cards import DATA_SHEET, write_cards

MAX_PARITY_DIFFERENCE = 1e-4
"""of a probability between PyTorch and ONNX Runtime fp32"""
MAX_ROBUSTNESS_FACES = 1200
"""A fixed sample of the test part; all of it takes four times as long for the same result."""
MAX_FILE_BYTES = 12_000_000
"""of a weights file in the repository"""
FILE_MODE = 0o644


def release_run(
    run: Path, faces: FaceDataset, split: Split, calibration_faces: int, folder: Path = WEIGHTS
) -> None:
    """Export a run, check parity, evaluate the exported files, write record and cards.

    `folder` changes only after all of that succeeded.

    Args:
        run: folder of the trained run.
        faces: the dataset that it was trained on.
        split: the run's split of them.
        calibration_faces: number of training faces for int8 ranges.
        folder: of the released weights.

    Raises:
        TrainingRefused: fp32 and PyTorch differ by more than `MAX_PARITY_DIFFERENCE`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    run_record = load_run_record(run / RUN_RECORD)
    with TemporaryDirectory(prefix=".release-", dir=folder) as temporary:
        network, side = load_run(run)
        score = make_flip_tta_scorer(network, side, faces)
        temperatures = fit_temperatures(score, faces, split.validation)
        fp32 = Path(temporary) / f"{network.name}.onnx"
        int8 = Path(temporary) / f"{network.name}-int8.onnx"
        export_fp32(network, side, temperatures, fp32)
        check_parity(score, temperatures, fp32, side, faces, split)
        rows = sample_calibration_rows(split.train, calibration_faces)
        export_int8(fp32, int8, faces, rows, side)
        paths = [_limit_size(fp32), int8]
        trainable = save_trainable_weights(network, side, Path(temporary))
        models = [ReleasedModel(path.stem, path, compute_sha256(path), side) for path in paths]
        record = ReleaseRecord(
            **{**vars(run_record), "source": faces.source},
            opset=OPSET,
            calibration_faces=calibration_faces,
            rows={"train": len(split.train), "validation": len(split.validation)},
            mirrored=True,
            single_view=measure_single_view(make_torch_scorer(network, side, faces), faces, split),
            people=None if faces.person is None else len(np.unique(faces.person)),
            trainable={"file": trainable.name, "sha256": compute_sha256(trainable)},
            released=_evaluate_models(models, faces, split, temperatures),
        )
        for path in (*paths, trainable):
            path.chmod(FILE_MODE)
            path.replace(folder / path.name)
    for model in reversed(models):  # int8 first, the default of a new list
        pin_model(folder / MODEL_LIST, model, temperatures)
    stored = load_run_records(folder / RECORDS_FOLDER)
    write_json(folder / f"{network.name}.record.json", record.to_json(stored))
    data = record.own_data
    sheet = compute_data_sheet(faces, data.split_seed, data.validation_share)
    write_json(folder / DATA_SHEET, sheet)
    write_cards(folder)


def _limit_size(fp32: Path) -> Path:
    if fp32.stat().st_size <= MAX_FILE_BYTES:
        return fp32
    fp16 = fp32.with_name(f"{fp32.stem}-fp16.onnx")
    export_fp16_weights(fp32, fp16)
    fp32.unlink()
    return fp16


def _evaluate_models(
    models: list[ReleasedModel], faces: FaceDataset, split: Split, temperatures: Temperatures
) -> dict[str, Evaluation]:
    """Evaluate the fp32 (or fp16) and the int8 graph, by name."""

    def make_scorer(model: ReleasedModel, shown: FaceDataset = faces) -> Scorer:
        return make_onnx_scorer(ExpressionClassifier(model), shown, temperatures)

    found: dict[str, Any] = {}
    for model in models:
        evaluation = evaluate(make_scorer(model), faces, split, temperatures)
        print(format_evaluation(model.name, evaluation), end="\n\n")
        found[model.name] = {"sha256": model.sha256, **evaluation}
    fp32, int8 = models
    loss = compute_accuracy_loss(make_scorer(int8), make_scorer(fp32), faces, split)
    found[int8.name]["against_fp32"] = {"model": fp32.name, **loss}
    print(format_accuracy_loss(found[int8.name]["against_fp32"]))
    found[int8.name]["robustness"] = measure_robustness(
        partial(make_scorer, int8), faces, split.test, MAX_ROBUSTNESS_FACES
    )
    return found


def measure_single_view(score: Scorer, faces: FaceDataset, split: Split) -> dict[str, float]:
    """Measure test accuracy of both heads without flip TTA, as in the run's own record."""
    ferplus, fer7 = score(split.test)
    scored, labels = has_majority_label(faces.votes[split.test]), get_fer7_labels(faces, split.test)
    majority = compute_majority_labels(faces.votes[split.test])
    return {
        "ferplus": compute_accuracy(ferplus[scored], majority[scored]),
        "fer7": compute_accuracy(fer7[labels >= 0], labels[labels >= 0]),
    }


def check_parity(
    score: Scorer,
    temperatures: Temperatures,
    fp32: Path,
    side: int,
    faces: FaceDataset,
    split: Split,
) -> None:
    """Compare probabilities of PyTorch and ONNX Runtime. Raises TrainingRefused."""
    rows = split.validation[:256]
    classifier = ExpressionClassifier(ReleasedModel(fp32.stem, fp32, compute_sha256(fp32), side))
    expected = softmax(score(rows)[0], temperatures.expressions)
    difference = float(np.abs(expected - classifier.classify(list(faces.images[rows]))).max())
    if difference > MAX_PARITY_DIFFERENCE:
        raise TrainingRefused(f"{fp32.name} differs from PyTorch by {difference:.2g}")


def compute_sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def pin_model(path: Path, model: ReleasedModel, temperatures: Temperatures) -> None:
    """Add the model with its sha256 to the list; the first model of a new list is the default."""
    listing: dict[str, Any] = {"default": model.name, "models": {}}
    if path.exists():
        listing = read_json(path)
    listing["models"][model.name] = {
        "file": model.path.name,
        "sha256": model.sha256,
        "side": model.side,
        "temperature": vars(temperatures),
        "licence": "Apache-2.0",
        "metrics": "MODEL_CARD.md",
    }
    write_json(path, listing)
