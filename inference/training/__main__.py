"""python -m inference.training prepare | eyes | train | teach | runs | evaluate | compare | ..."""

import argparse
import sys

from inference.errors import InferenceError
from inference.training.cli.data_commands import add_data_commands, shared_options
from inference.training.cli.evaluate_command import add_evaluate_command
from inference.training.cli.figure_commands import add_figure_commands
from inference.training.cli.train_commands import add_train_commands
from inference.training.errors import TrainingRefused


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m inference.training", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    shared = shared_options()
    add_data_commands(commands, shared)
    add_train_commands(commands, shared)
    add_evaluate_command(commands, shared)
    add_figure_commands(commands, shared)
    return top


def main() -> None:
    arguments = parser().parse_args()
    try:
        arguments.command(arguments)
    except (TrainingRefused, InferenceError) as refusal:
        sys.exit(str(refusal))
    except OSError as error:
        sys.exit(f"a file could not be read or written: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped; the same command goes on from the last finished epoch")


if __name__ == "__main__":
    main()
