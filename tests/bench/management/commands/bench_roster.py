import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tests.bench.progress import without_chatter
from tests.bench.roster_bench import bench_roster


class Command(BaseCommand):
    help = "How long the members of a large course take to synchronise; in a database of its own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--members", type=int, default=5000)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        with without_chatter():
            found = bench_roster(max(options["members"], 200))
        if options["json"]:
            self.stdout.write(json.dumps(asdict(found)))
            return
        self.stdout.write(f"{found.members} members in {found.pages} pages:")
        self.stdout.write(f"  all of them new: {found.first_seconds} s")
        self.stdout.write(f"  nothing changed: {found.again_seconds} s")
        self.stdout.write(f"  {found.left} of them left: {found.left_seconds} s")
        self.stdout.write(
            f"In one line: roster of {found.members} new in {found.first_seconds} s, unchanged in "
            f"{found.again_seconds} s, without {found.left} of them in {found.left_seconds} s."
        )
