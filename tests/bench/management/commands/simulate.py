import json
import os
import signal
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fer_lms.stack import StackError
from inference.errors import InferenceError


class Command(BaseCommand):
    help = (
        "A class of simulated learners streams real faces through the real socket. Starts an "
        "installation of its own on a temporary database, or drives a running demonstration."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--participants", type=int, default=30)
        parser.add_argument("--fps", type=float, default=2.0, help="frames a second, each")
        parser.add_argument("--minutes", type=float, default=1.0)
        parser.add_argument("--url", help="a running demonstration, such as http://localhost:8000")
        parser.add_argument(
            "--faces", type=Path, help="photo, video or folder of both (default: FER_MEDIA)"
        )
        parser.add_argument(
            "--processes",
            type=int,
            default=os.cpu_count() or 1,
            help="worker processes of its own installation (default: one a core)",
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        from tests.bench.person import DoorClosed
        from tests.bench.simulation import sums_agree
        from tests.bench.simulation_text import as_text

        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            result = _simulate(options)
        except (DoorClosed, StackError, InferenceError, ImportError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            sys.exit(130)
        self.stdout.write(json.dumps(result, indent=1) if options["json"] else as_text(result))
        if not sums_agree(result):
            sys.exit(1)


def _simulate(options: dict[str, Any]) -> dict[str, Any]:
    from tests.bench.progress import streaming_bar
    from tests.bench.simulation import Wanted, simulate_alone, simulate_running

    if options["participants"] < 1 or options["fps"] <= 0 or options["minutes"] <= 0:
        raise CommandError("Participants, frames a second and minutes must be above zero.")
    wanted = Wanted(
        participants=options["participants"],
        fps=options["fps"],
        seconds=options["minutes"] * 60,
        faces=options["faces"],
        processes=options["processes"],
    )
    with streaming_bar(wanted.seconds) as (say, tick):
        if options["url"]:
            return simulate_running(options["url"], wanted, say, tick)
        return simulate_alone(wanted, say, tick)
