import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tests.bench.launch_bench import bench_launch
from tests.bench.progress import without_chatter


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
        with without_chatter():
            found = asdict(bench_launch(max(options["launches"], 1)))
        if options["json"]:
            self.stdout.write(json.dumps(found))
            return
        launches = found.pop("launches")
        self.stdout.write(f"{launches} launches, milliseconds:")
        for name, ms in found.items():
            self.stdout.write(f"  {name.removesuffix('_ms'):7} p50 {ms['p50']}, p95 {ms['p95']}")
        whole = found["all_ms"]
        self.stdout.write(
            f"In one line: {launches} launches, login to page p50 {whole['p50']} ms, "
            f"p95 {whole['p95']} ms of server time."
        )
