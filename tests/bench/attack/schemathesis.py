"""Requests that schemathesis derives from the OpenAPI file, as each role."""

import subprocess
import sys

from tests.bench.attack.request_sender import TIMEOUT_S, Attack
from tests.bench.temporary_stack import build_web_address

CREATE_SESSION = """
from pathlib import Path
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from fer_lms.people.models import User
user = User.objects.create_superuser("attacker", demo=True)
store = SessionStore()
store[SESSION_KEY], store[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
store.save()
Path({path!r}).write_text(store.session_key)
"""


def run_schemathesis(attack: Attack, program: str, max_examples: int) -> None:
    """Run schemathesis over the OpenAPI file as each role; a status 5xx or a time-out fails."""
    cookies = {role: person._cookies for role, person in attack.people.items()}
    path = attack.stack.run_dir / "administrator"
    attack.stack.run_command("shell", "-c", CREATE_SESSION.format(path=str(path)))
    cookies["administrator"] = cookies["teacher"] | {"sessionid": path.read_text()}
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
            capture_output=True,
            text=True,
            check=False,
        )
        print(f"schemathesis as {role}: exit code {done.returncode}", file=sys.stderr)  # noqa: T201
        if done.returncode != 0:
            attack.result.failures.append(f"schemathesis as {role}: {done.stdout[-3000:]}")
        attack.check_alive(f"schemathesis as {role}")
