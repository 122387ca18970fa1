from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError, CommandParser

from inference.command_line import add_examples, parse_positive_count, parse_positive_number
from tests.bench.benchmark_command import BenchmarkCommand

MAX_SECONDS = 4.0
SPEEDS = (
    "inprocess_fps",
    "worker_fps",
    "task_per_frame_fps",
    "worker_over_inprocess",
    "worker_over_task_per_frame",
)


class Command(BenchmarkCommand):
    help = (
        "The same frames through the bare pipeline, the worker path and one Celery task a frame, "
        "interleaved, in a temporary installation."
    )
    sends_faces = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--seconds",
            type=parse_positive_number,
            default=3.0,
            help="duration of each measurement, at most 4",
        )
        parser.add_argument("--rounds", type=parse_positive_count, default=5)
        super().add_arguments(parser)
        add_examples(
            parser,
            "manage.py bench_worker --seconds 2 --rounds 1 --json",
            exit_1="a goal of the measurement is missed, or an error",
        )

    def measure(self, options: dict[str, Any]) -> dict[str, Any]:
        from tests.bench.worker.worker_bench import measure_variants

        if not 0 < options["seconds"] <= MAX_SECONDS or options["rounds"] < 1:
            raise CommandError("--seconds must be above 0 and at most 4, --rounds at least 1.")
        return measure_variants(options["seconds"], options["rounds"], self.log, options["faces"])

    def format_text(self, result: dict[str, Any]) -> str:
        parts = {"landmarks off": result, "landmarks on": result["with_landmarks"]}
        return "\n".join(
            line for title, part in parts.items() for line in _format_table(title, part)
        )


def _format_table(title: str, part: Mapping[str, Any]) -> list[str]:
    at_one, at_two = part["cpu_ms_per_frame"], part["cpu_ms_per_frame_at_2"]
    return [
        f"{title:28} 1 process  2 processes",
        *(_format_row(name, part[name]["1"], part[name]["2"]) for name in SPEEDS),
        *(_format_row(f"CPU ms, {name}", at_one[name], at_two[name]) for name in at_one),
    ]


def _format_row(name: str, at_one: float, at_two: float) -> str:
    return f"  {name:27}{at_one:>9}{at_two:>13}"
