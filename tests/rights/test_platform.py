"""Export and erasure by an LMS's privacy tools."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from fer_lms.audit.models import AuditEvent
from fer_lms.lessons.models import Participant
from fer_lms.lti.models import LtiUser, Platform
from fer_lms.people.models import User
from fer_lms.rights.models import PlatformToken
from fer_lms.rights.tokens import create_token, revoke_tokens
from tests.factories import make_window

pytestmark = pytest.mark.django_db
ISSUER = "https://lms.example"


def platform(issuer: str = ISSUER) -> Platform:
    return Platform.objects.create(
        name="LMS",
        issuer=issuer,
        client_id="tool",
        auth_login_url=f"{issuer}/login",
        key_set_url=f"{issuer}/keys",
        active=True,
    )


@pytest.fixture
def own_platform(learner: Participant) -> Platform:
    """The platform that the learner came from as `s-1`."""
    made = platform()
    LtiUser.objects.create(platform=made, sub="s-1", user=learner.user)
    make_window(learner)
    return made


def post(client: Client, what: str, token: str, **values: Any) -> Any:
    body = {"issuer": ISSUER, "subject": "s-1"} | values
    headers = {"Authorization": f"Bearer {token}"}
    return client.post(
        f"/api/v1/platform/{what}", body, content_type="application/json", headers=headers
    )


def test_platform_export(client: Client, own_platform: Platform, learner: Participant) -> None:
    answer = post(client, "export", create_token(platform=own_platform))
    assert answer.status_code == 200
    assert answer.json()["person"]["public_id"] == str(learner.user.public_id)
    assert len(answer.json()["participations"][0]["windows"]) == 1
    event = AuditEvent.objects.get(action="person.exported")
    assert event.subject == str(learner.user.public_id)
    assert event.details["platform"] == own_platform.pk
    assert PlatformToken.objects.get().used_at is not None


def test_platform_erasure(client: Client, own_platform: Platform, learner: Participant) -> None:
    token = create_token(platform=own_platform)
    counted = post(client, "erase", token, dry_run=True).json()
    assert (counted["erased"], counted["receipt"]) == (False, "")
    assert User.objects.filter(pk=learner.user_id).exists()
    answer = post(client, "erase", token).json()
    assert answer["erased"] is True
    assert answer["counts"]["engagement.ObservationWindow"] == 1
    assert answer["counts"] == counted["counts"]
    assert not User.objects.filter(pk=learner.user_id).exists()
    assert AuditEvent.objects.get(action="person.erased").details["receipt"] == answer["receipt"]
    assert post(client, "erase", token).status_code == 404


@pytest.mark.parametrize("what", ["export", "erase"])
@pytest.mark.parametrize("values", [{"subject": "s-2"}, {"issuer": "https://other.example"}])
def test_unknown_subject_is_not_found(
    client: Client, own_platform: Platform, what: str, values: dict[str, str]
) -> None:
    assert post(client, what, create_token(platform=own_platform), **values).status_code == 404


@pytest.mark.parametrize("what", ["export", "erase"])
def test_token_of_another_platform_finds_nobody(
    client: Client, own_platform: Platform, learner: Participant, what: str
) -> None:
    other = create_token(platform=platform("https://other.example"))
    assert post(client, what, other).status_code == 404
    assert post(client, what, other, issuer="https://other.example").status_code == 404
    assert User.objects.filter(pk=learner.user_id).exists()


def test_invalid_tokens_are_rejected(
    client: Client, own_platform: Platform, learner: Participant
) -> None:
    token = create_token(platform=own_platform)
    client.force_login(learner.user)
    assert post(client, "export", "made-up").status_code == 401
    assert client.post("/api/v1/platform/export").status_code == 401
    assert post(client, "export", token).status_code == 200
    Platform.objects.update(active=False)
    assert post(client, "export", token).status_code == 401
    Platform.objects.update(active=True)
    assert revoke_tokens(platform=own_platform) == 1
    assert post(client, "export", token).status_code == 401


def test_token_is_stored_as_digest_only(own_platform: Platform) -> None:
    output = StringIO()
    call_command("rights_token", str(own_platform.pk), stdout=output)
    token = output.getvalue().split()[-1]
    assert len(token) > 40
    kept = PlatformToken.objects.get()
    assert token not in str(vars(kept))
    call_command("rights_token", str(own_platform.pk), "--revoke", stdout=output)
    assert "1 tokens revoked" in output.getvalue()
    with pytest.raises(CommandError, match="no such platform"):
        call_command("rights_token", "99")
