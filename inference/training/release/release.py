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
    get_fer7_labels,
    load_run,
    make_flip_tta_scorer,
    make_onnx_scorer,
    make_torch_scorer,
)
from inference.training.evaluate.gate import (
    ValidationLogits,
    choose_temperatures,
    format_gate,
    list_gate_failures,
    measure_gate,
    score_validation,
)
from inference.training.evaluate.metrics import compute_accuracy, softmax
from inference.training.evaluate.robustness import measure_robustness
from inference.training.evaluate.shift_metrics import (
    compute_shift_loss,
    compute_shift_metrics,
    score_shifted,
    shift_scored_faces,
)
from inference.training.json_files import read_json, write_json
from inference.training.networks.onnx_export import (
    OPSET,
    UNIT_TEMPERATURES,
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
MAX_ROBUSTNESS_FACES = 600
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
        TrainingRefused: fp32 and PyTorch differ by more than `MAX_PARITY_DIFFERENCE`, or the int8
            graph exceeds a limit of the release gate (`gate.LIMITS`).
    """
    folder.mkdir(parents=True, exist_ok=True)
    run_record = load_run_record(run / RUN_RECORD)
    with TemporaryDirectory(prefix=".release-", dir=folder) as temporary:
        network, side = load_run(run)
        fp32 = Path(temporary) / f"{network.name}.onnx"
        int8 = Path(temporary) / f"{network.name}-int8.onnx"
        export_fp32(network, side, UNIT_TEMPERATURES, fp32)
        plain = partial(_score, _describe_file(fp32, side))
        reference = score_validation(plain, faces, split.validation)
        temperatures = choose_temperatures(reference, plain, faces, split.validation)
        export_fp32(network, side, temperatures, fp32)
        score = make_flip_tta_scorer(network, side, faces)
        check_parity(score, temperatures, fp32, side, faces, split)
        rows = sample_calibration_rows(split.train, calibration_faces)
        export_int8(fp32, int8, faces, rows, side)
        gate = _check_gate(_describe_file(int8, side), reference, temperatures, faces, split)
        paths = [_limit_size(fp32), int8]
        trainable = save_trainable_weights(network, side, Path(temporary))
        models = [_describe_file(path, side) for path in paths]
        released = _evaluate_models(models, faces, split, temperatures)
        released[int8.stem]["validation"] = gate
        record = ReleaseRecord(
            **{**vars(run_record), "source": faces.source},
            opset=OPSET,
            calibration_faces=calibration_faces,
            rows={"train": len(split.train), "validation": len(split.validation)},
            mirrored=True,
            single_view=measure_single_view(make_torch_scorer(network, side, faces), faces, split),
            people=None if faces.person is None else len(np.unique(faces.person)),
            trainable={"file": trainable.name, "sha256": compute_sha256(trainable)},
            released=released,
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


def _describe_file(path: Path, side: int) -> ReleasedModel:
    return ReleasedModel(path.stem, path, compute_sha256(path), side)


def _score(
    model: ReleasedModel, shown: FaceDataset, temperatures: Temperatures = UNIT_TEMPERATURES
) -> Scorer:
    return make_onnx_scorer(ExpressionClassifier(model), shown, temperatures)


def _check_gate(
    int8: ReleasedModel,
    reference: ValidationLogits,
    temperatures: Temperatures,
    faces: FaceDataset,
    split: Split,
) -> dict[str, Any]:
    """Measure the int8 graph on validation faces. Raises TrainingRefused beyond a limit."""
    make_scorer = partial(_score, int8, temperatures=temperatures)
    logits = score_validation(make_scorer, faces, split.validation)
    measured = measure_gate(logits, reference, temperatures.expressions)
    print(format_gate(measured), end="\n\n")
    if failures := list_gate_failures(measured):
        raise TrainingRefused(f"{int8.name} is not released: {'; '.join(failures)}")
    return measured


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
    make_scorer = partial(_score, temperatures=temperatures)
    shifted = shift_scored_faces(faces, split.test)
    found: dict[str, Any] = {}
    for model in models:
        evaluation = evaluate(make_scorer(model, faces), faces, split, temperatures)
        print(format_evaluation(model.name, evaluation), end="\n\n")
        found[model.name] = {"sha256": model.sha256, **evaluation}
    fp32, int8 = models
    loss = compute_accuracy_loss(make_scorer(int8, faces), make_scorer(fp32, faces), faces, split)
    logits = {model: score_shifted(partial(make_scorer, model), shifted) for model in models}
    for model, scores in logits.items():
        found[model.name]["shifted"] = compute_shift_metrics(
            scores, shifted, temperatures.expressions
        )
    found[int8.name]["shifted"]["against_fp32"] = compute_shift_loss(
        logits[int8], logits[fp32], shifted
    )
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
