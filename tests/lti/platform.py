"""A test LMS: an HTTP server with keys of its own that signs LTI 1.3 messages.

Routes:
    /keys.json      the key set
    /course         a course page with the tool in a frame (`?allow=camera`, `?storage=1`)
    /open           posts the login initiation to the tool, as Moodle does
    /auth           the OIDC authentication request: answers with a form that posts the token
Further services (rosters, deep linking, registration) register themselves in `routes`.
"""

import base64
import functools
import html
import json
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
CLIENT_ID = "tool-1"
DEPLOYMENT = "7"
Claims = dict[str, Any]
REMOVED = object()
"""Value of a claim that is to be omitted."""


@functools.cache
def rsa_key(name: str, bits: int = 2048) -> RSAPrivateKey:
    """Return the key of this name; cached, as generating one takes 0.1 s."""
    return generate_private_key(public_exponent=65537, key_size=bits)


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def build_jwk(key: RSAPrivateKey, kid: str) -> dict[str, Any]:
    numbers = key.public_key().public_numbers()
    n, e = (
        base64url(number.to_bytes((number.bit_length() + 7) // 8))
        for number in (numbers.n, numbers.e)
    )
    return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": n, "e": e}


class Request:
    """A request to the platform, for route handlers."""

    def __init__(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> None:
        parts = urlsplit(target)
        self.method, self.path, self.headers, self.body = method, parts.path, headers, body
        self.query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        form = parse_qs(body.decode("utf-8", "replace"))
        self.form = {name: values[0] for name, values in form.items()}
        self.sent = self.query | self.form


class Response:
    def __init__(
        self,
        body: str | bytes = "",
        kind: str | None = "text/html",
        status: int = 200,
        **headers: str,
    ) -> None:
        self.body = body.encode() if isinstance(body, str) else body
        self.kind, self.status, self.headers = kind, status, headers


def json_response(value: object, kind: str = "application/json", status: int = 200) -> Response:
    return Response(json.dumps(value), kind, status)


class LmsPlatform:
    """A test LMS. `url` is its public address; the server listens on 127.0.0.1."""

    def __init__(self, *, host: str = "127.0.0.1", name: str = "lms") -> None:
        self.name = name
        self.tool = ""
        self.renew()
        self.routes: dict[str, Callable[[Request], Response]] = {
            "/keys.json": lambda _request: json_response(self.key_set()),
            "/course": self._course_page,
            "/open": self._open,
            "/auth": self._auth,
        }
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _build_handler(self))
        self.url = f"http://{host}:{self.server.server_address[1]}"
        self._thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def renew(self) -> None:
        """Reset keys, messages and logs."""
        self.kid = f"{self.name}-1"
        self.keys: dict[str, RSAPrivateKey] = {self.kid: rsa_key(self.name)}
        self.requested_paths: list[str] = []
        self.message: Callable[[], Claims] = self.resource_link
        self.messages_posted: list[dict[str, str]] = []

    def __enter__(self) -> "LmsPlatform":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    # --- Keys ---------------------------------------------------------------------------------
    def rotate(self, *, keep_old: bool = False) -> str:
        """Sign with a new key from now on; return its id."""
        kid = f"{self.name}-{len(self.keys) + 1}"
        kept = self.keys if keep_old else {}
        self.keys = kept | {kid: rsa_key(f"{self.name}-{kid}")}
        self.kid = kid
        return kid

    def key_set(self) -> dict[str, Any]:
        return {"keys": [build_jwk(key, kid) for kid, key in self.keys.items()]}

    def sign(self, claims: Claims, *, key: RSAPrivateKey | None = None, **header: Any) -> str:
        """Sign a token; `kid=None` omits the id, other names are further headers."""
        headers = {"alg": "RS256", "typ": "JWT", "kid": self.kid} | header
        headers = {name: value for name, value in headers.items() if value is not None}
        return sign_raw(headers, claims, key or self.keys[self.kid])

    # --- Messages -----------------------------------------------------------------------------
    def resource_link(self, **changes: Any) -> Claims:
        """Build a student's resource link launch; changes may omit the LTI claim prefix."""
        now = int(time.time())
        claims: Claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": "student-1",
            "iat": now,
            "exp": now + 60,
            "given_name": "Ada",
            "family_name": "Example",
            LTI + "version": "1.3.0",
            LTI + "message_type": "LtiResourceLinkRequest",
            LTI + "deployment_id": DEPLOYMENT,
            LTI + "target_link_uri": f"{self.tool}/lti/launch",
            LTI + "roles": [MEMBERSHIP + "Learner"],
            LTI + "context": {"id": "3", "title": "Mathematics 5b"},
            LTI + "resource_link": {"id": "11", "title": "Adding fractions"},
        }
        return changed(claims, changes)

    def teacher_link(self, **changes: Any) -> Claims:
        roles = [MEMBERSHIP + "Instructor"]
        names = {"sub": "teacher-1", "given_name": "Tom", "roles": roles}
        return self.resource_link(**(names | changes))

    # --- Pages --------------------------------------------------------------------------------
    def course_url(self, **options: str) -> str:
        return f"{self.url}/course?{urlencode(options)}"

    def _course_page(self, request: Request) -> Response:
        allow = html.escape(request.query.get("allow", ""))
        storage = request.query.get("storage", "")
        opened = urlencode({"storage": storage})
        script = f"<script>{STORAGE}</script>" if storage else ""
        frame = f'<iframe name="tool" allow="{allow}" src="/open?{opened}"></iframe>'
        return Response(f"<!doctype html><title>Course</title>{STYLE}{script}{frame}")

    def initiation(self, **changes: str) -> dict[str, str]:
        return {
            "iss": self.url,
            "login_hint": "hint-1",
            "target_link_uri": f"{self.tool}/lti/launch",
            "client_id": CLIENT_ID,
            "lti_message_hint": "message-1",
        } | changes

    def _open(self, request: Request) -> Response:
        sent = self.initiation()
        if request.query.get("storage"):
            sent["lti_storage_target"] = "_parent"
        return Response(_posting_form(f"{self.tool}/lti/login", sent))

    def _auth(self, request: Request) -> Response:
        """Answer an authentication request; accept only the registered redirect URI."""
        parameters = request.sent
        expected = {"scope": "openid", "response_type": "id_token", "client_id": CLIENT_ID}
        expected |= {"response_mode": "form_post", "redirect_uri": f"{self.tool}/lti/launch"}
        wrong = [name for name, value in expected.items() if parameters.get(name) != value]
        if wrong or parameters.get("login_hint") != "hint-1":
            return Response(f"wrong: {wrong}", status=400)
        token = self.sign(self.message() | {"nonce": parameters["nonce"]})
        sent = {"state": parameters["state"], "id_token": token}
        self.messages_posted.append(sent)
        return Response(_posting_form(parameters["redirect_uri"], sent))


def changed(claims: Claims, changes: Mapping[str, Any]) -> Claims:
    known = {name.removeprefix(LTI): name for name in claims if name.startswith(LTI)}
    claims = claims | {known.get(name, name): value for name, value in changes.items()}
    return {name: value for name, value in claims.items() if value is not REMOVED}


def sign_raw(header: Claims, claims: Claims | bytes, key: RSAPrivateKey) -> str:
    """Sign exactly these parts, even if a library would refuse to."""
    body = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    signed = f"{base64url(json.dumps(header).encode())}.{base64url(body)}"
    signature = jwt.get_algorithm_by_name("RS256").sign(signed.encode(), key)
    return f"{signed}.{base64url(signature)}"


def _posting_form(url: str, fields: Mapping[str, str]) -> str:
    inputs = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in fields.items()
    )
    return (
        f'<!doctype html><title>LMS</title><form method="post" action="{html.escape(url)}">'
        f"{inputs}</form><script>document.forms[0].submit()</script>"
    )


def _build_handler(platform: LmsPlatform) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Request(self.command, self.path, dict(self.headers), body)
            platform.requested_paths.append(request.path)
            route = platform.routes.get(request.path)
            response = route(request) if route else Response("none", status=404)
            self.send_response(response.status)
            if response.kind is not None:
                self.send_header("Content-Type", response.kind)
            self.send_header("Content-Length", str(len(response.body)))
            for name, value in response.headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(response.body)

        do_POST = do_GET  # noqa: N815 - the name is the base class's

        def log_message(self, *_args: object) -> None:
            pass

    return Handler


STYLE = "<style>body{margin:0}iframe{width:100vw;height:100vh;border:0}</style>"
STORAGE = """
const kept = new Map();
addEventListener("message", ({ data, source, origin }) => {
  const { message_id, key } = data;
  const answer = { subject: data.subject + ".response", message_id, key };
  if (data.subject === "lti.put_data") kept.set(origin + data.key, data.value);
  if (data.subject === "lti.get_data") answer.value = kept.get(origin + data.key);
  source.postMessage(answer, origin);
});
"""
