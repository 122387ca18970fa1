import json
import resource
import time
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection
from django.test.utils import override_settings


class Command(BaseCommand):
    help = (
        "What live evaluation of a class costs, database and all, on a database of its own that is "
        "deleted afterwards (Django's test database: SQLite's is in memory)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--participants", type=int, default=1000)
        parser.add_argument("--windows", type=int, default=12, help="of ten seconds, each")
        parser.add_argument("--json", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        kept = connection.settings_dict["NAME"]
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            # The demonstration's policy permits inference; it counts under this setting only.
            with override_settings(DEMO=True):
                result = _measure(options["participants"], options["windows"])
        finally:
            connection.creation.destroy_test_db(kept, verbosity=0)
        self.stdout.write(json.dumps(result, indent=1) if options["json"] else _as_text(result))


def _measure(participants: int, windows: int) -> dict[str, Any]:
    from fer_lms.engagement.models import ObservationWindow
    from fer_lms.rules.live_evaluation import evaluate_due
    from fer_lms.rules.models import Hint
    from tests.bench.rules_load import create_simulated_session

    began = datetime(2026, 1, 1, 12, tzinfo=UTC)
    made = create_simulated_session(participants=participants, windows=windows, started_at=began)
    cpu, wall = [], []
    for number in range(windows):
        ObservationWindow.objects.bulk_create(made[number])
        before, started = _cpu(), time.perf_counter()
        evaluate_due(until=began + timedelta(seconds=10 * number + 15.5))
        cpu.append((_cpu() - before) * 1000 / participants)
        wall.append((time.perf_counter() - started) * 1000 / participants)
    return {
        "participants": participants,
        "windows": participants * windows,
        "database": connection.vendor,
        "cpu_ms_per_window": round(median(cpu), 3),
        "wall_ms_per_window": round(median(wall), 3),
        "learners_on_one_core": round(10_000 / median(cpu)),
        "hints": Hint.objects.count(),
    }


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _as_text(result: dict[str, Any]) -> str:
    return (
        f"{result['participants']} learners, {result['windows']} windows, {result['database']}: "
        f"{result['cpu_ms_per_window']} ms of CPU and {result['wall_ms_per_window']} ms a window; "
        f"one core keeps up with {result['learners_on_one_core']} learners "
        f"({result['hints']} hints came)"
    )
