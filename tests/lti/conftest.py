"""Fixtures: a registered platform, and a client that performs launches without a browser."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpResponse, HttpResponseBase
from django.test import Client

from fer_lms.lti.models import Deployment, KeySet, Platform
from tests.lti.platform import CLIENT_ID, DEPLOYMENT, Claims, LmsPlatform

TOOL = "http://testserver"


def register(lms: LmsPlatform, **fields: Any) -> Platform:
    platform = Platform.objects.create(
        **{
            "name": lms.name,
            "issuer": lms.url,
            "client_id": CLIENT_ID,
            "auth_login_url": f"{lms.url}/auth",
            "auth_token_url": f"{lms.url}/token",
            "key_set_url": f"{lms.url}/keys.json",
            "local": True,
            "active": True,
        }
        | fields
    )
    Deployment.objects.create(platform=platform, deployment_id=DEPLOYMENT)
    return platform


@pytest.fixture(scope="session")
def lms_server() -> Iterator[LmsPlatform]:
    with LmsPlatform() as running:
        yield running


@pytest.fixture
def lms(lms_server: LmsPlatform, settings: Any) -> LmsPlatform:
    """Share one server between tests, reset for each."""
    settings.ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
    lms_server.tool = TOOL
    lms_server.renew()
    return lms_server


@pytest.fixture
def platform(db: None, lms: LmsPlatform) -> Platform:
    return register(lms)


@dataclass
class Visitor:
    """A client with the cookies of one browser."""

    lms: LmsPlatform
    client: Client = field(default_factory=Client)

    def login(self, **changes: str) -> dict[str, str]:
        """Start a login; return the parameters of the authentication request."""
        response = self.client.post("/lti/login", self.lms.initiation(**changes))
        assert response.status_code == 302, response.content.decode()
        query = parse_qs(urlsplit(response["Location"]).query)
        return {name: values[0] for name, values in query.items()}

    def post(self, **fields: str) -> Any:
        return self.client.post("/lti/launch", fields)

    def post_own(self, **fields: str) -> Any:
        """Post the launch as our storage page does."""
        return self.client.post("/lti/launch", fields, headers={"Origin": TOOL})

    def launch(self, claims: Claims | None = None, **header: Any) -> Any:
        """Perform login, signing and launch."""
        parameters = self.login()
        message = {"nonce": parameters["nonce"]} | (claims or self.lms.message())
        return self.post(state=parameters["state"], id_token=self.lms.sign(message, **header))


@pytest.fixture
def visitor(lms: LmsPlatform, platform: Platform) -> Visitor:
    return Visitor(lms)


def get_error_code(response: HttpResponseBase) -> str:
    """Return the code of an error page; fail if the response is none."""
    assert isinstance(response, HttpResponse)
    assert response.status_code in (400, 403), response.status_code
    text = response.content.decode()
    assert "This page could not be opened" in text
    return text.partition("Code: ")[2].split(" ")[0]


def forget_keys(platform: Platform) -> None:
    KeySet.objects.filter(platform=platform).delete()
