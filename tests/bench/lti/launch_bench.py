"""Server time of a valid LTI launch, from login to page.

A web process with an empty temporary database, and a fake LMS that signs the messages. The LMS's
own time is left out; its key set is fetched once, before the measurement.
"""

import http.client
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from fer_lms.lti.protocol.claims import CLAIM_PREFIX, LTI_VERSION, RESOURCE_LINK
from fer_lms.lti.protocol.roles import MEMBERSHIP
from tests.bench.lti.fake_lms import PLATFORM_PATHS, FakeLms, JsonHandler
from tests.bench.metrics import compute_percentiles
from tests.bench.temporary_stack import temporary_stack, wait_for_web

CLIENT_ID = "bench"
DEPLOYMENT_ID = "1"
KEY_ID = "bench-1"
CLASS_SIZE = 30


class LaunchTimes(NamedTuple):
    login_ms: float
    launch_ms: float
    page_ms: float


def measure_launches(launches: int) -> dict[str, Any]:
    """Return the keys of `bench_launch --json`. Thirty learners launch in turn, one at a time."""
    environment = {"FER_DEMO": "false", "FER_PUBLIC_URL": "http://127.0.0.1"}
    with LaunchingLms() as lms, temporary_stack(frame_processes=1, **environment) as stack:
        urls = [
            f"--{name.replace('_', '-')}={lms.url}{path}" for name, path in PLATFORM_PATHS.items()
        ]
        stack.run_command(
            *("lti_platform", "add", "--kind=other", "--name=bench", f"--issuer={lms.url}"),
            *(f"--client-id={CLIENT_ID}", f"--deployment-id={DEPLOYMENT_ID}", *urls, "--local"),
        )
        stack.start_web()
        wait_for_web(stack)
        browser = Browser(stack.port, lms)
        for number in range(CLASS_SIZE):
            browser.launch(f"learner-{number}")
        times = [browser.launch(f"learner-{number % CLASS_SIZE}") for number in range(launches)]
        stack.check_running()
    parts = {
        name: compute_percentiles([getattr(launch, name) for launch in times], 50, 95)
        for name in LaunchTimes._fields
    }
    total = compute_percentiles([sum(launch) for launch in times], 50, 95)
    return {"launches": launches, **parts, "all_ms": total}


class Browser:
    """Follows the redirects of a launch as a learner's browser would."""

    def __init__(self, port: int, lms: "LaunchingLms") -> None:
        self.address = f"127.0.0.1:{port}"
        self.lms = lms
        self.cookies: dict[str, str] = {}

    def launch(self, user_id: str) -> LaunchTimes:
        self.cookies.clear()
        target = f"http://{self.address}/lti/launch"
        login = {
            "iss": self.lms.url,
            "login_hint": user_id,
            "target_link_uri": target,
            "client_id": CLIENT_ID,
        }
        login_ms, auth_url = self._request("POST", "/lti/login", login)
        auth = {name: values[0] for name, values in parse_qs(urlsplit(auth_url).query).items()}
        token = self.lms.sign_id_token(user_id, auth["nonce"], target)
        response = {"state": auth["state"], "id_token": token}
        launch_ms, lesson = self._request("POST", "/lti/launch", response)
        page_ms, _ = self._request("GET", lesson)
        return LaunchTimes(login_ms, launch_ms, page_ms)

    def _request(
        self, method: str, path: str, form: Mapping[str, str] | None = None
    ) -> tuple[float, str]:
        """Return milliseconds and the location of the redirect."""
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


class LaunchingLms(FakeLms):
    """Serves a key set and signs launch messages with its key."""

    def __init__(self) -> None:
        super().__init__(_KeySetHandler)
        self.key = generate_private_key(public_exponent=65537, key_size=2048)

    def sign_id_token(self, user_id: str, nonce: str, target: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": user_id,
            "nonce": nonce,
            "iat": now,
            "exp": now + 60,
            "jti": secrets.token_hex(8),
            CLAIM_PREFIX + "version": LTI_VERSION,
            CLAIM_PREFIX + "message_type": RESOURCE_LINK,
            CLAIM_PREFIX + "deployment_id": DEPLOYMENT_ID,
            CLAIM_PREFIX + "target_link_uri": target,
            CLAIM_PREFIX + "roles": [f"{MEMBERSHIP}#Learner"],
            CLAIM_PREFIX + "context": {"id": "1", "title": "A course"},
            CLAIM_PREFIX + "resource_link": {"id": "1", "title": "A lesson"},
        }
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": KEY_ID})


class _KeySetHandler(JsonHandler):
    server: LaunchingLms

    def do_GET(self) -> None:  # noqa: N802 - called by http.server
        public = jwt.get_algorithm_by_name("RS256").to_jwk(self.server.key.public_key())
        self.send_json({"keys": [json.loads(public) | {"kid": KEY_ID}]})
