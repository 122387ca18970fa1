from typing import Any

from django.core.management.base import CommandParser

from inference.command_line import add_examples, parse_positive_count
from tests.bench.benchmark_command import BenchmarkCommand


class Command(BenchmarkCommand):
    help = (
        "Milliseconds from a window's close to the hint at the learner's socket, measured on a "
        "temporary installation with learners without a camera."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--learners", type=parse_positive_count, default=40)
        super().add_arguments(parser)
        add_examples(
            parser,
            "manage.py bench_hints --learners 10 --json",
            exit_1="a goal of the measurement is missed, or an error",
        )

    def measure(self, options: dict[str, Any]) -> dict[str, Any]:
        from tests.bench.hints_bench import measure_hints

        return measure_hints(options["learners"])

    def format_text(self, result: dict[str, Any]) -> str:
        delays = ", ".join(
            f"{name} {'-' if value is None else f'{value:.0f} ms'}"
            for name, value in result["window_closed_to_hint_ms"].items()
        )
        return f"{result['hints']} hints to {result['learners']} learners: {delays}"
