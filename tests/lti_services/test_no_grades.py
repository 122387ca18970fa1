"""No grades: no grade scope is requested, and no code uses a grade service."""

import json
import re
from pathlib import Path

import fer_lms
from fer_lms.lti.registration.tool_configuration import (
    SCOPES,
    ToolUrls,
    build_canvas_configuration,
    build_registration,
)
from tests.lti.conftest import Visitor
from tests.lti_services.services import Services

GRADE_SERVICES = re.compile(r"lti-ags|lis/v2/outcomes|basic-outcome|lineitem|lis_outcome", re.I)
ROSTER = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
ROOT = Path(fer_lms.__file__).parent


def test_membership_scope_is_the_only_scope() -> None:
    assert SCOPES == (ROSTER,)
    urls = ToolUrls("https://fer.example.org")
    for family in ("moodle", "canvas", ""):
        body = build_registration(urls, family=family)
        assert body["scope"] == ROSTER
        assert not GRADE_SERVICES.search(json.dumps(body))
    canvas = build_canvas_configuration(urls)
    assert canvas["scopes"] == [ROSTER]
    placements = canvas["extensions"][0]["settings"]["placements"]
    assert all("assignment" not in placement["placement"] for placement in placements)
    assert not GRADE_SERVICES.search(json.dumps(canvas))


def test_no_grade_service_in_source() -> None:
    """No source line names a grade service, except lines that say `never`."""
    found = []
    for path in ROOT.rglob("*.py"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if GRADE_SERVICES.search(line) and "never" not in line:
                found.append(f"{path.relative_to(ROOT)}:{number}")
    assert found == []


def test_offered_grade_service_is_not_used(visitor: Visitor, services: Services) -> None:
    lineitems = f"{visitor.lms.url}/lineitems"
    visitor.lms.routes["/lineitems"] = services._token
    endpoint = {
        "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": {
            "scope": ["https://purl.imsglobal.org/spec/lti-ags/scope/score"],
            "lineitems": lineitems,
        }
    }
    response = visitor.launch(visitor.lms.resource_link(**endpoint))
    visitor.client.get(response["Location"])
    assert "/lineitems" not in visitor.lms.requested_paths
    assert services.token_requests == []
