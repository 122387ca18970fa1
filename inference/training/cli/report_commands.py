"""compare, export, card: results, released models and their cards."""

import argparse
import sys
from pathlib import Path

from inference.command_line import parse_positive_count
from inference.expressions import WEIGHTS
from inference.training.cli.data_commands import Commands, load_faces
from inference.training.evaluate.evaluated_model import load_run_split
from inference.training.json_files import read_json, write_json
from inference.training.records import load_release_records
from inference.training.release.driver import RECORDS
from inference.training.release.release import release_run
from inference.training.report.benchmark import measure_comparison
from inference.training.report.comparison import list_comparison_plots, render_comparison
from inference.training.report.consistency import find_inconsistencies
from inference.training.report.model_cards import DATA_SHEET, write_cards
from inference.training.results import read_results


def compare_command(arguments: argparse.Namespace) -> None:
    if arguments.measured:
        measured = read_json(arguments.measured)
        measured.pop("runs", None)  # of an earlier revision: now in results.csv
    else:
        measured = measure_comparison(
            load_faces(arguments), arguments.folder, not arguments.no_peers
        )
    results = read_results(arguments.records)
    text = render_comparison(measured, results)
    print(text)
    if arguments.out:
        arguments.out.write_text(text, encoding="utf-8")
        write_json(arguments.out.with_suffix(".json"), measured)
    if arguments.figures:
        from inference.training.report.plots import plot_comparison

        for path in plot_comparison(list_comparison_plots(measured, results), arguments.figures):
            print(path)


def export_command(arguments: argparse.Namespace) -> None:
    faces = load_faces(arguments)
    split, _ = load_run_split(arguments.run, faces)
    release_run(arguments.run, faces, split, arguments.calibration, arguments.folder)


def card_command(arguments: argparse.Namespace) -> None:
    if arguments.check:
        if inconsistencies := find_inconsistencies(arguments.folder):
            sys.exit("\n".join(inconsistencies))
        print("cards, records, weights, comparison and plots agree")
        return
    if arguments.sheet:
        write_json(arguments.folder / DATA_SHEET, read_json(arguments.sheet))
    # Plots first: a card links to existing ones.
    plots = plot_releases(arguments.folder, arguments.figures) if arguments.figures else []
    for path in [*plots, *write_cards(arguments.folder)]:
        print(path)


def plot_releases(folder: Path, figures: Path) -> list[Path]:
    from inference.training.report.plots import plot_evaluation

    return [
        path
        for record in load_release_records(folder).values()
        for name, evaluation in record.released.items()
        for path in plot_evaluation(name, evaluation, figures)
    ]


def add_report_commands(commands: Commands, shared: argparse.ArgumentParser) -> None:
    command = commands.add_parser("compare", parents=[shared], help="compare runs and networks")
    command.add_argument("--records", type=Path, default=RECORDS)
    command.add_argument("--folder", type=Path, default=WEIGHTS)
    command.add_argument("--no-peers", action="store_true", help="omit third-party baselines")
    command.add_argument(
        "--measured",
        type=Path,
        metavar="COMPARISON.json",
        help="read costs, released models and baselines from this file instead of measuring them",
    )
    command.add_argument(
        "--out", type=Path, help="Markdown file; a JSON file is written to the same folder"
    )
    command.add_argument("--figures", type=Path, metavar="FOLDER", help="write plots as PNG")
    command.set_defaults(command=compare_command)

    command = commands.add_parser("export", parents=[shared], help="release a run as ONNX")
    command.add_argument("--run", type=Path, required=True)
    command.add_argument(
        "--calibration",
        type=parse_positive_count,
        default=500,
        help="number of faces that set the int8 ranges",
    )
    command.add_argument("--folder", type=Path, default=WEIGHTS)
    command.set_defaults(command=export_command)

    command = commands.add_parser("card", help="write model card and data sheet, or check them")
    command.add_argument("--check", action="store_true", help="list what disagrees; exit 1")
    command.add_argument("--folder", type=Path, default=WEIGHTS)
    command.add_argument("--sheet", type=Path, help="counts written by prepare --out")
    command.add_argument("--figures", type=Path, metavar="FOLDER", help="plot the metrics too")
    command.set_defaults(command=card_command)
