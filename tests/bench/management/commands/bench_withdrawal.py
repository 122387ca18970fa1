import json
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
        "How long after a withdrawal the last picture is decoded, the socket closed and everything "
        "erased, while a class streams; in an installation of its own, deleted afterwards."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--participants", type=int, default=30, help="who stream steadily")
        parser.add_argument(
            "--changing", type=int, default=10, help="who take back, again and again"
        )
        parser.add_argument("--fps", type=float, default=2.0, help="frames a second, each")
        parser.add_argument("--seconds", type=float, default=90.0)
        parser.add_argument("--faces", type=Path, help="photo, video or folder of both")
        parser.add_argument("--json", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        from tests.bench.person import DoorClosed
        from tests.bench.withdrawal_bench import as_text, measure_withdrawal

        signal.signal(signal.SIGTERM, signal.default_int_handler)
        asked = {
            name: options[name] for name in ("participants", "changing", "fps", "seconds", "faces")
        }
        try:
            result = measure_withdrawal(**asked, say=self.stderr.write)
        except (DoorClosed, StackError, InferenceError, ImportError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            sys.exit(130)
        self.stdout.write(json.dumps(result, indent=1) if options["json"] else as_text(result))
