import resource
import time
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from django.core.management.base import CommandParser
from django.db import connection
from django.test.utils import override_settings

from inference.command_line import add_examples, parse_positive_count
from tests.bench.benchmark_command import BenchmarkCommand
from tests.bench.temporary_database import temporary_database


class Command(BenchmarkCommand):
    help = (
        "Cost of the live evaluation of rules for a class, database included, on a temporary "
        "database (Django's test database: SQLite's is in memory)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--participants", type=parse_positive_count, default=1000)
        parser.add_argument(
            "--windows",
            type=parse_positive_count,
            default=12,
            help="number of ten-second windows for each learner",
        )
        super().add_arguments(parser)
        add_examples(
            parser,
            "manage.py bench_rules --participants 100 --json",
            exit_1="a goal of the measurement is missed, or an error",
        )

    def measure(self, options: dict[str, Any]) -> dict[str, Any]:
        # Only under DEMO is the demonstration's policy, which permits inference, active.
        with temporary_database(), override_settings(DEMO=True):
            return _measure(options["participants"], options["windows"])

    def format_text(self, result: dict[str, Any]) -> str:
        return (
            "{participants} learners, {windows} windows, {database}: {cpu_ms_per_window} ms of CPU "
            "and {wall_ms_per_window} ms a window; one core is enough for {learners_on_one_core} "
            "learners ({hints} hints)"
        ).format(**result)


def _measure(participants: int, windows: int) -> dict[str, Any]:
    from fer_lms.engagement.models import ObservationWindow
    from fer_lms.rules.live_evaluation import evaluate_due
    from fer_lms.rules.models import Hint
    from tests.bench.simulated_session import create_simulated_session

    started_at = datetime(2026, 1, 1, 12, tzinfo=UTC)
    windows_by_number = create_simulated_session(
        participants=participants, windows=windows, started_at=started_at
    )
    cpu, wall = [], []
    for number, closed_windows in enumerate(windows_by_number):
        ObservationWindow.objects.bulk_create(closed_windows)
        cpu_before, wall_before = _measure_cpu_s(), time.perf_counter()
        evaluate_due(until=started_at + timedelta(seconds=10 * number + 15.5))
        cpu.append((_measure_cpu_s() - cpu_before) * 1000 / participants)
        wall.append((time.perf_counter() - wall_before) * 1000 / participants)
    return {
        "participants": participants,
        "windows": participants * windows,
        "database": connection.vendor,
        "cpu_ms_per_window": round(median(cpu), 3),
        "wall_ms_per_window": round(median(wall), 3),
        "learners_on_one_core": round(10_000 / median(cpu)),
        "hints": Hint.objects.count(),
    }


def _measure_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
