import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from tests.bench.rights_bench import measure_rights


class Command(BaseCommand):
    help = (
        "How long it takes to verify the audit log, and to carry out a withdrawal and an erasure. "
        "On a temporary SQLite database; never on yours."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rows", type=int, default=100_000, help="of the audit log")
        parser.add_argument("--minutes", type=int, default=60, help="of windows of each learner")
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--inside", action="store_true", help="used by the command itself")

    def handle(
        self, *_args: Any, rows: int, minutes: int, json: bool, inside: bool, **_options: Any
    ) -> None:
        if inside:
            call_command("migrate", verbosity=0)
            self.stdout.write(_as_json(measure_rights(rows=rows, minutes=minutes)))
            return
        found = _on_a_temporary_database(rows, minutes)
        if json:
            self.stdout.write(_as_json(found))
            return
        for name, value in found.items():
            self.stdout.write(f"{name}: {value}")
        self.stdout.write(
            f"In one line: audit log of {rows} rows verified in {found['audit_verify_seconds']} s "
            f"({found['audit_verify_cpu_seconds']} s of CPU), {found['withdrawals']} withdrawals "
            f"erased in {found['all_withdrawals_erased_seconds']} s, a person in "
            f"{found['person_erased_seconds']} s."
        )


def _as_json(found: dict[str, float]) -> str:
    return json.dumps(found)


def _on_a_temporary_database(rows: int, minutes: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="fer-lms-rights-") as folder:
        environment = os.environ | {
            "FER_DEMO": "1",
            "FER_LOG_LEVEL": "CRITICAL",
            "FER_VAR_DIR": folder,
            "FER_RUN_DIR": folder,
            "DATABASE_URL": f"sqlite:///{folder}/rights.sqlite3",
        }
        arguments = ["--inside", f"--rows={rows}", f"--minutes={minutes}"]
        manage = Path(settings.BASE_DIR) / "manage.py"
        run = subprocess.run(
            [sys.executable, str(manage), "bench_rights", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
    found: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    return found
