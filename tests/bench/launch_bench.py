"""How long a valid launch takes on the server, from the login to the page: a web process of its
own with an empty database, and a made-up LMS on this machine that signs what it says.

The LMS's own time is left out; its key set is fetched once, before the clock starts.
"""

import http.client
import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from fer_lms.lti.protocol.claims import CLAIM_PREFIX, LTI_VERSION, RESOURCE_LINK
from fer_lms.lti.protocol.roles import MEMBERSHIP
from tests.bench.reconciliation import percentile
from tests.bench.temporary_stack import temporary_stack

CLIENT_ID = "bench"
DEPLOYMENT = "1"
KID = "bench-1"
CLASS_SIZE = 30
START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class LaunchFigures:
    """Milliseconds: each {"p50", "p95"}."""

    launches: int
    login_ms: dict[str, float | None]
    launch_ms: dict[str, float | None]
    page_ms: dict[str, float | None]
    all_ms: dict[str, float | None]


def bench_launch(launches: int) -> LaunchFigures:
    """A class of thirty enters again and again, one person after the other."""
    with (
        KeyServer() as lms,
        temporary_stack(
            frame_processes=1, FER_DEMO="false", FER_PUBLIC_URL="http://127.0.0.1"
        ) as stack,
    ):
        stack.run_command(
            "lti_platform",
            "add",
            "--kind=other",
            "--name=bench",
            f"--issuer={lms.url}",
            f"--client-id={CLIENT_ID}",
            f"--deployment-id={DEPLOYMENT}",
            f"--auth-login-url={lms.url}/auth",
            f"--auth-token-url={lms.url}/token",
            f"--key-set-url={lms.url}/keys",
            "--local",
        )
        stack.start_web()
        tool = Tool(stack.port, lms)
        tool.wait()
        for number in range(CLASS_SIZE):
            tool.enter(f"learner-{number}")
        rounds = [tool.enter(f"learner-{number % CLASS_SIZE}") for number in range(launches)]
        stack.check_running()
    login, launch, page = (_percentiles([one[part] for one in rounds]) for part in range(3))
    return LaunchFigures(launches, login, launch, page, _percentiles([sum(one) for one in rounds]))


def _percentiles(milliseconds: list[float]) -> dict[str, float | None]:
    return {f"p{share}": percentile(milliseconds, share / 100) for share in (50, 95)}


class Tool:
    """Our web process, seen by a browser that sends a person from the LMS."""

    def __init__(self, port: int, lms: "KeyServer") -> None:
        self.address = f"127.0.0.1:{port}"
        self.lms = lms
        self.cookies: dict[str, str] = {}

    def wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                self._ask("GET", "/healthz")
                return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError("the web process did not start")

    def enter(self, person: str) -> tuple[float, float, float]:
        """Milliseconds of login, launch and page."""
        self.cookies.clear()
        began = {
            "iss": self.lms.url,
            "login_hint": person,
            "target_link_uri": f"http://{self.address}/lti/launch",
            "client_id": CLIENT_ID,
        }
        login_ms, asked_at = self._ask("POST", "/lti/login", began)
        asked = {name: values[0] for name, values in parse_qs(urlsplit(asked_at).query).items()}
        token = self.lms.signed(person, asked["nonce"], began["target_link_uri"])
        sent = {"state": asked["state"], "id_token": token}
        launch_ms, lesson = self._ask("POST", "/lti/launch", sent)
        page_ms, _ = self._ask("GET", lesson)
        return login_ms, launch_ms, page_ms

    def _ask(self, method: str, path: str, form: Mapping[str, str] | None = None) -> Any:
        """(Milliseconds, where it sends us on)."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection(self.address, timeout=30)
        started = time.perf_counter()
        connection.request(method, path, urlencode(form) if form else None, headers)
        response = connection.getresponse()
        response.read()
        elapsed_ms = (time.perf_counter() - started) * 1000
        connection.close()
        if response.status not in (200, 302):
            raise RuntimeError(f"{path.split('?')[0]} answered {response.status}")
        for cookie in response.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return elapsed_ms, response.headers.get("Location", "")


class KeyServer(ThreadingHTTPServer):
    """The LMS: a key set over HTTP, and messages signed with its key."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Keys)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.key = generate_private_key(public_exponent=65537, key_size=2048)

    def __enter__(self) -> "KeyServer":
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.shutdown()
        self.server_close()

    def signed(self, person: str, nonce: str, target: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": person,
            "nonce": nonce,
            "iat": now,
            "exp": now + 60,
            "jti": secrets.token_hex(8),
            CLAIM_PREFIX + "version": LTI_VERSION,
            CLAIM_PREFIX + "message_type": RESOURCE_LINK,
            CLAIM_PREFIX + "deployment_id": DEPLOYMENT,
            CLAIM_PREFIX + "target_link_uri": target,
            CLAIM_PREFIX + "roles": [f"{MEMBERSHIP}#Learner"],
            CLAIM_PREFIX + "context": {"id": "1", "title": "A course"},
            CLAIM_PREFIX + "resource_link": {"id": "1", "title": "A lesson"},
        }
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": KID})


class _Keys(BaseHTTPRequestHandler):
    server: KeyServer

    def do_GET(self) -> None:
        public = jwt.get_algorithm_by_name("RS256").to_jwk(self.server.key.public_key())
        body = json.dumps({"keys": [json.loads(public) | {"kid": KID}]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Said nowhere: it would stand between the figures."""
