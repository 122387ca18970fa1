import json
import signal
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fer_lms.stack import StackError
from inference.errors import InferenceError

MAX_SECONDS = 4.0


class Command(BaseCommand):
    help = (
        "The same frames through the bare pipeline, the worker path and one Celery task a frame, "
        "in turns, on a temporary database."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seconds", type=float, default=3.0, help="of each turn, 4 at most")
        parser.add_argument("--rounds", type=int, default=5)
        parser.add_argument("--faces", type=Path, help="photo, video or folder of both")
        parser.add_argument("--json", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        from tests.bench.slot_feeder import FramesLost
        from tests.bench.worker_bench import measure
        from tests.bench.worker_bench_text import as_text

        if not 0 < options["seconds"] <= MAX_SECONDS or options["rounds"] < 1:
            raise CommandError("A turn lasts up to 4 seconds, and there is at least one round.")
        signal.signal(signal.SIGTERM, signal.default_int_handler)

        def say(line: str) -> None:
            self.stderr.write(line, self.style.NOTICE)

        try:
            result = measure(options["seconds"], options["rounds"], say, options["faces"])
        except (StackError, InferenceError, FramesLost, TimeoutError, ImportError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            sys.exit(130)
        self.stdout.write(json.dumps(result, indent=1) if options["json"] else as_text(result))
