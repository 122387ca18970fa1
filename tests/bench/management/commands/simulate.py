import os
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError, CommandParser

from inference.command_line import add_examples, parse_positive_count, parse_positive_number
from tests.bench.benchmark_command import BenchmarkCommand, StreamingProgress


class Command(BenchmarkCommand):
    help = (
        "Load test: a class of simulated learners streams real faces through the real socket, on "
        "a temporary installation or on a running demonstration."
    )
    sends_faces = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--participants", type=parse_positive_count, default=30)
        parser.add_argument(
            "--fps",
            type=parse_positive_number,
            default=2.0,
            help="frames per second of each learner",
        )
        parser.add_argument("--minutes", type=parse_positive_number, default=1.0)
        parser.add_argument("--url", help="a running demonstration, such as http://localhost:8000")
        parser.add_argument(
            "--processes",
            type=parse_positive_count,
            default=os.cpu_count() or 1,
            help="worker processes of the temporary installation (default: one per core)",
        )
        super().add_arguments(parser)
        add_examples(
            parser,
            "manage.py simulate --participants 10 --minutes 0.5 --json",
            "manage.py simulate --url http://localhost:8000",
            exit_1="a goal of the measurement is missed, or an error",
        )

    def measure(self, options: dict[str, Any]) -> dict[str, Any]:
        from tests.bench.simulation import (
            SimulationOptions,
            simulate_on_running,
            simulate_on_temporary,
        )

        if options["participants"] < 1 or options["fps"] <= 0 or options["minutes"] <= 0:
            raise CommandError("Participants, frames a second and minutes must be above zero.")
        simulation = SimulationOptions(
            participants=options["participants"],
            fps=options["fps"],
            seconds=options["minutes"] * 60,
            faces=options["faces"],
            processes=options["processes"],
        )
        with StreamingProgress(simulation.seconds) as progress:
            if options["url"]:
                return simulate_on_running(options["url"], simulation, progress)
            return simulate_on_temporary(simulation, progress)

    def is_success(self, result: dict[str, Any]) -> bool:
        return bool(
            result["identity_ok"]
            and not result["windows_wrong"]
            and result["windows_found"] == result["windows_expected"]
        )

    def format_text(self, result: dict[str, Any]) -> str:
        verdict = "exact" if result["identity_ok"] else "DOES NOT HOLD"
        lines = [
            f"{result['participants']} learners, {result['fps']:g} frames/s each, "
            f"{result['seconds']:g} s",
            f"identity {verdict}:",
            f"  received {result['received']} = accepted {result['accepted']}"
            f"{_format_addends(result['refused'])}",
            f"  accepted {result['accepted']} = processed {result['processed']}"
            f"{_format_addends(result['lost'])} + in flight {result['in_flight']}",
            f"windows: {result['windows_expected']} expected, {result['windows_found']} found, "
            f"{result['windows_wrong']} wrong",
            f"reading, from sending to arrival: {_format_pairs(result['reading_ms'], ' ms')}",
            f"window complete after its end:    {_format_pairs(result['window_ms'], ' ms')}",
            f"window closed after its end:      {_format_pairs(result['window_closed_ms'], ' ms')}",
            f"{result['processed_per_second']} frames/s processed, "
            f"largest over smallest share {_format_value(result['fairness'])}",
            f"readings: {_format_pairs(result['qualities'])}",
            f"CPU ms a frame: {_format_pairs(result['cpu_ms_per_frame'])}",
            f"memory MB: {_format_pairs(result['rss_mb'])}",
        ]
        return "\n".join([*lines, *(f"  {problem}" for problem in result["problems"])])


def _format_addends(reasons: Mapping[str, int]) -> str:
    return "".join(f" + {name} {count}" for name, count in reasons.items() if count)


def _format_pairs(values: Mapping[str, object], unit: str = "") -> str:
    pairs = (f"{name} {_format_value(value, unit)}" for name, value in values.items())
    return ", ".join(pairs) or "-"


def _format_value(value: object, unit: str = "") -> str:
    return "-" if value is None else f"{value}{unit}"
