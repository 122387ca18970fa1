import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandParser

from inference.command_line import add_examples, parse_positive_count
from tests.bench.benchmark_command import BenchmarkCommand


class Command(BenchmarkCommand):
    help = (
        "Time to verify the audit log, to erase after withdrawals and to erase a person, on a "
        "temporary SQLite database."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--rows",
            type=parse_positive_count,
            default=100_000,
            help="number of rows of the audit log",
        )
        parser.add_argument(
            "--minutes",
            type=parse_positive_count,
            default=60,
            help="minutes of windows of each learner",
        )
        parser.add_argument(
            "--inside", action="store_true", help="internal: use the configured database"
        )
        super().add_arguments(parser)
        add_examples(
            parser,
            "manage.py bench_rights --rows 100000 --json",
            exit_1="a goal of the measurement is missed, or an error",
        )

    def measure(self, options: dict[str, Any]) -> dict[str, Any]:
        rows, minutes = options["rows"], options["minutes"]
        if not options["inside"]:
            return _run_on_temporary_database(rows, minutes)
        from tests.bench.rights_bench import measure_rights

        call_command("migrate", verbosity=0)
        return measure_rights(rows=rows, minutes=minutes)

    def format_text(self, result: dict[str, Any]) -> str:
        summary = (
            "In one line: audit log of {audit_rows} rows verified in {audit_verify_seconds} s "
            "({audit_verify_cpu_seconds} s of CPU), {withdrawals} withdrawals "
            "erased in {all_withdrawals_erased_seconds} s, a person in {person_erased_seconds} s."
        ).format(**result)
        return "\n".join([*(f"{name}: {value}" for name, value in result.items()), summary])


def _run_on_temporary_database(rows: int, minutes: int) -> dict[str, Any]:
    """Run this command in a process whose settings name a temporary database and folders."""
    with tempfile.TemporaryDirectory(prefix="fer-lms-rights-") as folder:
        environment = os.environ | {
            "FER_DEMO": "1",
            "FER_LOG_LEVEL": "CRITICAL",
            "FER_VAR_DIR": folder,
            "FER_RUN_DIR": folder,
            "DATABASE_URL": f"sqlite:///{folder}/rights.sqlite3",
        }
        manage = str(Path(settings.BASE_DIR) / "manage.py")
        arguments = ["--inside", "--json", f"--rows={rows}", f"--minutes={minutes}"]
        run = subprocess.run(
            [sys.executable, manage, "bench_rights", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
    result: dict[str, Any] = json.loads(run.stdout)
    return result
