import json

import pytest
from django.core.management import call_command


def test_small_run_on_temporary_database(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("bench_rights", "--rows=30", "--minutes=1", "--json")
    result = json.loads(capsys.readouterr().out)
    assert (result["audit_rows"], result["windows_each"], result["windows_left"]) == (30, 6, 0)
    assert result["audit_verify_seconds"] > 0
