from typing import Any

from django.core.management.base import CommandParser

from inference.command_line import add_examples, parse_positive_count
from tests.bench.benchmark_command import BenchmarkCommand


class Command(BenchmarkCommand):
    help = "Time to synchronise the members of a large course, in a temporary database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--members", type=parse_positive_count, default=5000)
        super().add_arguments(parser)
        add_examples(
            parser,
            "manage.py bench_roster --members 500 --json",
            exit_1="a goal of the measurement is missed, or an error",
        )

    def measure(self, options: dict[str, Any]) -> dict[str, Any]:
        from tests.bench.lti.roster_bench import measure_roster

        return measure_roster(max(options["members"], 200))

    def format_text(self, result: dict[str, Any]) -> str:
        return (
            "{members} members in {pages} pages:\n"
            "  all of them new: {first_seconds} s\n"
            "  nothing changed: {again_seconds} s\n"
            "  {left} of them left: {left_seconds} s\n"
            "In one line: roster of {members} new in {first_seconds} s, unchanged in "
            "{again_seconds} s, without {left} of them in {left_seconds} s."
        ).format(**result)
