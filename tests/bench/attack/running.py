"""Run parts of the attack against one web process."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fer_lms.stack import Stack
from tests.bench.attack.crowds import send_crowds
from tests.bench.attack.hostile_requests import send_json, send_odd_requests
from tests.bench.attack.messages import send_messages
from tests.bench.attack.operations import send_operations
from tests.bench.attack.pages import attack_pages
from tests.bench.attack.request_sender import Attack, Progress
from tests.bench.attack.result import Result
from tests.bench.attack.schemathesis import run_schemathesis
from tests.bench.attack.sockets import commit_offences
from tests.bench.attack.uploads import send_uploads

ROLES = ("student", "teacher", "administrator")


@dataclass(frozen=True)
class Sizes:
    """How much each part sends.

    Attributes:
        requests: Number of JSON bodies that no browser sends.
        uploads: Number of lesson files.
        crowd: Number of connections at a time.
        offences: Number of sockets that flood.
        sockets: Number of sockets with random texts.
        share: Part of the hostile values for every field of the OpenAPI file.
        pages: Number of pages whose forms are submitted, as each role.
        examples: Number of requests of schemathesis for each operation, as each role.
    """

    requests: int = 432
    uploads: int = 100
    crowd: int = 150
    offences: int = 100
    sockets: int = 100
    share: float = 1.0
    pages: int = 150
    examples: int = 10


def build_parts(
    sizes: Sizes, schemathesis: Path | None = None
) -> dict[str, Callable[[Attack], None]]:
    """Return the parts by name; that of schemathesis needs its program."""
    parts: dict[str, Callable[[Attack], None]] = {
        "requests": lambda attack: send_json(attack, sizes.requests),
        "uploads": lambda attack: send_uploads(attack, sizes.uploads),
        "crowds": lambda attack: send_crowds(attack, sizes.crowd),
        "floods": lambda attack: commit_offences(attack, sizes.offences),
        "messages": lambda attack: send_messages(attack, sizes.sockets),
        "operations": lambda attack: send_operations(attack, ROLES, sizes.share),
        "pages": lambda attack: attack_pages(attack, ROLES, sizes.pages),
    }
    if schemathesis is not None:
        parts["schemathesis"] = lambda attack: run_schemathesis(
            attack, schemathesis, sizes.examples
        )
    return parts


def run_attack(
    stack: Stack,
    parts: dict[str, Callable[[Attack], None]],
    *,
    seed: int = 1,
    progress: Progress = lambda line: None,
) -> Result:
    """Attack a running web process."""
    attack = Attack(stack, seed, progress)
    attack.enter()
    send_odd_requests(attack)  # caches fill and modules load before the memory is measured
    started_mb = attack.get_memory_mb()
    for name, run in parts.items():
        _run_part(attack, name, run)
    attack.result.growth_mb = round(attack.get_memory_mb() - started_mb, 1)
    return attack.result


def _run_part(attack: Attack, name: str, run: Callable[[Attack], None]) -> None:
    result, started, before_mb = attack.result, time.monotonic(), attack.get_memory_mb()
    requests, failures = result.requests, len(result.failures)
    try:
        run(attack)
    except RuntimeError:
        return  # a death, which is recorded
    finally:
        attack.check_log(name)
        result.parts[name] = {
            "requests": result.requests - requests,
            "seconds": round(time.monotonic() - started),
            "growth_mb": round(attack.get_memory_mb() - before_mb, 1),
            "failures": len(result.failures) - failures,
        }
        attack.progress(f"{name}: {result.parts[name]}")
