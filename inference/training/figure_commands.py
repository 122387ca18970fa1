"""evaluate, compare, export, card: figures, and what carries them."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from inference.expressions import WEIGHTS, ExpressionClassifier
from inference.released import chosen_model
from inference.training.card import DATA_SHEET, write_cards
from inference.training.card_check import card_faults
from inference.training.compare import compare, of_records
from inference.training.data_commands import Commands, faces_of
from inference.training.driver import RECORDS
from inference.training.evaluate import (
    accuracy_lost,
    evaluate,
    fitted_temperatures,
    load_run,
    released_scorer,
    run_scorer,
)
from inference.training.evaluation_text import lost_text, report_text
from inference.training.export import Temperatures
from inference.training.faces import FaceSet, majority, scored_rows
from inference.training.fairness import group_figures, groups_text, read_groups
from inference.training.metrics import softmax
from inference.training.page import comparison_drawings, comparison_page
from inference.training.record import EVALUATION, RUN_RECORD, read_json, write_json
from inference.training.release import listed_temperatures, release
from inference.training.robustness import ScorerOf, error_gallery, robustness, robustness_text
from inference.training.settings import Settings
from inference.training.splits import OFFICIAL, SPLITS, Split, checked_split, split_by_name


def evaluate_command(arguments: argparse.Namespace) -> None:
    faces = faces_of(arguments)
    scorer_of, split, temperatures = _what_is_judged(arguments, faces)
    score = scorer_of(faces)
    figures = evaluate(score, faces, split, temperatures)
    name = arguments.run.name if arguments.run else arguments.model or "default"
    print(report_text(name, figures))
    if arguments.against:
        other = _released_scorer_of(arguments.against)[0](faces)
        lost = accuracy_lost(score, other, faces, split)
        figures["against"] = {"model": arguments.against, **lost}
        print("\n" + lost_text(figures["against"]))
    if arguments.robustness:
        figures["robustness"] = robustness(scorer_of, faces, split.test, arguments.faces_harmed)
        print("\n" + robustness_text(figures["robustness"]))
    if arguments.gallery or arguments.groups:
        _look_closer(arguments, figures, score, faces, split, temperatures)
    out = arguments.out or (arguments.run / EVALUATION if arguments.run else None)
    if out:
        write_json(out, figures)
    if arguments.figures:
        from inference.training.figures import draw_evaluation

        for path in draw_evaluation(name, figures, arguments.figures):
            print(path)


def _what_is_judged(
    arguments: argparse.Namespace, faces: FaceSet
) -> tuple[ScorerOf, Split, Temperatures]:
    """A scorer for any faces, the split it is judged on, and the temperatures it needs."""
    if not arguments.run:
        split = _split(faces, Settings(split=arguments.split or OFFICIAL))
        scorer_of, temperatures = _released_scorer_of(arguments.model)
        return scorer_of, split, temperatures
    network, side = load_run(arguments.run)
    split = _split(faces, settings_of_run(arguments.run))

    def of_run(shown: FaceSet) -> Any:
        return run_scorer(network, side, shown)

    return of_run, split, fitted_temperatures(of_run(faces), faces, split.validation)


def _released_scorer_of(name: str | None) -> tuple[ScorerOf, Temperatures]:
    model = chosen_model(name)
    classifier, temperatures = ExpressionClassifier(model), listed_temperatures(model)
    return lambda shown: released_scorer(classifier, shown, temperatures), temperatures


def settings_of_run(run: Path) -> Settings:
    return Settings(**read_json(run / RUN_RECORD)["settings"])


def _split(faces: FaceSet, settings: Settings) -> Split:
    split = split_by_name(settings.split, faces, settings.split_seed, settings.validation_share)
    return checked_split(split, faces)


def _look_closer(
    arguments: argparse.Namespace,
    figures: dict[str, Any],
    score: Any,
    faces: FaceSet,
    split: Split,
    temperatures: Temperatures,
) -> None:
    rows = split.test[scored_rows(faces.votes[split.test])]
    probabilities = softmax(score(rows)[0], temperatures.expressions)
    wanted = majority(faces.votes[rows])
    if arguments.gallery:
        write_json(arguments.gallery, error_gallery(probabilities, wanted, rows))
        print(f"\nthe surest errors, by row number: {arguments.gallery}")
    if arguments.groups:
        for grouping in read_groups(arguments.groups, len(faces.images)):
            found = group_figures(grouping, probabilities, wanted, rows)
            figures.setdefault("groups", {})[grouping.name] = found
            print("\n" + groups_text(grouping, found))


def compare_command(arguments: argparse.Namespace) -> None:
    if arguments.measured:
        found = {**read_json(arguments.measured), **of_records(arguments.records)}
    else:
        faces, peers = faces_of(arguments), not arguments.no_peers
        found = compare(faces, arguments.records, arguments.folder, peers)
    text = comparison_page(found)
    print(text)
    if arguments.out:
        arguments.out.write_text(text, encoding="utf-8")
        write_json(arguments.out.with_suffix(".json"), found)
    if arguments.figures:
        from inference.training.figures import draw_comparison

        for path in draw_comparison(comparison_drawings(found), arguments.figures):
            print(path)


def export_command(arguments: argparse.Namespace) -> None:
    faces = faces_of(arguments)
    split = _split(faces, settings_of_run(arguments.run))
    release(arguments.run, faces, split, arguments.calibration, arguments.folder)


def card_command(arguments: argparse.Namespace) -> None:
    if arguments.check:
        faults = card_faults(arguments.folder)
        if faults:
            sys.exit("\n".join(faults))
        print("cards, records, weights, comparison and drawings agree")
        return
    if arguments.sheet:
        sheet = json.loads(arguments.sheet.read_text(encoding="utf-8"))
        write_json(arguments.folder / DATA_SHEET, sheet)
    # Drawings first: a card points to those that there are.
    drawn = draw_records(arguments.folder, arguments.figures) if arguments.figures else []
    for path in [*drawn, *write_cards(arguments.folder)]:
        print(path)


def draw_records(folder: Path, figures: Path) -> list[Path]:
    from inference.training.figures import draw_evaluation

    drawn = []
    for record in sorted(folder.glob("*.record.json")):
        for name, each in read_json(record)["released"].items():
            drawn += draw_evaluation(name, each, figures)
    return drawn


def add_figure_commands(commands: Commands, shared: argparse.ArgumentParser) -> None:
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
    command.add_argument("--groups", type=Path, help="csv: row, and columns of groups")
    command.set_defaults(command=evaluate_command)

    command = commands.add_parser("compare", parents=[shared], help="the four networks and peers")
    command.add_argument("--records", type=Path, default=RECORDS)
    command.add_argument("--folder", type=Path, default=WEIGHTS)
    command.add_argument("--no-peers", action="store_true")
    command.add_argument(
        "--measured",
        type=Path,
        metavar="COMPARISON.json",
        help="take costs, what ships and peers from there and read only the runs anew",
    )
    command.add_argument("--out", type=Path, help="Markdown file; JSON is written beside it")
    command.add_argument("--figures", type=Path, metavar="FOLDER")
    command.set_defaults(command=compare_command)

    command = commands.add_parser("export", parents=[shared], help="a run's weights to ONNX")
    command.add_argument("--run", type=Path, required=True)
    command.add_argument("--calibration", type=int, default=500, help="faces for int8 ranges")
    command.add_argument("--folder", type=Path, default=WEIGHTS)
    command.set_defaults(command=export_command)

    command = commands.add_parser("card", help="write model card and data sheet, or check them")
    command.add_argument("--check", action="store_true")
    command.add_argument("--folder", type=Path, default=WEIGHTS)
    command.add_argument("--sheet", type=Path, help="what prepare --out wrote")
    command.add_argument("--figures", type=Path, metavar="FOLDER", help="draw the records' figures")
    command.set_defaults(command=card_command)
