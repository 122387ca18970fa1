import json

import pytest

from tests.operations.conftest import Manage


@pytest.mark.usefixtures("face_model", "front_end")
def test_fake_worker_answers_every_frame(manage: Manage) -> None:
    completed = manage("bench_web", "--participants=3", "--seconds=3", "--json")
    assert completed.returncode == 0, completed.stderr
    result = json.loads(completed.stdout)
    assert result["received"] == result["processed"] == result["readings"] == 18
    assert result["cpu_ms_per_frame"]["web"] > 0
    assert result["problems"] == []
