"""The training pipeline: prepare data, train, evaluate, compare, export, write model cards."""

import argparse
import sys

from inference.command_line import INTERRUPTED, add_examples, run_program
from inference.errors import InferenceError
from inference.training.cli.data_commands import add_data_commands, build_data_options
from inference.training.cli.evaluate_command import add_evaluate_command
from inference.training.cli.report_commands import add_report_commands
from inference.training.cli.train_commands import add_train_commands
from inference.training.errors import TrainingRefused

PROGRAM = "python -m inference.training"


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    shared = build_data_options()
    add_data_commands(commands, shared)
    add_train_commands(commands, shared)
    add_evaluate_command(commands, shared)
    add_report_commands(commands, shared)
    add_examples(
        parser,
        f"{PROGRAM} prepare --csv fer2013.csv --votes fer2013new.csv --out counts.json",
        f"{PROGRAM} eyes --faces faces.npz --faces-out eyes.npz",
        f"{PROGRAM} train --faces faces.npz --run runs/first",
        f"{PROGRAM} teach --runs runs/first runs/second --scores teachers.npz",
        f"{PROGRAM} average --runs runs/first runs/second --run runs/average",
        f"{PROGRAM} soup --runs runs/first runs/second --run runs/average",
        f"{PROGRAM} runs --only first",
        f"{PROGRAM} keep --run runs/first",
        f"{PROGRAM} restore --run runs/first",
        f"{PROGRAM} evaluate --run runs/first --out evaluation.json",
        f"{PROGRAM} compare --no-peers --out comparison.json",
        f"{PROGRAM} export --run runs/first",
        f"{PROGRAM} card --check",
        exit_1="`card --check` found something that disagrees",
    )
    return parser


def main() -> int:
    return run_program(PROGRAM, _run, TrainingRefused, InferenceError)


def _run() -> int:
    arguments = build_parser().parse_args()
    try:
        arguments.command(arguments)
    except KeyboardInterrupt:
        print("stopped; the same command resumes from the last finished epoch", file=sys.stderr)
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
