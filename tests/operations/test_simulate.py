"""`simulate` with a small class in a temporary installation."""

import json

import pytest

from tests.operations.conftest import Manage

KEYS = {
    *("participants", "fps", "seconds", "received", "accepted", "refused", "processed", "lost"),
    *("in_flight", "identity_ok", "windows_expected", "windows_found", "windows_wrong"),
    *("reading_ms", "window_ms", "processed_per_second", "fairness"),
    *("cpu_ms_per_frame", "rss_mb"),
}


@pytest.mark.usefixtures("face_model", "front_end")
def test_counts_of_small_class_balance(manage: Manage) -> None:
    completed = manage("simulate", "--participants=2", "--fps=2", "--minutes=0.2", "--json")
    assert completed.returncode == 0, completed.stderr + completed.stdout
    result = json.loads(completed.stdout)
    assert result.keys() >= KEYS
    assert result["received"] == result["sent"] == 48
    assert result["accepted"] == result["processed"] + sum(result["lost"].values())
    assert (result["in_flight"], result["identity_ok"]) == (0, True)
    assert result["windows_found"] == result["windows_expected"] >= 4
    assert (result["windows_wrong"], result["problems"]) == (0, [])
    assert set(result["reading_ms"]) == {"p50", "p95", "p99"}
    assert set(result["window_ms"]) == {"p50", "p99"}
    for metrics in (result["cpu_ms_per_frame"], result["rss_mb"]):
        assert all(metrics[role] > 0 for role in ("web", "worker", "redis"))


def test_url_without_demonstration_is_refused(manage: Manage) -> None:
    completed = manage("simulate", "--participants=1", "--url=http://127.0.0.1:1")
    assert completed.returncode == 1
    assert "/demo/" in completed.stderr
    assert "Traceback" not in completed.stderr


def test_url_without_scheme_is_refused(manage: Manage) -> None:
    completed = manage("simulate", "--participants=1", "--url=localhost:8457")
    assert completed.returncode == 1
    assert "begins with http://" in completed.stderr


def test_zero_participants_are_refused(manage: Manage) -> None:
    assert manage("simulate", "--participants=0").returncode == 2
