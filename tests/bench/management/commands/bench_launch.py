from typing import Any

from django.core.management.base import CommandParser

from inference.command_line import add_examples, parse_positive_count
from tests.bench.benchmark_command import BenchmarkCommand


class Command(BenchmarkCommand):
    help = "Server time of a valid LTI launch, from login to page, in a temporary installation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--launches", type=parse_positive_count, default=200)
        super().add_arguments(parser)
        add_examples(
            parser,
            "manage.py bench_launch --launches 20 --json",
            exit_1="a goal of the measurement is missed, or an error",
        )

    def measure(self, options: dict[str, Any]) -> dict[str, Any]:
        from tests.bench.lti.launch_bench import measure_launches

        return measure_launches(max(options["launches"], 1))

    def format_text(self, result: dict[str, Any]) -> str:
        parts = {name: ms for name, ms in result.items() if name != "launches"}
        total = result["all_ms"]
        return "\n".join(
            [
                f"{result['launches']} launches, milliseconds:",
                *(
                    f"  {name.removesuffix('_ms'):7} p50 {ms['p50']}, p95 {ms['p95']}"
                    for name, ms in parts.items()
                ),
                f"In one line: {result['launches']} launches, login to page p50 {total['p50']} ms, "
                f"p95 {total['p95']} ms of server time.",
            ]
        )
