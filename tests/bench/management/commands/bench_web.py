from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from inference.command_line import add_examples, parse_positive_count, parse_positive_number
from tests.bench.benchmark_command import BenchmarkCommand, StreamingProgress


class Command(BenchmarkCommand):
    help = (
        "CPU time of the web process a frame, with readings sent back. A fake worker that answers "
        "every frame at once replaces the workers, so that two cores reach the rate."
    )
    sends_faces = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--participants", type=parse_positive_count, default=150)
        parser.add_argument(
            "--fps",
            type=parse_positive_number,
            default=2.0,
            help="frames per second of each learner",
        )
        parser.add_argument("--seconds", type=parse_positive_number, default=30.0)
        super().add_arguments(parser)
        add_examples(
            parser,
            "manage.py bench_web --participants 50 --seconds 10 --json",
            exit_1="a goal of the measurement is missed, or an error",
        )

    def measure(self, options: dict[str, Any]) -> dict[str, Any]:
        from tests.bench.web_bench import measure_web

        arguments = {name: options[name] for name in ("participants", "fps", "seconds", "faces")}
        with StreamingProgress(options["seconds"]) as progress:
            return measure_web(**arguments, progress=progress)

    def format_text(self, result: dict[str, Any]) -> str:
        lines = [
            f"{result['participants']} sockets, {result['frames_per_second']} frames/s received, "
            f"{result['readings']} of {result['received']} frames answered with a reading",
            f"refused {result['refused'] or 'none'}, lost {result['lost'] or 'none'}",
            f"reading, from sending to arrival: {_format_pairs(result['reading_ms'], ' ms')}",
            f"CPU ms a frame: {_format_pairs(result['cpu_ms_per_frame'])}",
            f"memory MB: {_format_pairs(result['rss_mb'])}",
            "The readings come from a fake worker: only the metrics of the web process apply.",
        ]
        return "\n".join([*lines, *result["problems"]])


def _format_pairs(values: Mapping[str, object], unit: str = "") -> str:
    return ", ".join(f"{name} {value}{unit}" for name, value in values.items())
