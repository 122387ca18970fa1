import json

import pytest
from django.core.management import call_command


def test_the_costs_of_rights_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    """A small run; never on the database in use."""
    call_command("bench_rights", "--rows=30", "--minutes=1", "--json")
    found = json.loads(capsys.readouterr().out)
    assert (found["audit_rows"], found["windows_each"], found["windows_left"]) == (30, 6, 0)
    assert found["audit_verify_seconds"] > 0
