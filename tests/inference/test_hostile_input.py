"""Hostile frames and files; `python -m tests.bench.hostile` reads thousands of them."""

import json

import pytest

from tests.bench.hostile import watching
from tests.bench.hostile.watching import watch

pytestmark = pytest.mark.usefixtures("face_model")


@pytest.mark.parametrize(("kind", "count"), [("frames", 400), ("files", 200)])
def test_hostile_input_is_read_or_refused(kind: str, count: int) -> None:
    result = watch(kind, 10**6, count)
    assert result.is_good, result
    assert result.count == count
    assert len(result.outcomes) >= 4  # otherwise the input shows too little
    assert result.outcomes["ok" if kind == "frames" else "one"]


def test_deaths_hangs_and_errors_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "import json, os, sys, time\n"
        "for number in range(int(sys.argv[2]), int(sys.argv[3])):\n"
        "    print(json.dumps({'number': number}), flush=True)\n"
        "    if number == 1: os.abort()\n"
        "    if number == 3: time.sleep(60)\n"
        "    outcome = 'error: no' if number == 4 else 'ok'\n"
        "    cpu = 2 if number == 5 else 0\n"
        "    result = {'outcome': outcome, 'cpu_s': cpu, 'rss_mb': 10 * number}\n"
        "    print(json.dumps(result), flush=True)"
    )
    monkeypatch.setattr(watching, "HANG_S", 3)
    monkeypatch.setattr(watching, "READER", ["-c", code])
    result = watch("frames", 0, 8)
    assert (result.deaths, result.hangs, list(result.errors), result.slow) == ([1], [3], [4], [5])
    assert (result.count, result.growth_mb, result.is_good) == (6, 30, False)
    assert json.loads(json.dumps(result.as_dict()))["outcomes"] == {"ok": 5, "error": 1}
