from typing import Any

from django.core.management.base import CommandParser

from inference.command_line import add_examples, parse_positive_count, parse_positive_number
from tests.bench.benchmark_command import BenchmarkCommand


class Command(BenchmarkCommand):
    help = (
        "Time from a withdrawal of consent to the last decode, the closed socket and the erasure, "
        "while a class streams; in a temporary installation."
    )
    sends_faces = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--participants",
            type=parse_positive_count,
            default=30,
            help="learners who stream steadily",
        )
        parser.add_argument(
            "--changing",
            type=parse_positive_count,
            default=10,
            help="learners who withdraw repeatedly",
        )
        parser.add_argument(
            "--fps",
            type=parse_positive_number,
            default=2.0,
            help="frames per second of each learner",
        )
        parser.add_argument("--seconds", type=parse_positive_number, default=90.0)
        super().add_arguments(parser)
        add_examples(
            parser,
            "manage.py bench_withdrawal --participants 5 --changing 2 --seconds 20 --json",
            exit_1="a goal of the measurement is missed, or an error",
        )

    def measure(self, options: dict[str, Any]) -> dict[str, Any]:
        from tests.bench.withdrawal_bench import measure_withdrawal

        names = ("participants", "changing", "fps", "seconds", "faces")
        return measure_withdrawal(**{name: options[name] for name in names}, log=self.log)

    def format_text(self, result: dict[str, Any]) -> str:
        lines = [
            f"{result['participants']} learners stream steadily, {result['accepted_per_second']} "
            f"frames/s; {result['changing']} others withdrew {result['withdrawals']} times; "
            f"load average {result['load']}.",
            "In ms, decodes from the withdrawal, the rest from its request:",
        ]
        for name, label in (
            ("last_decode_ms", "last decode"),
            ("closed_ms", "socket closed"),
            ("erased_ms", "erased, with a receipt"),
        ):
            spread = ", ".join(f"{share} {value}" for share, value in result[name].items())
            lines.append(f"  {label}: {spread}")
        return "\n".join(
            [
                *lines,
                f"windows left afterwards: {result['windows_left']}",
                *result["problems"],
                f"In one line: {result['withdrawals']} withdrawals, last decode p99 "
                f"{result['last_decode_ms']['p99']} ms after, erased p99 "
                f"{result['erased_ms']['p99']} ms, {result['windows_left']} windows left, "
                f"{len(result['problems'])} problems.",
            ]
        )
