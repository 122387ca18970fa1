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
        "CPU time of the web process a frame, with readings sent back. A stand-in that answers "
        "every frame at once takes the place of the workers, so that the rate can be reached."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--participants", type=int, default=150)
        parser.add_argument("--fps", type=float, default=2.0, help="frames a second, each")
        parser.add_argument("--seconds", type=float, default=30.0)
        parser.add_argument("--faces", type=Path, help="photo, video or folder of both")
        parser.add_argument("--json", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        from tests.bench.person import DoorClosed
        from tests.bench.progress import streaming_bar
        from tests.bench.web_bench import measure_web
        from tests.bench.web_bench_text import as_text

        signal.signal(signal.SIGTERM, signal.default_int_handler)
        asked = {name: options[name] for name in ("participants", "fps", "seconds", "faces")}
        try:
            with streaming_bar(options["seconds"]) as (say, tick):
                result = measure_web(**asked, say=say, tick=tick)
        except (DoorClosed, StackError, InferenceError, ImportError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            sys.exit(130)
        self.stdout.write(json.dumps(result, indent=1) if options["json"] else as_text(result))
