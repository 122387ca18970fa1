"""evaluate: all metrics of a run or of a released network, robustness, groups and errors."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from inference.command_line import parse_count
from inference.training.cli.data_commands import Commands, load_faces
from inference.training.cli.renamed_option import RenamedOption
from inference.training.data.dataset import (
    FaceDataset,
    Rows,
    compute_majority_labels,
    has_majority_label,
)
from inference.training.data.groups_csv import Grouping, Groups, read_groups_csv
from inference.training.data.splits import SPLITS
from inference.training.evaluate.evaluated_model import (
    EvaluatedModel,
    open_released_model,
    open_run,
)
from inference.training.evaluate.evaluation import compute_accuracy_loss, evaluate
from inference.training.evaluate.fairness import (
    SelectedFaces,
    compute_group_metrics,
    format_group_metrics,
    select_group_faces,
)
from inference.training.evaluate.metrics import Classes, Doubles, softmax
from inference.training.evaluate.robustness import (
    format_robustness,
    list_confident_errors,
    measure_robustness,
)
from inference.training.evaluate.shift_metrics import (
    compute_shift_metrics,
    format_shift_metrics,
    score_shifted,
    shift_scored_faces,
)
from inference.training.evaluate.unseen import (
    UnseenFaces,
    find_unseen_faces,
    validate_test_part,
)
from inference.training.json_files import write_json
from inference.training.records import EVALUATION
from inference.training.report.evaluation_text import format_accuracy_loss, format_evaluation

MAX_NAMED_FILES = 3


def evaluate_command(arguments: argparse.Namespace) -> None:
    faces = load_faces(arguments)
    groups = read_groups_csv(arguments.groups, faces) if arguments.groups else Groups([])
    if arguments.run:
        model = open_run(arguments.run, faces)
    else:
        model = open_released_model(arguments.model, faces, arguments.split)
    unseen = find_unseen_faces(model.data_uses, faces)
    groupings = [(item, select_group_faces(item, unseen, faces)) for item in groups.groupings]
    print(_describe_test_part(model, unseen))
    reference = open_released_model(arguments.against, faces, None) if arguments.against else None
    metrics = evaluate(model.make_scorer(faces), faces, model.split, model.temperatures)
    print(format_evaluation(model.name, metrics))
    if reference:
        metrics["against"] = _compare(reference, model, faces)
    if arguments.robustness:
        rows, count = model.split.test, arguments.faces_corrupted
        metrics["robustness"] = measure_robustness(model.make_scorer, faces, rows, count)
        print("\n" + format_robustness(metrics["robustness"]))
    if arguments.shifted:
        shifted = shift_scored_faces(faces, model.split.test)
        metrics["shifted"] = compute_shift_metrics(
            score_shifted(model.make_scorer, shifted), shifted, model.temperatures.expressions
        )
        print("\n" + format_shift_metrics(metrics["shifted"]))
    if arguments.gallery:
        _write_gallery(arguments.gallery, model, faces)
    if groupings:
        print(_describe_unknown_files(groups), end="")
        metrics["groups"] = {
            grouping.name: _evaluate_groups(grouping, selected, model, faces)
            for grouping, selected in groupings
        }
    out = arguments.out or (arguments.run / EVALUATION if arguments.run else None)
    if out:
        write_json(out, metrics)
    if arguments.figures:
        from inference.training.report.plots import plot_evaluation

        for path in plot_evaluation(model.name, metrics, arguments.figures):
            print(path)


def _describe_test_part(model: EvaluatedModel, unseen: UnseenFaces) -> str:
    test = model.split.test
    uncertain = int((~np.isin(test, unseen.rows)).sum())
    note = f"; {uncertain} of them may have been trained on in another file" if uncertain else ""
    return f"{model.name} is evaluated on {len(test)} faces{note}\n"


def _compare(
    reference: EvaluatedModel, model: EvaluatedModel, faces: FaceDataset
) -> dict[str, Any]:
    """Compute the accuracy lost; the reference must not be trained on the test part either."""
    validate_test_part(model.split, reference.data_uses, faces)
    scorers = model.make_scorer(faces), reference.make_scorer(faces)
    loss = {"model": reference.name, **compute_accuracy_loss(*scorers, faces, model.split)}
    print("\n" + format_accuracy_loss(loss))
    return loss


def _write_gallery(path: Path, model: EvaluatedModel, faces: FaceDataset) -> None:
    rows = model.split.test[has_majority_label(faces.votes[model.split.test])]
    write_json(path, list_confident_errors(*_predict(model, faces, rows), rows, faces.files))
    print(f"\nmost confident errors, by row number: {path}")


def _describe_unknown_files(groups: Groups) -> str:
    unknown = groups.unknown
    more = f" and {len(unknown) - MAX_NAMED_FILES} more" if len(unknown) > MAX_NAMED_FILES else ""
    named = ", ".join(unknown[:MAX_NAMED_FILES]) + more
    return f"\npictures of the csv without a face in the data: {named}\n" if unknown else ""


def _evaluate_groups(
    grouping: Grouping, selected: SelectedFaces, model: EvaluatedModel, faces: FaceDataset
) -> dict[str, Any]:
    probabilities, labels = _predict(model, faces, selected.rows)
    metrics = compute_group_metrics(grouping, probabilities, labels, selected)
    print("\n" + format_group_metrics(grouping, metrics))
    return metrics


def _predict(model: EvaluatedModel, faces: FaceDataset, rows: Rows) -> tuple[Doubles, Classes]:
    """Return calibrated probabilities [N, 8] and majority labels [N]."""
    logits = model.make_scorer(faces)(rows)[0]
    labels = compute_majority_labels(faces.votes[rows])
    return softmax(logits, model.temperatures.expressions), labels


def add_evaluate_command(commands: Commands, shared: argparse.ArgumentParser) -> None:
    command = commands.add_parser("evaluate", parents=[shared], help="metrics on the test part")
    which = command.add_mutually_exclusive_group()
    which.add_argument("--run", type=Path, help="a run's best weights, in PyTorch")
    which.add_argument("--model", help="a released model, in ONNX Runtime (default: the default)")
    command.add_argument("--against", help="a released model: accuracy lost against it, paired")
    command.add_argument("--split", choices=SPLITS, help="for a model; a run has its own")
    command.add_argument("--out", type=Path, help="JSON file (default for a run: its folder)")
    command.add_argument("--figures", type=Path, metavar="FOLDER", help="draw figures as PNG")
    command.add_argument("--robustness", action="store_true", help="ten kinds of corruption")
    command.add_argument(
        "--shifted",
        action="store_true",
        help="every face as other cameras and rooms would show it; in all, seven times the faces",
    )
    command.add_argument(
        "--faces-corrupted",
        type=parse_count,
        default=0,
        help="size of a fixed sample for --robustness; 0: every face",
    )
    command.add_argument(
        "--faces-harmed",
        dest="faces_corrupted",
        type=parse_count,
        default=argparse.SUPPRESS,
        action=RenamedOption,
        help="former name of --faces-corrupted",
    )
    command.add_argument("--gallery", type=Path, help="JSON: rows of the most confident errors")
    command.add_argument("--groups", type=Path, help="csv: row or file, and a column per grouping")
    command.set_defaults(command=evaluate_command)
