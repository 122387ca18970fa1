"""Benchmarks of rights and launches end in one line that can be quoted."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from tests.bench.management.commands import bench_launch, bench_rights, bench_roster
from tests.bench.management.commands.bench_withdrawal import Command as BenchWithdrawal

SPREAD = {"p50": 1.0, "p95": 2.0, "p99": 3.0, "max": 4.0}
RIGHTS = {
    "audit_rows": 100_000,
    "audit_verify_seconds": 1.7,
    "audit_verify_cpu_seconds": 1.6,
    "withdrawals": 30,
    "all_withdrawals_erased_seconds": 4.7,
    "person_erased_seconds": 0.1,
}
ROSTER = {
    **{"members": 5000, "pages": 50, "first_seconds": 8.1, "again_seconds": 2.2},
    **{"left": 100, "left_seconds": 3.3},
}
LAUNCH = {"launches": 200, **dict.fromkeys(("login_ms", "launch_ms", "page_ms", "all_ms"), SPREAD)}


@pytest.mark.parametrize(
    ("module", "result"),
    [(bench_launch, LAUNCH), (bench_roster, ROSTER), (bench_rights, RIGHTS)],
)
def test_output_ends_in_summary_line(
    monkeypatch: pytest.MonkeyPatch, module: Any, result: dict[str, Any]
) -> None:
    monkeypatch.setattr(module.Command, "measure", lambda *_: result)
    output = StringIO()
    call_command(module.__name__.rpartition(".")[2], stdout=output)
    assert output.getvalue().splitlines()[-1].startswith("In one line: ")


def test_withdrawals_end_in_summary_line_after_problems() -> None:
    result = {
        **dict.fromkeys(("participants", "accepted_per_second", "changing", "load"), 1),
        **dict.fromkeys(("last_decode_ms", "closed_ms", "erased_ms"), SPREAD),
        **{"withdrawals": 9, "windows_left": 0, "problems": ["a socket stayed open"]},
    }
    *_, problem, line = BenchWithdrawal().format_text(result).splitlines()
    assert problem == "a socket stayed open"
    assert line == (
        "In one line: 9 withdrawals, last decode p99 3.0 ms after, erased p99 3.0 ms, "
        "0 windows left, 1 problems."
    )
