"""The training pipeline: prepare data, train, evaluate, compare, export, write model cards."""

import argparse
import sys

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


def main() -> None:
    arguments = build_parser().parse_args()
    try:
        arguments.command(arguments)
    except (TrainingRefused, InferenceError) as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"a file could not be read or written: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped; the same command resumes from the last finished epoch")


if __name__ == "__main__":
    main()
