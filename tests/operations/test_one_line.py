"""Each benchmark of rights and launches ends in one line that can be quoted."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from tests.bench.launch_bench import LaunchFigures
from tests.bench.roster_bench import RosterFigures
from tests.bench.withdrawal_bench import as_text

SPREAD = {"p50": 1.0, "p95": 2.0, "p99": 3.0, "max": 4.0}
QUICK: dict[str, float | None] = {"p50": 1.0, "p95": 2.0}
RIGHTS = {
    "audit_verify_seconds": 1.7,
    "audit_verify_cpu_seconds": 1.6,
    "withdrawals": 30,
    "all_withdrawals_erased_seconds": 4.7,
    "person_erased_seconds": 0.1,
}
MEASURED: dict[str, tuple[str, Any]] = {
    "bench_launch": (
        "bench_launch",
        LaunchFigures(200, QUICK, QUICK, QUICK, QUICK),
    ),
    "bench_roster": ("bench_roster", RosterFigures(5000, 50, 8.1, 2.2, 2500, 3.3)),
    "bench_rights": ("_on_a_temporary_database", RIGHTS),
}


@pytest.mark.parametrize("command", MEASURED)
def test_a_command_ends_in_one_line(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    name, measured = MEASURED[command]
    module = f"tests.bench.management.commands.{command}"
    monkeypatch.setattr(f"{module}.{name}", lambda *_: measured)
    output = StringIO()
    call_command(command, stdout=output)
    assert output.getvalue().splitlines()[-1].startswith("In one line: ")


def test_withdrawals_end_in_one_line_after_the_problems() -> None:
    result = {
        **dict.fromkeys(("participants", "accepted_per_second", "changing", "load"), 1),
        **dict.fromkeys(("last_decode_ms", "closed_ms", "erased_ms"), SPREAD),
        **{"withdrawals": 9, "windows_left": 0, "problems": ["a socket stayed open"]},
    }
    *_, problem, line = as_text(result).splitlines()
    assert problem == "a socket stayed open"
    assert line == (
        "In one line: 9 withdrawals, last decode p99 3.0 ms after, erased p99 3.0 ms, "
        "0 windows left, 1 problems."
    )
