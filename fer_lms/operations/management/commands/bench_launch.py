import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from fer_lms.operations.launch_bench import bench_launch


class Command(BaseCommand):
    help = (
        "How long a valid LTI launch takes on the server, from login to page, "
        "in an installation of its own."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--launches", type=int, default=200)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        found = asdict(bench_launch(max(options["launches"], 1)))
        if options["json"]:
            self.stdout.write(json.dumps(found))
            return
        self.stdout.write(f"{found.pop('launches')} launches, milliseconds:")
        for name, ms in found.items():
            self.stdout.write(f"  {name.removesuffix('_ms'):7} p50 {ms['p50']}, p95 {ms['p95']}")
