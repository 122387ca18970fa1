import resource
import time
from typing import Any

from django.core.management.base import CommandParser

from inference.command_line import (
    add_examples,
    parse_count,
    parse_positive_count,
    parse_positive_number,
)
from tests.bench.benchmark_command import BenchmarkCommand


class Command(BenchmarkCommand):
    help = (
        "The adversary against the figures of reports: advantage of each attack over a guess "
        "without the target's data, and what reports still show (docs/disclosure.md). Sessions "
        "are simulated on a temporary database."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=parse_count, default=0)
        parser.add_argument(
            "--scale",
            type=parse_positive_number,
            default=1.0,
            help="number of classes, relative to the published",
        )
        parser.add_argument("--attack", default="", help="only attacks whose name contains this")
        parser.add_argument(
            "--rest-sessions",
            type=parse_count,
            default=30,
            help="sessions of each attack that are also played through the write path and REST",
        )
        parser.add_argument(
            "--workers",
            type=parse_positive_count,
            default=2,
            help="processes that play the attacks",
        )
        parser.add_argument(
            "--store",
            action="store_true",
            help="store what the arrival of hints tells, which the form of a policy prints",
        )
        super().add_arguments(parser)
        add_examples(
            parser,
            "manage.py measure_disclosure --scale 0.02 --seed 1 --json",
            exit_1="a goal of the measurement is missed, or an error",
        )

    def measure(self, options: dict[str, Any]) -> dict[str, Any]:
        from tests.bench.disclosure import agreement, measuring

        seed, scale, names = options["seed"], options["scale"], options["attack"]
        started = time.monotonic()
        attacks = measuring.measure_attacks(
            seed, scale, names, self.log, workers=options["workers"]
        )
        utility = [] if names else measuring.measure_class_utility(seed, scale, self.log)
        attacks += measuring.measure_rule_attacks(
            seed, scale, names, self.log, workers=options["workers"]
        )
        agreed = agreement.measure_agreement(
            seed, options["rest_sessions"], names, self.log, workers=options["workers"]
        )
        if options["store"]:
            measuring.store_hint_arrival_rows(attacks)
        return {
            "attacks": attacks,
            "utility": utility,
            "agreement": agreed,
            "misses": measuring.list_failures(attacks),
            "seconds": round(time.monotonic() - started),
            "cpu_seconds": round(_compute_cpu_seconds()),
        }

    def format_text(self, result: dict[str, Any]) -> str:
        from tests.bench.disclosure.measuring import format_attack

        lines = [
            *(format_attack(row) for row in result["attacks"]),
            *(str(row) for row in result["utility"]),
            *(f"{row['name']}: {row['same']} of {row['sessions']}" for row in result["agreement"]),
            f"{len(result['misses'])} attacks miss the goals",
            *result["misses"],
            f"{result['seconds']} s, of which {result['cpu_seconds']} s of CPU",
        ]
        return "\n".join(lines)


def _compute_cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)
