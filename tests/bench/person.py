"""A person of the demonstration, entering and asking as a browser would: cookies, CSRF, REST."""

import http.client
import json
from collections.abc import Mapping
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

GRANTED = ("capture", "server_processing", "own_view")


class DoorClosed(Exception):
    """The address is no demonstration, or it did not let this person in; the message says why."""


class DemoPerson:
    """Raises DoorClosed for what is no address."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme != "http" or not parts.netloc:
            raise DoorClosed(
                f"{address}: the address of a demonstration begins with http://, "
                "such as http://localhost:8000"
            )
        self._http = http.client.HTTPConnection(parts.netloc, timeout=30)
        self._cookies: dict[str, str] = {}
        self.participant_id = ""
        self.session_id = ""

    def enter(self, *, role: str, name: str, session: str = "") -> None:
        """Come in through the demonstration's door. Raises DoorClosed."""
        self.knock()
        form = urlencode({"role": role, "name": name, "session": session})
        place = self._ask("POST", "/demo/enter", form, "application/x-www-form-urlencoded")
        self.participant_id = place["participant_id"]
        self.session_id = place["session_id"]

    def knock(self) -> None:
        """Fetch the demonstration's door, and with it the CSRF cookie. Raises DoorClosed."""
        self._request("GET", "/demo/")

    def consent(self) -> None:
        """Say yes to the camera and to live readings."""
        asked = self._ask("GET", self._path("consent"))
        answer = {"text_version": asked["text_version"], **dict.fromkeys(GRANTED, True)}
        self._ask("POST", self._path("consent"), json.dumps(answer))

    def said(self) -> dict[str, Any]:
        """What holds of this person's consent, and whether what was taken back is erased."""
        return self._ask("GET", self._path("consent"))

    def withdraw(self) -> dict[str, Any]:
        """Take everything back."""
        return self._ask("DELETE", self._path("consent"))

    def ticket(self) -> dict[str, Any]:
        return self._ask("POST", self._path("capture-ticket"), json.dumps({"mode": "frames"}))

    def lesson_ticket(self) -> dict[str, Any]:
        return self._ask("POST", self._path("capture-ticket"), json.dumps({"mode": "lesson"}))

    def steps(self) -> list[int]:
        """Ids of the lesson's steps, in order."""
        return [step["id"] for step in self._ask("GET", self._path(""))["lesson"]["steps"]]

    def did(self, *events: dict[str, Any]) -> None:
        """Tell what was done in the lesson."""
        self._ask("POST", self._path("events"), json.dumps({"events": events}))

    def hints(self) -> list[dict[str, Any]]:
        """The hints so far."""
        hints: list[dict[str, Any]] = json.loads(self._request("GET", self._path("hints")))
        return hints

    def windows(self) -> list[dict[str, Any]]:
        """The windows of `my-report`."""
        windows: list[dict[str, Any]] = self._ask("GET", self._path("my-report"))["windows"]
        return windows

    def _path(self, what: str) -> str:
        return f"/api/v1/sessions/{self.session_id}/{what}"

    def _ask(
        self, method: str, path: str, body: str = "", kind: str = "application/json"
    ) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self._request(method, path, body, kind))
        return answer

    def _request(self, method: str, path: str, body: str = "", kind: str = "") -> bytes:
        try:
            self._http.request(method, path, body or None, self._headers(kind))
            response = self._http.getresponse()
            content = response.read()
            self._http.close()  # the next question may come after the server's patience
        except (OSError, http.client.HTTPException) as error:
            raise DoorClosed(f"{method} {path}: {error or type(error).__name__}") from error
        self._keep(response.headers.get_all("Set-Cookie") or [])
        if response.status >= 300:
            raise DoorClosed(f"{method} {path}: {response.status} {_said(response, content)}")
        return content

    def _headers(self, kind: str) -> Mapping[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        headers = {"Content-Type": kind, "Cookie": cookies}
        headers["X-CSRFToken"] = self._cookies.get("csrftoken", "")
        return {name: value for name, value in headers.items() if value}

    def _keep(self, set_cookies: list[str]) -> None:
        for line in set_cookies:
            for name, cookie in SimpleCookie(line).items():
                self._cookies[name] = cookie.value


def _said(response: http.client.HTTPResponse, content: bytes) -> str:
    """An error's own words, where it is no page."""
    if "html" in (response.headers.get_content_type() or ""):
        return response.reason
    return content[:300].decode(errors="replace").strip()
