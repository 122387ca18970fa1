"""Services of the test LMS over HTTP: access tokens, memberships, registration."""

import json
from typing import Any

from tests.lti.conftest import get_error_code
from tests.lti.platform import CLIENT_ID, MEMBERSHIP, LmsPlatform, Request, Response, json_response

NRPS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
MEMBERSHIPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"


def student(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "status": "Active",
        "user_id": f"student-{number}",
        "roles": ["Learner"],
        "given_name": f"Given{number}",
        "family_name": f"Family{number}",
        "email": f"student-{number}@school.example",
    } | changes


def teacher(**changes: Any) -> dict[str, Any]:
    return student(0) | {"user_id": "teacher-1", "roles": [MEMBERSHIP + "Instructor"]} | changes


def code(response: Any) -> str:
    """Return the code of an error page, for any response type."""
    return get_error_code(response)


class Services:
    """Responses of the LMS; tests change them."""

    def __init__(self, lms: LmsPlatform) -> None:
        self.lms = lms
        self.members: list[dict[str, Any]] = [teacher(), *map(student, range(1, 4))]
        self.page_size = 2
        self.failures: list[int] = []
        self.token_requests: list[dict[str, str]] = []
        self.pages_asked: list[dict[str, str]] = []
        self.registrations: list[tuple[str, dict[str, Any]]] = []
        self.configuration_changes: dict[str, Any] = {}
        self.registration_answer: dict[str, Any] = {}
        self.next_link: str | None = None
        lms.routes |= {
            "/token": self._token,
            "/members": self._members,
            "/openid-configuration": self._configuration,
            "/registrations": self._register,
        }

    @property
    def memberships_url(self) -> str:
        return f"{self.lms.url}/members"

    @property
    def claim(self) -> dict[str, Any]:
        """The NRPS claim of a launch."""
        return {
            MEMBERSHIPS: {
                "context_memberships_url": self.memberships_url,
                "service_versions": ["2.0"],
            }
        }

    def _token(self, request: Request) -> Response:
        self.token_requests.append(request.form)
        return json_response({"access_token": "t0ken", "token_type": "bearer", "expires_in": 3600})

    def _members(self, request: Request) -> Response:
        if request.headers.get("Authorization") != "Bearer t0ken":
            return Response("no", status=401)
        self.pages_asked.append(request.query)
        if self.failures:
            return Response("busy", status=self.failures.pop(0), Retry_After="1")
        start = int(request.query.get("from", "0"))
        size = min(int(request.query.get("limit", "100000")), self.page_size)
        page = {"id": self.memberships_url, "members": self.members[start : start + size]}
        headers: dict[str, Any] = {}
        if start + size < len(self.members) or self.next_link:
            following = f"{self.memberships_url}?limit={size}&from={start + size}"
            headers["Link"] = f'<{self.next_link or following}>; rel="next"'
        return Response(json.dumps(page), NRPS, **headers)

    def _configuration(self, _request: Request) -> Response:
        url = self.lms.url
        return json_response(
            {
                "issuer": url,
                "authorization_endpoint": f"{url}/auth",
                "token_endpoint": f"{url}/token",
                "jwks_uri": f"{url}/keys.json",
                "registration_endpoint": f"{url}/registrations",
                "https://purl.imsglobal.org/spec/lti-platform-configuration": {
                    "product_family_code": "moodle"
                },
            }
            | self.configuration_changes
        )

    def _register(self, request: Request) -> Response:
        sent = json.loads(request.body)
        self.registrations.append((request.headers.get("Authorization") or "", sent))
        tool = sent["https://purl.imsglobal.org/spec/lti-tool-configuration"]
        answer = sent | {
            "client_id": CLIENT_ID,
            "https://purl.imsglobal.org/spec/lti-tool-configuration": tool | {"deployment_id": "7"},
        }
        return json_response(answer | self.registration_answer)
