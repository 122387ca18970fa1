import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from fer_lms.stack import StackFailed
from inference.errors import InferenceError


class Command(BaseCommand):
    help = "Starts the demonstration on this machine, and stops all of it at the end."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))

    def handle(self, *_args: Any, **options: Any) -> None:
        if not settings.DEMO:
            _again_as_demonstration()
        from fer_lms.operations.demonstration import CannotStart, run_demonstration

        try:
            run_demonstration(options["port"], self._say)
        except (CannotStart, StackFailed, InferenceError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self._say("Stopped.")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _again_as_demonstration() -> None:
    """Settings are read once, so the demonstration needs a process that starts as one."""
    if "FER_DEMO" in os.environ:
        raise CommandError("FER_DEMO is switched off here, so that no demonstration can start.")
    arguments = [sys.executable, *sys.argv]
    os.execve(sys.executable, arguments, os.environ | {"FER_DEMO": "true"})  # noqa: S606 - ourselves
