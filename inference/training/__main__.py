"""The training pipeline: prepare data, train, evaluate, compare, export, write model cards."""

import argparse
import sys

from inference.command_line import INTERRUPTED, run_program
from inference.errors import InferenceError
from inference.training.cli.data_commands import add_data_commands, build_data_options
from inference.training.cli.evaluate_command import add_evaluate_command
from inference.training.cli.report_commands import add_report_commands
from inference.training.cli.train_commands import add_train_commands
from inference.training.errors import TrainingRefused


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m inference.training", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    shared = build_data_options()
    add_data_commands(commands, shared)
    add_train_commands(commands, shared)
    add_evaluate_command(commands, shared)
    add_report_commands(commands, shared)
    return parser


def main() -> int:
    return run_program("python -m inference.training", _run, TrainingRefused, InferenceError)


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
