import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fer_lms.stack import StackError


class Command(BaseCommand):
    help = (
        "Milliseconds from a window's close to the hint at the learner's socket, measured on an "
        "installation of its own with learners without a camera."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--learners", type=int, default=40)
        parser.add_argument("--json", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        from tests.bench.hints_bench import measure_hints
        from tests.bench.person import DoorClosed

        try:
            result = measure_hints(options["learners"])
        except (DoorClosed, StackError, ImportError) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(result, indent=1))
            return
        waits = result["window_closed_to_hint_ms"]
        shown = ", ".join(f"{name} {_ms(value)}" for name, value in waits.items())
        self.stdout.write(f"{result['hints']} hints to {result['learners']} learners: {shown}")


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f} ms"
