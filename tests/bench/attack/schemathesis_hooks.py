"""Hooks that schemathesis imports: ids of what exists, and one line of JSON for each request.

They run in the environment of schemathesis, without the packages of the project.
"""

import json
import os
import random
from pathlib import Path
from typing import Any

import schemathesis  # type: ignore[import-not-found]

KNOWN_IDS = {"session_id": os.environ["ATTACK_SESSION"]}
DESTRUCTIVE = ("/end", "/leave", "/platform/erase")
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_random = random.Random(1)
RECORD = Path(os.environ["ATTACK_RECORD"])
_started = 0.0


def read_cpu_s() -> float:
    """Return the CPU time of the web process and its ended children, user and system."""
    stat = Path(f"/proc/{os.environ['ATTACK_WEB_PID']}/stat").read_text()
    return sum(int(ticks) for ticks in stat.rsplit(")", 1)[1].split()[11:15]) / TICKS_PER_S


@schemathesis.hook  # type: ignore[untyped-decorator]
def map_path_parameters(context: Any, path_parameters: dict[str, Any]) -> dict[str, Any]:
    """Replace most random ids by those of what exists: nothing lies behind a 404."""
    if not path_parameters or context.operation.path.endswith(DESTRUCTIVE):
        return path_parameters
    return {
        name: KNOWN_IDS.get(name, _random.choice((1, 2))) if _random.random() < 0.8 else value
        for name, value in path_parameters.items()
    }


@schemathesis.hook  # type: ignore[untyped-decorator]
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    global _started
    _started = read_cpu_s()


@schemathesis.hook  # type: ignore[untyped-decorator]
def after_call(context: Any, case: Any, response: Any) -> None:
    entry = {
        "operation": case.operation.label,
        "status": response.status_code,
        "cpu_s": round(read_cpu_s() - _started, 3),
    }
    with RECORD.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")
