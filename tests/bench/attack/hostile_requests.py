"""JSON bodies, paths and headers that no browser sends."""

from tests.bench.attack.request_sender import Attack
from tests.bench.load.demo_client import DemoClient

JSON_BODIES: list[bytes] = [
    b"",
    b"[" * 2000,
    b'{"a":' * 2000,
    b"[" * 200_000,
    b'{"thresholds": [' + b"{}," * 300_000 + b"{}]}",
    b'{"events": [' + b'{"kind":"x"},' * 4_000 + b"{}]}",
    b'{"steps": [' + b"1," * 9_000 + b"1]}",
    b'{"thresholds": [{"evidence": "confusion", "shift": 1e999}]}',
    b'{"thresholds": [{"evidence": "confusion", "shift": "nan"}]}',
    b'{"events": [{"kind": "self_report", "value": "\\ud800"}]}',
    b'{"events": [{"kind": "\\u0000"}]}',
    b'{"step_id": 99999999999999999999999}',
    b'{"step_id": "9999999999999999999999999"}',
    b'{"step_id": -1, "answer": "' + b"9" * 100_000 + b'"}',
    b'{"markdown": "' + b"<" * 20_000 + b'"}',
    b'{"markdown": "' + b"<a " * 6_000 + b'"}',
    b'{"markdown": "' + b"|" * 9_000 + b"\\n|" + b"-|" * 4_000 + b"\\n" + b"|\\n" * 1_000 + b'"}',
    b'{"markdown": "' + b"- " * 9_000 + b'"}',
    b'{"markdown": "' + b"[" * 20_000 + b'"}',
    b'{"markdown": "' + b"*a_ " * 5_000 + b'"}',
    b"\xff\xfe\x00",
    b'"' + b"a" * 900_000 + b'"',
    b"x" * 1_200_000,
    b"null",
    b"[]",
    b"1",
    b'"text"',
]


def list_json_routes(student: DemoClient) -> list[tuple[str, str]]:
    session = f"/api/v1/sessions/{student.session_id}"
    return [
        ("PUT", "/api/v1/me/thresholds"),
        ("PATCH", "/api/v1/me/profile"),
        ("POST", f"{session}/events"),
        ("POST", f"{session}/answers"),
        ("POST", f"{session}/hints"),
        ("POST", f"{session}/consent"),
        ("PATCH", f"{session}/consent"),
        ("POST", f"{session}/capture-ticket"),
        ("POST", "/api/v1/markdown"),
        ("POST", "/api/v1/lessons/1/steps/"),
        ("PUT", "/api/v1/lessons/1/steps/"),
        ("PUT", "/api/v1/steps/1/"),
        ("POST", "/api/v1/lessons/1/rules/"),
        ("POST", "/api/v1/lessons/1/rules/preview"),
        ("POST", "/api/v1/lessons/1/groups/"),
        ("POST", "/api/v1/platform/export"),
    ]


def send_json(attack: Attack, count: int) -> None:
    """Every body once to a route that takes it, then random pairs."""
    routes = list_json_routes(attack.people["student"])
    pairs = [(route, body) for route in routes for body in JSON_BODIES]
    attack.random.shuffle(pairs)
    for (method, path), body in pairs[:count]:
        attack.send(attack.random.choice(["student", "teacher", "anonymous"]), method, path, body)


PATHS = [
    "/%00",
    "/?a=%00",
    "/lti/window/%00",
    "/guardian/%00/",
    "/api/none",
    "/api/v1/lessons/99999999999999999999999/",
    "/api/v1/steps/99999999999999999999999/picture",
    "/" + "a" * 8_000,
    "/retention/",
    "/api/schema/?lang=%FF",
    "/jsi18n/?language=%00",
    "/admin/login/?next=//evil.example",
    "/static/%00",
    "/static/../settings.py",
    "/lti/login?iss=" + "a" * 5_000,
    "/readyz",
    "/metrics",
]
HEADERS: list[dict[str, str]] = [
    {"Cookie": "sessionid=a\0b"},
    {"Cookie": 'sessionid="\\000"'},
    {"Content-Type": "application/json; charset=idna"},
    {"Content-Type": "application/x-www-form-urlencoded; charset=base64"},
    {"Content-Type": "multipart/form-data; boundary=" + "x" * 300},
    {"Content-Type": "multipart/form-data"},
    {"Host": "elsewhere.example"},
    {"Accept": "image/*;q=" + "9" * 1000},
    {"Accept-Language": "a-" * 3000},
    {"If-Modified-Since": "x" * 3000},
    {"Range": "bytes=0-" + ",0-" * 1000},
    {"Authorization": "Bearer " + "\xff" * 2000},
    {"X-CSRFToken": "\xff" * 64},
    {"Idempotency-Key": "\xff" * 100},
    {"Idempotency-Key": "k" * 5_000},
    {"Idempotency-Key": ""},
    {"X-Page-Person": "9" * 400},
    {"X-Page-Person": "\xed\xa0\x80"},
    {"X-Forwarded-For": "a, " * 2_000, "X-Forwarded-Proto": "gopher", "X-Real-IP": "::%0"},
    {"Forwarded": 'for="[::1]:x";' * 500, "Via": "\xff"},
    {"X-Forwarded-Host": "a:99999999", "X-Forwarded-Port": "-1"},
    {"Origin": "null", "Referer": "http://[::1"},
    {"Origin": "http://[", "Referer": "\xff" * 500},
    {"Cookie": "django_language=../../etc; fer-display=%00; messages=[[[["},
    {"Cookie": "a=" + "b" * 30_000},
    {"Cookie": "; ".join(f"c{number}=1" for number in range(3_000))},
    {"Content-Encoding": "gzip", "Content-Type": "application/json"},
    {"Content-Length": "5", "Transfer-Encoding": "chunked"},
    {"Content-Length": "-1"},
    {"Content-Length": "9" * 30},
    {"Expect": "200-please"},
    {"Upgrade": "h2c", "Connection": "Upgrade, HTTP2-Settings", "HTTP2-Settings": "AAMAAABk"},
    {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "x"},
    {"Accept-Encoding": "gzip;q=1e999, *;q=-1"},
    {"If-None-Match": '"' * 2_000},
    {"traceparent": "00-" + "z" * 500},
]
METHODS = ("HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "CONNECT", "get", "FOO", "M" * 900)


def send_odd_requests(attack: Attack) -> None:
    for path in PATHS:
        for role in ("anonymous", "student"):
            attack.send(role, "GET", path)
    for headers in HEADERS:
        attack.send("student", "POST", "/api/v1/me/profile", b"a=b", headers)
        attack.send("student", "PATCH", "/api/v1/me/profile", b"{}", headers)
        attack.send("anonymous", "GET", "/", b"", headers)
    for method in METHODS:
        for path in ("/", "/api/v1/me/profile", "/admin/login/", "/static/none.css", "*"):
            attack.send("student", method, path)
