"""Base class of the commands that measure: options, errors, Ctrl-C, progress, and the result."""

import json
import logging
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from fer_lms.stack import StackError
from inference.errors import InferenceError
from tests.bench.errors import BenchmarkError

Log = Callable[[str], None]


class BenchmarkCommand(BaseCommand):
    """Write the result of `measure` to stdout, as text or as JSON; everything else to stderr."""

    requires_system_checks = []
    sends_faces = False

    def add_arguments(self, parser: CommandParser) -> None:
        if self.sends_faces:
            parser.add_argument(
                "--faces", type=Path, help="photo, video or folder of both (default: FER_MEDIA)"
            )
        parser.add_argument("--json", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            with _hide_info_logs():
                result = self.measure(options)
        except (BenchmarkError, StackError, InferenceError, TimeoutError, ImportError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            sys.exit(130)
        text = json.dumps(result, indent=1) if options["json"] else self.format_text(result)
        self.stdout.write(text)
        if not self.is_success(result):
            sys.exit(1)

    def measure(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the metrics. Import what needs development dependencies here, not above."""
        raise NotImplementedError

    def format_text(self, result: dict[str, Any]) -> str:
        raise NotImplementedError

    def is_success(self, result: dict[str, Any]) -> bool:
        """Return False where the command must exit with 1."""
        return True

    def log(self, line: str) -> None:
        self.stderr.write(line, self.style.NOTICE)


class StreamingProgress:
    """Log lines and a bar of the streamed seconds on stderr; no bar where it is no terminal."""

    def __init__(self, seconds: float) -> None:
        self._total = round(seconds)
        self._bar = tqdm(total=self._total, unit="s", file=sys.stderr, disable=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._bar.close()

    def log(self, line: str) -> None:
        self._bar.write(line, file=sys.stderr)

    def update(self, elapsed_s: float, sent: int, processed: int) -> None:
        self._bar.update(min(round(elapsed_s), self._total) - self._bar.n)
        self._bar.set_postfix(sent=sent, processed=processed)


@contextmanager
def _hide_info_logs() -> Iterator[None]:
    before = logging.root.manager.disable
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(before)
