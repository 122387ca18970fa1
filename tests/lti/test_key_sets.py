"""The key set cache: rotation, rate limits, address checks, isolation of platforms."""

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from fer_lms.lti.models import KeySet, Platform
from fer_lms.lti.protocol import key_sets
from fer_lms.lti.protocol.errors import ErrorKind, LtiError
from fer_lms.lti.protocol.key_sets import MAX_FETCHES_PER_MINUTE, get_platform_key, parse_key_set
from tests.lti.conftest import Visitor, get_error_code, register
from tests.lti.platform import LmsPlatform, Request, Response, build_jwk, json_response, rsa_key


def fetches(lms: LmsPlatform) -> int:
    return lms.requested_paths.count("/keys.json")


def later(platform: Platform, **span: float) -> None:
    """Move every timestamp of a cached key set into the past."""
    row = KeySet.objects.get(platform=platform)
    earlier = timedelta(**span)

    def shift(at: str) -> str:
        return (datetime.fromisoformat(at) - earlier).isoformat()

    row.fetched_at = row.fetched_at and row.fetched_at - earlier
    row.requested_at = {kid: shift(at) for kid, at in row.requested_at.items()}
    row.attempts = [shift(at) for at in row.attempts]
    row.save()


def refused(platform: Platform, kid: str) -> ErrorKind:
    with pytest.raises(LtiError) as caught:
        get_platform_key(platform, kid)
    return caught.value.kind


@pytest.fixture
def answers(lms: LmsPlatform) -> Iterator[dict[str, Any]]:
    """Override the response of `/keys.json`."""
    usual, overrides = lms.routes["/keys.json"], dict[str, Any]()

    def answer(request: Request) -> Response:
        time.sleep(overrides.get("seconds", 0))
        return overrides["response"] if "response" in overrides else usual(request)

    lms.routes["/keys.json"] = answer
    yield overrides
    lms.routes["/keys.json"] = usual


def test_key_set_is_cached(visitor: Visitor) -> None:
    for _ in range(3):
        assert visitor.launch().status_code == 302
    assert fetches(visitor.lms) == 1


def test_platform_key_rotation(visitor: Visitor) -> None:
    visitor.launch()
    visitor.lms.rotate()
    assert visitor.launch().status_code == 302
    old = visitor.login()
    token = visitor.lms.sign(
        visitor.lms.resource_link() | {"nonce": old["nonce"]}, kid="lms-1", key=rsa_key("lms")
    )
    assert get_error_code(visitor.post(state=old["state"], id_token=token)) == "LTI-05"


def test_unknown_kid_is_fetched_once_in_five_minutes(lms: LmsPlatform, platform: Platform) -> None:
    get_platform_key(platform, "lms-1")
    for _ in range(3):
        assert refused(platform, "unknown") is ErrorKind.INVALID_TOKEN
    assert fetches(lms) == 2
    later(platform, minutes=6)
    assert refused(platform, "unknown") is ErrorKind.INVALID_TOKEN
    assert fetches(lms) == 3


def test_fetches_are_rate_limited(lms: LmsPlatform, platform: Platform) -> None:
    for number in range(20):
        assert refused(platform, f"made-up-{number}") is ErrorKind.INVALID_TOKEN
    assert fetches(lms) == MAX_FETCHES_PER_MINUTE
    assert get_platform_key(platform, "lms-1")["kty"] == "RSA"


def test_key_set_is_refreshed_hourly(lms: LmsPlatform, platform: Platform) -> None:
    get_platform_key(platform, "lms-1")
    later(platform, minutes=61)
    get_platform_key(platform, "lms-1")
    assert fetches(lms) == 2


def test_cached_keys_are_used_while_platform_is_down(
    lms: LmsPlatform, platform: Platform, answers: dict[str, Any]
) -> None:
    get_platform_key(platform, "lms-1")
    answers["response"] = Response("down", status=503)
    later(platform, hours=2)
    for _ in range(3):
        get_platform_key(platform, "lms-1")
    assert fetches(lms) == 2  # not fetched again at every launch
    later(platform, hours=11)
    assert refused(platform, "lms-1") is ErrorKind.KEY_SET_UNAVAILABLE


def test_key_set_is_fetched_after_recovery(
    lms: LmsPlatform, platform: Platform, answers: dict[str, Any]
) -> None:
    answers["response"] = Response("down", status=503)
    assert refused(platform, "lms-1") is ErrorKind.KEY_SET_UNAVAILABLE
    del answers["response"]
    assert refused(platform, "lms-1") is ErrorKind.KEY_SET_UNAVAILABLE
    later(platform, seconds=31)
    assert get_platform_key(platform, "lms-1")


@pytest.mark.parametrize(
    "response",
    [
        Response("", status=302, Location="/keys2.json"),
        Response("x" * 200_000, "application/json"),
        Response("<html>", "text/html"),
        Response("{", "application/json"),
        Response("", "application/json", status=500),
    ],
    ids=["redirect", "huge", "html", "broken", "fault"],
)
def test_invalid_responses(visitor: Visitor, answers: dict[str, Any], response: Response) -> None:
    answers["response"] = response
    assert get_error_code(visitor.launch()) == "LTI-09"
    assert visitor.lms.requested_paths == ["/keys.json"]


@pytest.mark.parametrize("answer", [[], {}, {"keys": {}}, {"keys": ["x", None, {}]}, "keys", None])
def test_key_sets_without_usable_keys(
    visitor: Visitor, answers: dict[str, Any], answer: object
) -> None:
    answers["response"] = json_response(answer)
    assert get_error_code(visitor.launch()) == "LTI-05"


def test_only_signature_keys_are_stored() -> None:
    good = build_jwk(rsa_key("lms"), "good")
    bad = {
        "for encryption": good | {"use": "enc"},
        "another algorithm": good | {"alg": "RS512"},
        "another kind": good | {"kty": "EC"},
        "symmetric": {"kty": "oct", "k": "secret"},
        "to sign only": good | {"key_ops": ["sign"]},
        "too small": build_jwk(rsa_key("small", 1024), "x"),
        "modulus too large": good | {"n": "_" * 1400},
        "operations are a number": good | {"key_ops": 5},
        "exponent one": good | {"e": "AQ"},
        "even exponent": good | {"e": "BA"},
        "huge exponent": good | {"e": good["n"]},
        "no modulus": {name: value for name, value in good.items() if name != "n"},
        "modulus is a number": good | {"n": 5},
        "modulus is no base64": good | {"n": "a b"},
        "even modulus": good | {"n": good["n"][:-2] + "AA"},
    }
    listed = [jwk | {"kid": name} for name, jwk in bad.items()]
    assert parse_key_set({"keys": [*listed, good]}) == {
        "good": {"kty": "RSA", "n": good["n"], "e": good["e"]}
    }


def test_private_key_parameters_are_not_stored() -> None:
    jwk = build_jwk(rsa_key("lms"), "a") | {"d": "secret", "x5u": "http://attacker.example"}
    assert parse_key_set({"keys": [jwk]})["a"].keys() == {"kty", "n", "e"}


def test_duplicate_key_ids_are_ignored() -> None:
    keys = [build_jwk(rsa_key("lms"), "a"), build_jwk(rsa_key("attacker"), "a")]
    assert parse_key_set({"keys": keys}) == {}


def test_number_of_keys_is_limited() -> None:
    junk = [{"kid": str(number)} for number in range(50)]
    assert parse_key_set({"keys": [*junk, build_jwk(rsa_key("lms"), "a")]}) == {}


def test_plain_http_needs_local_platform(lms: LmsPlatform, db: None) -> None:
    platform = register(lms, local=False)
    assert refused(platform, "lms-1") is ErrorKind.KEY_SET_UNAVAILABLE
    assert lms.requested_paths == []
    assert KeySet.objects.get().failure == "not_https"


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/keys", "https://localhost/keys", "https://10.0.0.1/keys"]
)
def test_private_addresses_need_local_platform(platform: Platform, url: str) -> None:
    platform.local, platform.key_set_url = False, url
    platform.save()
    assert refused(platform, "lms-1") is ErrorKind.KEY_SET_UNAVAILABLE
    assert KeySet.objects.get().failure not in ("", "time_out", "no_connection")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_concurrent_launches_fetch_once(lms: LmsPlatform, answers: dict[str, Any]) -> None:
    platform = register(lms)
    answers["seconds"] = 0.3
    found: list[Any] = []

    def come() -> None:
        try:
            found.append(get_platform_key(platform, "lms-1"))
        finally:
            connection.close()

    class_ = [threading.Thread(target=come) for _ in range(12)]
    for learner in class_:
        learner.start()
    for learner in class_:
        learner.join()
    assert len(found) == 12
    assert fetches(lms) == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_slow_key_server_does_not_block_other_platforms(
    lms: LmsPlatform, answers: dict[str, Any]
) -> None:
    """A launch of another platform completes while one key server is slow."""
    register(lms)
    answers["seconds"] = 30
    slow = Visitor(lms)
    outcome: list[str] = []

    def wait() -> None:
        try:
            outcome.append(get_error_code(slow.launch()))
        finally:
            connection.close()

    waiting = threading.Thread(target=wait)
    waiting.start()
    try:
        with LmsPlatform(name="quick") as quick:
            quick.tool = lms.tool
            register(quick)
            while not fetches(lms):
                time.sleep(0.01)
            assert Visitor(quick).launch().status_code == 302
            assert waiting.is_alive()
    finally:
        waiting.join()
    assert outcome == ["LTI-09"]


def test_no_transaction_during_fetch(platform: Platform) -> None:
    """A transaction would block every other writer of SQLite."""
    depth = len(connection.savepoint_ids)

    def fetch(*_args: object, **_options: object) -> object:
        assert len(connection.savepoint_ids) == depth
        return {"keys": []}

    with pytest.raises(LtiError):
        get_platform_key(platform, "lms-1", fetch=fetch)
    assert key_sets.LIMITS.total_timeout_s <= 5
