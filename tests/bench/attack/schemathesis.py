"""Requests that schemathesis derives from the OpenAPI file, as each role."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.bench.attack.request_sender import TIMEOUT_S, Attack
from tests.bench.temporary_stack import build_web_address

HOOKS = "tests.bench.attack.schemathesis_hooks"
ROOT = Path(__file__).resolve().parents[3]


def run_schemathesis(attack: Attack, program: Path, max_examples: int) -> None:
    """Run schemathesis over the OpenAPI file as each role; a status 5xx or a time-out fails.

    Each operation gets requests as each role; their CPU time is measured by the hooks.
    """
    document = json.loads(attack.fetch("teacher", "/api/schema/?format=json"))
    operations = {
        f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item
    }
    cookies = {role: person._cookies for role, person in attack.people.items()}
    anonymous: dict[str, str] = {}
    for role, jar in ({"anonymous": anonymous} | cookies).items():
        record = attack.stack.run_dir / f"schemathesis-{role}"
        done = _run(attack, program, max_examples, jar, record)
        attack.progress(f"schemathesis as {role}: exit code {done.returncode}")
        if done.returncode != 0:
            attack.result.failures.append(f"schemathesis as {role}: {done.stdout[-3000:]}")
        requested = _add_requests(attack, role, record)
        if missing := operations - requested:
            attack.result.failures.append(f"schemathesis as {role}: no {sorted(missing)}")
        attack.check_alive(f"schemathesis as {role}")


def _run(
    attack: Attack, program: Path, max_examples: int, jar: dict[str, str], record: Path
) -> "subprocess.CompletedProcess[str]":
    header = "; ".join(f"{name}={value}" for name, value in jar.items())
    return subprocess.run(
        [
            *(str(program), "run", f"{build_web_address(attack.stack)}/api/schema/"),
            *("--header", f"Cookie: {header or 'none=none'}"),
            *("--header", f"X-CSRFToken: {jar.get('csrftoken', 'none')}"),
            *("--checks", "not_a_server_error", "--phases", "examples,fuzzing"),
            *("--max-examples", str(max_examples), "--request-timeout", str(TIMEOUT_S)),
            *("--seed", "1", "--continue-on-failure", "--no-shrink", "--no-color"),
        ],
        cwd=attack.stack.run_dir,  # its cache
        env=os.environ
        | {
            "PYTHONPATH": str(ROOT),
            "SCHEMATHESIS_HOOKS": HOOKS,
            "ATTACK_RECORD": str(record),
            "ATTACK_WEB_PID": str(attack.web.pid),
            "ATTACK_SESSION": attack.people["student"].session_id,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def _add_requests(attack: Attack, role: str, record: Path) -> set[str]:
    """Add what the hooks recorded; return the operations."""
    if not record.exists():
        print(f"schemathesis as {role} sent no request", file=sys.stderr)  # noqa: T201
        return set()
    requested = set()
    for line in record.read_text().splitlines():
        entry = json.loads(line)
        requested.add(entry["operation"])
        attack.result.add_request(
            f"schemathesis as {role}: {entry['operation']}", entry["status"], entry["cpu_s"]
        )
    return requested
