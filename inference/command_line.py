"""What the command lines of this project share: numbers that are checked, streams, exit codes.

An error is one line on standard error and exit code 2, never a traceback.
"""

import argparse
import contextlib
import io
import math
import os
import sys
from collections.abc import Callable
from typing import Any, cast

FAILED, INTERRUPTED = 2, 130
MAX_COUNT = 10**9
MAX_PORT = 65535


class OutputClosed(OSError):
    """Standard output is closed; the message says what to do."""


def run_program(program: str, run: Callable[[], int], *errors: type[Exception]) -> int:
    """Run a command line and return its exit code.

    Args:
        program: Its name, which begins an error message.
        run: Does the work and returns the exit code.
        errors: Exceptions whose message is for the user, besides OSError.
    """
    for_the_user: tuple[type[Exception], ...] = (OSError, *errors)
    try:
        prepare_streams()
        code = run()
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # for example `| head`
        _discard_output()
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED
    except UnicodeEncodeError as error:  # a name with bytes that are no text, in native code
        return report_error(program, f"{error.object!a} cannot be used as a name here")
    except MemoryError:
        return report_error(program, "not enough memory for this file")
    except for_the_user as error:
        _discard_output()  # a full disk: what is buffered cannot be written at exit either
        return report_error(program, error)


def report_error(program: str, error: object) -> int:
    """Print an error and return the exit code."""
    print(f"{program}: {error}", file=sys.stderr)  # noqa: T201
    return FAILED


def prepare_streams() -> None:
    """Make standard streams usable: nothing is closed, and every character can be written.

    A file that is opened while descriptor 2 is closed gets this number, and native libraries would
    write their messages into it.

    Raises:
        OutputClosed: Standard output is closed.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
        raise OutputClosed("standard output is closed; redirect it to a file or to /dev/null")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _discard_output() -> None:
    """Send what is left of standard output to /dev/null, so that exiting does not fail."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def parse_count(text: str) -> int:
    """Parse a whole number of at least 0, for argparse."""
    return _parse_whole_number(text, 0, MAX_COUNT)


def parse_positive_count(text: str) -> int:
    """Parse a whole number of at least 1, for argparse."""
    return _parse_whole_number(text, 1, MAX_COUNT)


def parse_port(text: str) -> int:
    """Parse a TCP port, for argparse."""
    return _parse_whole_number(text, 1, MAX_PORT)


def parse_positive_number(text: str) -> float:
    """Parse a finite number above 0, for argparse."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= MAX_COUNT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return value


def parse_share(text: str) -> float:
    """Parse a number from 0 to 1, for argparse."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
    return value


def _parse_whole_number(text: str, smallest: int, largest: int) -> int:
    try:
        value = int(text)
    except ValueError:
        value = smallest - 1
    if not smallest <= value <= largest:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a whole number from {smallest} to {largest}"
        )
    return value


def add_examples(parser: argparse.ArgumentParser, *examples: str, exit_1: str = "") -> None:
    """Add command lines as examples, and the exit codes, to the end of a parser's help.

    Args:
        parser: Of a command. The help of a sub-command, which exists already, gets the examples
            that contain its name.
        examples: Command lines as they are typed.
        exit_1: When the exit code is 1; without it, the command has no such result.
    """
    codes = ["0 done", *([f"1 {exit_1}"] if exit_1 else []), "2 wrong arguments"]
    lines = ["Examples:", *(f"  {example}" for example in examples), "", "Exit codes:"]
    parser.epilog = "\n".join([*lines, *(f"  {code}" for code in codes)])
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                own = [example for example in examples if name in example.split()]
                add_examples(command, *own, exit_1=exit_1)
    bases = (_KeepsEpilog, cast("type[argparse.HelpFormatter]", parser.formatter_class))
    parser.formatter_class = cast(Any, type("ExamplesFormatter", bases, {}))


class _KeepsEpilog(argparse.HelpFormatter):
    """Wraps descriptions, and keeps the lines of an epilog with examples."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if text.startswith("Examples:"):
            return "".join(indent + line for line in text.splitlines(keepends=True))
        return super()._fill_text(text, width, indent)
