import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from fer_lms.stack import StackError
from inference.command_line import add_examples, parse_port
from inference.errors import InferenceError


class Command(BaseCommand):
    help = "Starts the demonstration on this machine; Ctrl-C stops all of its processes."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_examples(parser, "manage.py demo --port 8000", exit_1="it cannot start")
        parser.add_argument("--port", type=parse_port, default=os.environ.get("PORT") or "8000")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not settings.DEMO:
            _restart_as_demo()
        from fer_lms.operations.demonstration import DemoStartError, run_demonstration

        try:
            run_demonstration(options["port"], self._print)
        except (DemoStartError, StackError, InferenceError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self._print("Stopped.")

    def _print(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _restart_as_demo() -> None:
    """Replace this process by one with FER_DEMO: settings are read once."""
    if "FER_DEMO" in os.environ:
        raise CommandError("FER_DEMO is off, which forbids the demonstration: unset it.")
    arguments = [sys.executable, *sys.argv]
    os.execve(sys.executable, arguments, os.environ | {"FER_DEMO": "true"})  # noqa: S606 - this program
