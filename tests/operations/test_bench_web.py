import json

import pytest

from tests.operations.conftest import Manage


@pytest.mark.usefixtures("face_model", "front_end")
def test_every_frame_is_answered_by_the_fake_worker(manage: Manage) -> None:
    done = manage("bench_web", "--participants=3", "--seconds=3", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["received"] == result["processed"] == result["readings"] == 18
    assert result["cpu_ms_per_frame"]["web"] > 0
    assert result["problems"] == []
