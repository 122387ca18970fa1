from typing import Any

from django.core.management.base import CommandParser

from inference.command_line import add_examples, parse_positive_count
from tests.bench.benchmark_command import BenchmarkCommand
from tests.bench.temporary_database import temporary_database


class Command(BenchmarkCommand):
    help = (
        "Cost of the release of a class's figures, and of reading its report, on a temporary "
        "database of the configured kind (DATABASE_URL)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--students", type=parse_positive_count, default=300)
        parser.add_argument("--minutes", type=parse_positive_count, default=90)
        super().add_arguments(parser)
        add_examples(
            parser,
            "manage.py bench_report --students 30 --json",
            exit_1="a goal of the measurement is missed, or an error",
        )

    def measure(self, options: dict[str, Any]) -> dict[str, Any]:
        from tests.bench.report_bench import measure_report

        with temporary_database(in_file=True):
            return measure_report(students=options["students"], minutes=options["minutes"])

    def format_text(self, result: dict[str, Any]) -> str:
        return "\n".join(f"{name}: {value}" for name, value in result.items())
