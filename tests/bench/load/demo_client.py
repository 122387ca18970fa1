"""HTTP client of a demonstration: enters and calls REST with cookies and CSRF, like a browser."""

import http.client
import json
from collections.abc import Mapping
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.bench.errors import BenchmarkError

GRANTS = ("capture", "server_processing", "own_view")


class DemoError(BenchmarkError):
    """The address is no demonstration, or a request failed or was refused."""


class DemoClient:
    """One person of the demonstration. Every request raises DemoError where it fails."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme != "http" or not parts.netloc:
            raise DemoError(
                f"{address}: the address of a demonstration begins with http://, "
                "such as http://localhost:8000"
            )
        self._http = http.client.HTTPConnection(parts.netloc, timeout=30)
        self._cookies: dict[str, str] = {}
        self.participant_id = ""
        self.session_id = ""

    def disconnect(self) -> None:
        """Close the connection; the next request opens another one."""
        self._http.close()

    def fetch_entry_page(self) -> None:
        """Fetch the entry page, which sets the CSRF cookie."""
        self.request("GET", "/demo/")

    def enter(self, *, role: str, name: str, session: str = "") -> None:
        self.fetch_entry_page()
        form = urlencode({"role": role, "name": name, "session": session})
        entry = self._request_json("POST", "/demo/enter", form, "application/x-www-form-urlencoded")
        self.participant_id = entry["participant_id"]
        self.session_id = entry["session_id"]

    def get_consent(self) -> dict[str, Any]:
        return self._request_json("GET", self._build_path("consent"))

    def grant_consent(self) -> None:
        """Consent to capture, processing on the server, and live readings."""
        grants = dict.fromkeys(GRANTS, True)
        body = {"text_version": self.get_consent()["text_version"], **grants}
        self._request_json("POST", self._build_path("consent"), json.dumps(body))

    def withdraw_consent(self) -> None:
        self._request_json("DELETE", self._build_path("consent"))

    def create_ticket(self, mode: str = "frames") -> dict[str, Any]:
        return self._request_json(
            "POST", self._build_path("capture-ticket"), json.dumps({"mode": mode})
        )

    def list_step_ids(self) -> list[int]:
        session = self._request_json("GET", self._build_path(""))
        return [step["id"] for step in session["lesson"]["steps"]]

    def send_events(self, *events: dict[str, Any]) -> None:
        self._request_json("POST", self._build_path("events"), json.dumps({"events": events}))

    def list_hints(self) -> list[dict[str, Any]]:
        hints: list[dict[str, Any]] = json.loads(self.request("GET", self._build_path("hints")))
        return hints

    def list_windows(self) -> list[dict[str, Any]]:
        """Return the windows of `my-report`."""
        report = self._request_json("GET", self._build_path("my-report"))
        windows: list[dict[str, Any]] = report["windows"]
        return windows

    def request(self, method: str, path: str, body: str = "", content_type: str = "") -> bytes:
        """Return the content of a response below status 300."""
        try:
            self._http.request(method, path, body or None, self._build_headers(content_type))
            response = self._http.getresponse()
            content = response.read()
            self._http.close()  # the server may close an idle connection before the next request
        except (OSError, http.client.HTTPException) as error:
            raise DemoError(f"{method} {path}: {error or type(error).__name__}") from error
        self._store_cookies(response.headers.get_all("Set-Cookie") or [])
        if response.status >= 300:
            detail = _format_detail(response, content)
            raise DemoError(f"{method} {path}: {response.status} {detail}")
        return content

    def _request_json(
        self, method: str, path: str, body: str = "", content_type: str = "application/json"
    ) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.request(method, path, body, content_type))
        return answer

    def _build_path(self, name: str) -> str:
        return f"/api/v1/sessions/{self.session_id}/{name}"

    def _build_headers(self, content_type: str) -> Mapping[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        headers = {"Content-Type": content_type, "Cookie": cookies}
        headers["X-CSRFToken"] = self._cookies.get("csrftoken", "")
        return {name: value for name, value in headers.items() if value}

    def _store_cookies(self, set_cookies: list[str]) -> None:
        for line in set_cookies:
            for name, cookie in SimpleCookie(line).items():
                self._cookies[name] = cookie.value


def _format_detail(response: http.client.HTTPResponse, content: bytes) -> str:
    if "html" in (response.headers.get_content_type() or ""):
        return response.reason
    return content[:300].decode(errors="replace").strip()
