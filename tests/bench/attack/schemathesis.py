"""Requests that schemathesis derives from the OpenAPI file, as each role."""

import subprocess
import sys

from tests.bench.attack.request_sender import TIMEOUT_S, Attack
from tests.bench.temporary_stack import build_web_address


def run_schemathesis(attack: Attack, program: str, max_examples: int) -> None:
    """Run schemathesis over the OpenAPI file as each role; a status 5xx or a time-out fails."""
    cookies = {role: person._cookies for role, person in attack.people.items()}
    anonymous: dict[str, str] = {}
    for role, jar in ({"anonymous": anonymous} | cookies).items():
        header = "; ".join(f"{name}={value}" for name, value in jar.items())
        done = subprocess.run(
            [
                *(program, "run", f"{build_web_address(attack.stack)}/api/schema/"),
                *("--header", f"Cookie: {header or 'none=none'}"),
                *("--header", f"X-CSRFToken: {jar.get('csrftoken', 'none')}"),
                *("--checks", "not_a_server_error", "--phases", "examples,fuzzing"),
                *("--max-examples", str(max_examples), "--request-timeout", str(TIMEOUT_S)),
                *("--seed", "1", "--continue-on-failure", "--no-color"),
            ],
            cwd=attack.stack.run_dir,  # its cache
            capture_output=True,
            text=True,
            check=False,
        )
        print(f"schemathesis as {role}: exit code {done.returncode}", file=sys.stderr)  # noqa: T201
        if done.returncode != 0:
            attack.result.failures.append(f"schemathesis as {role}: {done.stdout[-3000:]}")
        attack.check_alive(f"schemathesis as {role}")
