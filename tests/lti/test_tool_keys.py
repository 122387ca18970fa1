"""The tool's keys: published before and after use; deletion of expired rows."""

import threading
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from fer_lms.lti.models import LaunchState, ToolKey, WindowPass
from fer_lms.lti.protocol.tool_keys import ensure_keys, rotate_keys, sign_jwt
from fer_lms.lti.tasks import delete_expired
from tests.lti.conftest import Visitor


def published(client: Client) -> dict[str, dict[str, Any]]:
    answer = client.get("/lti/jwks.json")
    assert answer.status_code == 200
    return {key["kid"]: key for key in answer.json()["keys"]}


def kid_in_use() -> str:
    kid: str = jwt.get_unverified_header(sign_jwt({"a": 1}))["kid"]
    return kid


def test_current_and_next_key_are_published(client: Client, db: None) -> None:
    keys = published(client)
    assert len(keys) == 2
    assert kid_in_use() in keys
    for key in keys.values():
        assert key.keys() == {"kty", "use", "alg", "kid", "n", "e"}
        assert (key["kty"], key["use"], key["alg"]) == ("RSA", "sig", "RS256")


def test_signature_verifies_with_published_key(client: Client, db: None) -> None:
    token = sign_jwt({"iss": "us"})
    jwk = published(client)[jwt.get_unverified_header(token)["kid"]]
    assert jwt.decode(token, jwt.PyJWK(jwk).key, algorithms=["RS256"]) == {"iss": "us"}


def test_rotation_uses_published_key(client: Client, db: None) -> None:
    before, old = published(client), kid_in_use()
    rotate_keys()
    after = published(client)
    assert kid_in_use() in before.keys() - {old}
    assert old in after  # what it signed may still be on its way
    assert len(after) == 3


def test_retired_key_is_deleted_after_a_day(client: Client, db: None) -> None:
    ensure_keys()
    old = kid_in_use()
    rotate_keys()
    ToolKey.objects.filter(kid=old).update(retired_at=timezone.now() - timedelta(hours=25))
    assert old not in published(client)
    delete_expired()
    assert not ToolKey.objects.filter(kid=old).exists()
    assert ToolKey.objects.count() == 2


def test_private_keys_are_encrypted(db: None) -> None:
    ensure_keys()
    for key in ToolKey.objects.all():
        assert key.private_pem.startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")


def test_changed_secret_replaces_keys(client: Client, db: None, settings: Settings) -> None:
    """Keys that can no longer be decrypted are replaced."""
    old = set(published(client))
    settings.SECRET_KEY = "another secret"
    assert kid_in_use() in published(client).keys() - old
    assert not old & published(client).keys()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_concurrent_requests_create_keys_once() -> None:
    kids: list[str] = []

    def ask() -> None:
        try:
            kids.append(kid_in_use())
        finally:
            connection.close()

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len(kids) == 4
    assert len(set(kids)) == 1
    assert ToolKey.objects.count() == 2


def test_expired_logins_and_passes_are_deleted(visitor: Visitor) -> None:
    visitor.launch()
    visitor.client.post("/lti/window", {"path": "/"})
    delete_expired()
    assert LaunchState.objects.exists()
    assert WindowPass.objects.exists()
    old = timezone.now() - timedelta(hours=1)
    LaunchState.objects.update(created_at=old)
    WindowPass.objects.update(created_at=old)
    delete_expired()
    assert not LaunchState.objects.exists()
    assert not WindowPass.objects.exists()
