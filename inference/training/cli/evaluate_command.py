"""evaluate: every figure of a run or of a released network, and closer looks at it."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from inference.training.cli.data_commands import Commands, faces_of
from inference.training.data.dataset import (
    FaceDataset,
    Rows,
    compute_majority_labels,
    has_majority_label,
)
from inference.training.data.groups_csv import Grouping, Groups, read_groups_csv
from inference.training.data.splits import SPLITS
from inference.training.evaluate.evaluation import accuracy_lost, evaluate
from inference.training.evaluate.fairness import Chosen, chosen_rows, group_figures, groups_text
from inference.training.evaluate.metrics import Classes, Doubles, softmax
from inference.training.evaluate.robustness import error_gallery, robustness, robustness_text
from inference.training.evaluate.unseen import Unseen, checked_test_part, unseen_rows
from inference.training.records import EVALUATION, write_json
from inference.training.release.judging import Judged, judged_model, judged_run
from inference.training.report.evaluation_text import lost_text, report_text

SHOWN = 3
"""unknown pictures by name"""


def evaluate_command(arguments: argparse.Namespace) -> None:
    faces = faces_of(arguments)
    groups = read_groups_csv(arguments.groups, faces) if arguments.groups else Groups([])
    if arguments.run:
        judged = judged_run(arguments.run, faces)
    else:
        judged = judged_model(arguments.model, faces, arguments.split)
    unseen = unseen_rows(judged.seen, faces)
    by_group = [(each, chosen_rows(each, unseen, faces)) for each in groups.groupings]
    print(_which_faces(judged, unseen))
    against = judged_model(arguments.against, faces, None) if arguments.against else None
    score = judged.scorer_of(faces)
    figures = evaluate(score, faces, judged.split, judged.temperatures)
    print(report_text(judged.name, figures))
    if against:
        figures["against"] = _against(against, judged, faces)
    if arguments.robustness:
        rows, most = judged.split.test, arguments.faces_harmed
        figures["robustness"] = robustness(judged.scorer_of, faces, rows, most)
        print("\n" + robustness_text(figures["robustness"]))
    if arguments.gallery:
        _write_gallery(arguments.gallery, judged, faces)
    if by_group:
        print(_unknown_pictures(groups), end="")
        figures["groups"] = {g.name: _of_groups(g, chosen, judged, faces) for g, chosen in by_group}
    out = arguments.out or (arguments.run / EVALUATION if arguments.run else None)
    if out:
        write_json(out, figures)
    if arguments.figures:
        from inference.training.report.figures import draw_evaluation

        for path in draw_evaluation(judged.name, figures, arguments.figures):
            print(path)


def _which_faces(judged: Judged, unseen: Unseen) -> str:
    test = judged.split.test
    maybe = int((~np.isin(test, unseen.rows)).sum())
    said = f"; {maybe} of them may have been learned from in another file" if maybe else ""
    return f"{judged.name} is judged on {len(test)} faces{said}\n"


def _against(other: Judged, judged: Judged, faces: FaceDataset) -> dict[str, Any]:
    """The other network may not have learned from the same test part either."""
    checked_test_part(judged.split, other.seen, faces)
    scorers = judged.scorer_of(faces), other.scorer_of(faces)
    lost = {"model": other.name, **accuracy_lost(*scorers, faces, judged.split)}
    print("\n" + lost_text(lost))
    return lost


def _write_gallery(path: Path, judged: Judged, faces: FaceDataset) -> None:
    rows = judged.split.test[has_majority_label(faces.votes[judged.split.test])]
    write_json(path, error_gallery(*_said_and_wanted(judged, faces, rows), rows, faces.files))
    print(f"\nthe surest errors, by row number: {path}")


def _unknown_pictures(groups: Groups) -> str:
    unknown = groups.unknown
    more = f" and {len(unknown) - SHOWN} more" if len(unknown) > SHOWN else ""
    named = ", ".join(unknown[:SHOWN]) + more
    return f"\npictures of the csv that are no faces here: {named}\n" if unknown else ""


def _of_groups(
    grouping: Grouping, chosen: Chosen, judged: Judged, faces: FaceDataset
) -> dict[str, Any]:
    said, wanted = _said_and_wanted(judged, faces, chosen.rows)
    found = group_figures(grouping, said, wanted, chosen)
    print("\n" + groups_text(grouping, found))
    return found


def _said_and_wanted(judged: Judged, faces: FaceDataset, rows: Rows) -> tuple[Doubles, Classes]:
    logits = judged.scorer_of(faces)(rows)[0]
    return softmax(logits, judged.temperatures.expressions), compute_majority_labels(
        faces.votes[rows]
    )


def add_evaluate_command(commands: Commands, shared: argparse.ArgumentParser) -> None:
    command = commands.add_parser("evaluate", parents=[shared], help="figures on the test part")
    which = command.add_mutually_exclusive_group()
    which.add_argument("--run", type=Path, help="a run's best weights, in torch")
    which.add_argument("--model", help="a released model, in ONNX Runtime (default: the default)")
    command.add_argument("--against", help="a released model: what is lost against it, paired")
    command.add_argument("--split", choices=SPLITS, help="for a model; a run has its own")
    command.add_argument("--out", type=Path, help="JSON file (default for a run: its folder)")
    command.add_argument("--figures", type=Path, metavar="FOLDER", help="draw them as PNG")
    command.add_argument("--robustness", action="store_true", help="faces harmed in ten ways")
    command.add_argument("--faces-harmed", type=int, default=0, help="that many; 0: every one")
    command.add_argument("--gallery", type=Path, help="JSON: row numbers of the surest errors")
    command.add_argument("--groups", type=Path, help="csv: row or file, and columns of groups")
    command.set_defaults(command=evaluate_command)
