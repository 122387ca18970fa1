"""Every launch that must fail: nobody is let in, nothing is changed, one line is logged."""

import base64
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import structlog
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client

from fer_lms.lessons.models import Course
from fer_lms.lti.models import Deployment, LaunchState, Platform
from fer_lms.people.models import User
from tests.lti.conftest import Visitor, code_of, register
from tests.lti.platform import (
    CLIENT_ID,
    LTI,
    REMOVED,
    Claims,
    LmsPlatform,
    base64url,
    changed,
    jwk_of,
    rsa_key,
    sign_raw,
)

NOW = time.time
HEADER = {"alg": "RS256", "typ": "JWT"}
Token = Callable[[LmsPlatform, Claims], str]


def signed(**changes: Any) -> Token:
    """A well-signed message with other claims."""
    return lambda lms, claims: lms.sign(changed(claims, changes))


def at(*, iat: float = 0, exp: float = 60, **more: float) -> Token:
    """A well-signed message of another time, in seconds from now."""
    times = {"iat": iat, "exp": exp} | more
    return lambda lms, claims: lms.sign(
        claims | {name: int(NOW() + offset) for name, offset in times.items()}
    )


def headed(**header: Any) -> Token:
    """Signed with the right key under another header; None leaves a name out."""
    return lambda lms, claims: lms.sign(claims, **header)


def raw(body: Callable[[Claims], bytes]) -> Token:
    """Well signed, but not what a library would write."""
    return lambda lms, claims: sign_raw(HEADER | {"kid": lms.kid}, body(claims), lms.keys[lms.kid])


def unsigned(lms: LmsPlatform, claims: Claims) -> str:
    parts = ({"alg": "none", "kid": lms.kid}, claims)
    return ".".join(base64url(json.dumps(part).encode()) for part in parts) + "."


def hmac_with_public_key(lms: LmsPlatform, claims: Claims) -> str:
    header = {"alg": "HS256", "kid": lms.kid}
    parts = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
    public = lms.keys[lms.kid].public_key()
    mac = hmac.HMAC(
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), hashes.SHA256()
    )
    mac.update(parts.encode())
    return f"{parts}.{base64url(mac.finalize())}"


def tampered(lms: LmsPlatform, claims: Claims) -> str:
    """Claims of a teacher under the signature of a student."""
    header, _, signature = lms.sign(claims).split(".")
    teacher = changed(claims, {"roles": ["Instructor"]})
    return f"{header}.{base64url(json.dumps(teacher).encode())}.{signature}"


def own_key_in_header(name: str, value: Callable[[LmsPlatform], Any]) -> Token:
    """The attacker's own key, offered by the header."""
    return lambda lms, claims: lms.sign(claims, key=rsa_key("attacker"), **{name: value(lms)})


def another_platforms_kid(lms: LmsPlatform, claims: Claims) -> str:
    """The key of a platform that is registered too, under its own id."""
    return lms.sign(claims, key=rsa_key("other"), kid="other-1")


def duplicate(name: str, first: object) -> Token:
    def body(claims: Claims) -> bytes:
        return b"{" + f'"{name}": {json.dumps(first)}, '.encode() + json.dumps(claims).encode()[1:]

    return raw(body)


def duplicate_header(lms: LmsPlatform, claims: Claims) -> str:
    _, body, signature = lms.sign(claims).split(".")
    header = base64url(b'{"alg":"none","alg":"RS256","kid":"' + lms.kid.encode() + b'"}')
    return f"{header}.{body}.{signature}"


def parts(change: Callable[[str, str, str], str]) -> Token:
    return lambda lms, claims: change(*lms.sign(claims).split("."))  # type: ignore[arg-type]


def other_spelling(header: str, body: str, signature: str) -> str:
    """A signature of 2048 bits leaves four bits of its last sign unused: set them."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return f"{header}.{body}.{signature[:-1]}{alphabet[alphabet.index(signature[-1]) + 1]}"


KNOWN_BAD = {
    # The twelve "known bad payloads" of the 1EdTech certification.
    "no kid": (headed(kid=None), "LTI-05"),
    "wrong kid": (headed(kid="unknown"), "LTI-05"),
    "wrong version": (signed(version="11.3"), "LTI-07"),
    "no version": (signed(version=REMOVED), "LTI-07"),
    "invalid message": (raw(lambda _claims: b'{"name": "badltilaunch"}'), "LTI-05"),
    "missing LTI claims": (
        lambda lms, claims: lms.sign(
            {name: value for name, value in claims.items() if not name.startswith(LTI)}
        ),
        "LTI-07",
    ),
    "iat and exp wrong": (signed(iat=11111, exp=22222), "LTI-06"),
    "no message type": (signed(message_type=REMOVED), "LTI-07"),
    "no roles": (signed(roles=REMOVED), "LTI-07"),
    "no deployment": (signed(deployment_id=REMOVED), "LTI-07"),
    "no resource link": (signed(resource_link=REMOVED), "LTI-07"),
    "no user": (signed(sub=REMOVED), "LTI-07"),
}
OF_OUR_OWN = {
    # Keys and signatures
    "empty kid": (headed(kid=""), "LTI-05"),
    "kid is a number": (headed(kid=1), "LTI-05"),
    "kid is a list": (headed(kid=["lms-1"]), "LTI-05"),
    "very long kid": (headed(kid="k" * 256), "LTI-05"),
    "another platform's kid": (another_platforms_kid, "LTI-05"),
    "another key under our kid": (
        lambda lms, claims: lms.sign(claims, key=rsa_key("attacker")),
        "LTI-05",
    ),
    "key in the header": (
        own_key_in_header("jwk", lambda lms: jwk_of(rsa_key("attacker"), lms.kid)),
        "LTI-05",
    ),
    "key set address in the header": (
        own_key_in_header("jku", lambda lms: f"{lms.url}/attacker.json"),
        "LTI-05",
    ),
    "certificate address in the header": (
        own_key_in_header("x5u", lambda lms: f"{lms.url}/attacker.pem"),
        "LTI-05",
    ),
    "bad signature": (parts(lambda h, b, s: f"{h}.{b}.{'A' * len(s)}"), "LTI-05"),
    "empty signature": (parts(lambda h, b, s: f"{h}.{b}."), "LTI-05"),
    "half a signature": (parts(lambda h, b, s: f"{h}.{b}.{s[:100]}"), "LTI-05"),
    "claims changed after signing": (tampered, "LTI-05"),
    # Algorithms and headers
    "alg none": (unsigned, "LTI-05"),
    "alg none with a signature": (headed(alg="none"), "LTI-05"),
    "HS256 with the public key": (hmac_with_public_key, "LTI-05"),
    "alg RS384": (headed(alg="RS384"), "LTI-05"),
    "alg in small letters": (headed(alg="rs256"), "LTI-05"),
    "alg is a list": (headed(alg=["RS256"]), "LTI-05"),
    "no alg": (headed(alg=None), "LTI-05"),
    "critical header": (headed(crit=["exp"]), "LTI-05"),
    "unencoded payload": (headed(b64=False), "LTI-05"),
    "compressed": (headed(zip="DEF"), "LTI-05"),
    "algorithm named twice": (duplicate_header, "LTI-05"),
    # Form
    "four parts": (parts(lambda h, b, s: f"{h}.{b}.{s}.{s}"), "LTI-05"),
    "two parts": (parts(lambda h, b, s: f"{h}.{b}"), "LTI-05"),
    "five parts (encrypted)": (parts(lambda h, b, s: f"{h}.{s}.{b}.{s}.{s}"), "LTI-05"),
    "no token at all": (lambda _lms, _claims: "x", "LTI-05"),
    "1 MB token": (signed(filling="x" * 1_000_000), "LTI-05"),
    "just too large": (signed(filling="x" * 50_000), "LTI-05"),
    "padded base64": (parts(lambda h, b, s: f"{h}.{b}.{s}=="), "LTI-05"),
    "base64 with spaces": (parts(lambda h, b, s: f"{h}.{b}. {s}"), "LTI-05"),
    "line break at the end": (parts(lambda h, b, s: f"{h}.{b}.{s}\n"), "LTI-05"),
    "signature in another spelling": (parts(other_spelling), "LTI-05"),
    "letters beyond ASCII": (parts(lambda h, b, s: f"{h}.{b}.{s}é"), "LTI-05"),
    "duplicate claim": (duplicate("sub", "admin"), "LTI-05"),
    "duplicate LTI claim": (duplicate(LTI + "roles", ["Instructor"]), "LTI-05"),
    "duplicate inside a claim": (
        raw(lambda claims: json.dumps(claims).encode()[:-1] + b', "x": {"a": 1, "a": 2}}'),
        "LTI-05",
    ),
    "claims are a list": (raw(lambda _claims: b"[]"), "LTI-05"),
    "claims are no JSON": (raw(lambda _claims: b"iss=lms"), "LTI-05"),
    "claims are not UTF-8": (raw(lambda _claims: b'{"iss": "\xff"}'), "LTI-05"),
    "not a number": (
        raw(lambda claims: json.dumps(claims | {"exp": float("nan")}).encode()),
        "LTI-05",
    ),
    "nested without end": (raw(lambda _claims: b"[" * 20_000), "LTI-05"),
    "half a letter": (signed(given_name="\ud800"), "LTI-05"),
    "letter zero": (signed(sub="a\x00b"), "LTI-05"),
    "number without end": (
        raw(lambda claims: json.dumps(claims).encode()[:-1] + b', "n": ' + b"9" * 5000 + b"}"),
        "LTI-05",
    ),
    # Parties
    "wrong iss": (signed(iss="https://attacker.example"), "LTI-05"),
    "iss with a slash more": (
        lambda lms, claims: lms.sign(claims | {"iss": lms.url + "/"}),
        "LTI-05",
    ),
    "no iss": (signed(iss=REMOVED), "LTI-05"),
    "iss is a list": (lambda lms, claims: lms.sign(claims | {"iss": [lms.url]}), "LTI-05"),
    "wrong aud": (signed(aud="another"), "LTI-05"),
    "no aud": (signed(aud=REMOVED), "LTI-05"),
    "aud in other letters": (signed(aud=CLIENT_ID.upper()), "LTI-05"),
    "aud begins like ours": (signed(aud=CLIENT_ID + "0"), "LTI-05"),
    "empty aud list": (signed(aud=[]), "LTI-05"),
    "aud list without us": (signed(aud=["a", "b"], azp=CLIENT_ID), "LTI-05"),
    "aud list without azp": (signed(aud=[CLIENT_ID, "another"]), "LTI-05"),
    "aud list of one without azp": (signed(aud=[CLIENT_ID]), "LTI-05"),
    "aud list of other things": (signed(aud=[CLIENT_ID, 7], azp=CLIENT_ID), "LTI-05"),
    "aud is an object": (signed(aud={CLIENT_ID: True}), "LTI-05"),
    "wrong azp": (signed(aud=[CLIENT_ID, "another"], azp="another"), "LTI-05"),
    "wrong azp beside one aud": (signed(azp="another"), "LTI-05"),
    "azp is null": (signed(azp=None), "LTI-05"),
    # Times
    "expired": (at(iat=-20, exp=-31), "LTI-06"),
    "expired an hour ago": (at(iat=-7200, exp=-3600), "LTI-06"),
    "no exp": (signed(exp=REMOVED), "LTI-06"),
    "no iat": (signed(iat=REMOVED), "LTI-06"),
    "exp is a text": (signed(exp="9999999999"), "LTI-06"),
    "exp is true": (signed(exp=True), "LTI-06"),
    "exp is null": (signed(exp=None), "LTI-06"),
    "exp beyond all times": (signed(exp=10**400), "LTI-06"),
    "exp infinite": (
        raw(lambda c: json.dumps(c | {"exp": 0}).replace('"exp": 0', '"exp": 1e999').encode()),
        "LTI-06",
    ),
    "iat is negative": (signed(iat=-5), "LTI-06"),
    "from the future": (at(iat=120, exp=180), "LTI-06"),
    "just in the future": (at(iat=35, exp=95), "LTI-06"),
    "issued before the login": (at(iat=-120), "LTI-06"),
    "valid for days": (at(exp=3 * 86400), "LTI-06"),
    "exp before iat": (at(iat=10, exp=-5), "LTI-06"),
    "not valid yet": (at(nbf=300), "LTI-06"),
    "nbf is a text": (signed(nbf="now"), "LTI-06"),
    # Nonce
    "no nonce": (signed(nonce=REMOVED), "LTI-05"),
    "empty nonce": (signed(nonce=""), "LTI-05"),
    "wrong nonce": (signed(nonce="another"), "LTI-05"),
    "nonce is a list": (
        lambda lms, claims: lms.sign(claims | {"nonce": [claims["nonce"]]}),
        "LTI-05",
    ),
    # Message
    "bad message type": (signed(message_type="LtiLaunch"), "LTI-07"),
    "message type is a list": (signed(message_type=["LtiResourceLinkRequest"]), "LTI-07"),
    "submission review": (signed(message_type="LtiSubmissionReviewRequest"), "LTI-07"),
    "version is a number": (signed(version=1.3), "LTI-07"),
    "version 1.3": (signed(version="1.3"), "LTI-07"),
    "sub is a number": (signed(sub=7), "LTI-07"),
    "empty sub": (signed(sub=""), "LTI-07"),
    "sub too long": (signed(sub="s" * 256), "LTI-07"),
    "sub with a line break": (signed(sub="a\nb"), "LTI-07"),
    "roles is a text": (signed(roles="Instructor"), "LTI-07"),
    "roles of numbers": (signed(roles=[1]), "LTI-07"),
    "roles is null": (signed(roles=None), "LTI-07"),
    "context is a text": (signed(context="3"), "LTI-07"),
    "context id is a number": (signed(context={"id": 3}), "LTI-07"),
    "context id is empty": (signed(context={"id": ""}), "LTI-07"),
    "link is a text": (signed(resource_link="11"), "LTI-07"),
    "link id is empty": (signed(resource_link={"id": ""}), "LTI-07"),
    "link id too long": (signed(resource_link={"id": "r" * 256}), "LTI-07"),
    "link without id": (signed(resource_link={"title": "x"}), "LTI-07"),
    "no target": (signed(target_link_uri=REMOVED), "LTI-07"),
    "empty target": (signed(target_link_uri=""), "LTI-07"),
    "target is a list": (signed(target_link_uri=[]), "LTI-07"),
    # Deployment
    "wrong deployment": (signed(deployment_id="8"), "LTI-08"),
    "deployment in other letters": (signed(deployment_id="DEPLOYMENT"), "LTI-08"),
    "deployment switched off": (signed(deployment_id="off"), "LTI-08"),
    "deployment with a space": (signed(deployment_id="7 "), "LTI-08"),
    "deployment is a number": (signed(deployment_id=7), "LTI-07"),
    "deployment of another platform": (signed(deployment_id="of the other"), "LTI-08"),
    # Where to
    "target elsewhere": (signed(target_link_uri="https://attacker.example/lti/launch"), "LTI-11"),
    "target like ours": (
        signed(target_link_uri="http://testserver.attacker.example/lti/launch"),
        "LTI-11",
    ),
    "target with a user": (signed(target_link_uri="http://testserver@attacker.example/"), "LTI-11"),
    "target without a host": (signed(target_link_uri="/lti/launch"), "LTI-11"),
    "target under another scheme": (signed(target_link_uri="javascript:alert(1)"), "LTI-11"),
    "target on another port": (signed(target_link_uri="http://testserver:81/lti/launch"), "LTI-11"),
    "target in the administration": (signed(target_link_uri="http://testserver/admin/"), "LTI-11"),
    "target nowhere": (signed(target_link_uri="http://testserver/nowhere"), "LTI-11"),
    "target out of brackets": (signed(target_link_uri="http://[::1/lti/launch"), "LTI-11"),
}
CASES = KNOWN_BAD | OF_OUR_OWN


def nothing_changed(client: Client) -> bool:
    somebody = User.objects.exists() or Course.objects.exists()
    return not somebody and "sessionid" not in client.cookies


@pytest.mark.parametrize("case", CASES)
def test_refused(visitor: Visitor, platform: Platform, case: str) -> None:
    token, code = CASES[case]
    Deployment.objects.create(platform=platform, deployment_id="off", active=False)
    Deployment.objects.create(platform=platform, deployment_id="deployment")
    other = Platform.objects.create(
        name="other", issuer="https://other.example", client_id=CLIENT_ID, active=True
    )
    Deployment.objects.create(platform=other, deployment_id="of the other")
    asked = visitor.login()
    claims = visitor.lms.resource_link() | {"nonce": asked["nonce"]}
    with structlog.testing.capture_logs() as logged:
        response = visitor.post(state=asked["state"], id_token=token(visitor.lms, claims))
    assert code_of(response) == code
    assert nothing_changed(visitor.client)
    refusals = [line for line in logged if line["event"] == "lti_refused"]
    assert [line["code"] for line in refusals] == [code]
    assert refusals[0]["reference"] in response.content.decode()
    assert refusals[0]["reason"] not in response.content.decode()
    assert set(visitor.lms.asked) <= {"/keys.json"}
    # What failed used nothing up: the right message still enters.
    right = visitor.post(state=asked["state"], id_token=visitor.lms.sign(claims))
    assert right.status_code == 302


def test_there_are_enough_cases() -> None:
    assert len(KNOWN_BAD) == 12
    assert len(OF_OUR_OWN) >= 20


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": [CLIENT_ID], "azp": CLIENT_ID},
        {"aud": [CLIENT_ID, "another"], "azp": CLIENT_ID},
        {"azp": CLIENT_ID},
        {"iat": lambda: int(NOW()) + 25},
        {"iat": lambda: int(NOW()) - 25},
        {"exp": lambda: int(NOW()) + 23 * 3600},
        {"exp": lambda: NOW() + 60.5},
        {"nbf": lambda: int(NOW()) + 25},
        {"sub": "s" * 255},
        {"given_name": 7, "family_name": None},
        {"resource_link": {"id": "11", "title": "x" * 500}},
        {"context": {"id": "c", "title": "line\nbreak"}},
        {"target_link_uri": "http://testserver/"},
        {"something_else": {"a": [1, None, "b"]}},
    ],
)
def test_accepted(visitor: Visitor, changes: dict[str, Any]) -> None:
    """The other side of each line: what is right, to the edge, is not refused."""
    values = {name: value() if callable(value) else value for name, value in changes.items()}
    assert visitor.launch(visitor.lms.resource_link(**values)).status_code == 302


def test_a_replayed_launch_enters_nowhere(visitor: Visitor) -> None:
    asked = visitor.login()
    token = visitor.lms.sign(visitor.lms.resource_link() | {"nonce": asked["nonce"]})
    assert visitor.post(state=asked["state"], id_token=token).status_code == 302
    # The same browser, another one, and one that stole the cookie as well.
    stolen = Client()
    stolen.cookies = visitor.client.cookies
    for client in (visitor.client, Client(), stolen):
        response = client.post("/lti/launch", {"state": asked["state"], "id_token": token})
        assert code_of(response) == "LTI-03"


def test_a_nonce_serves_no_other_login(visitor: Visitor) -> None:
    first = visitor.login()
    token = visitor.lms.sign(visitor.lms.resource_link() | {"nonce": first["nonce"]})
    visitor.post(state=first["state"], id_token=token)
    other_browser = Visitor(visitor.lms)
    for browser in (visitor, other_browser):
        fresh = browser.login()
        assert code_of(browser.post(state=fresh["state"], id_token=token)) == "LTI-05"


def test_a_captured_token_enters_from_no_other_browser(visitor: Visitor) -> None:
    asked = visitor.login()
    token = visitor.lms.sign(visitor.lms.resource_link() | {"nonce": asked["nonce"]})
    sent = {"state": asked["state"], "id_token": token}
    assert code_of(Client().post("/lti/launch", sent)) == "LTI-04"
    other = Visitor(visitor.lms)
    other.login()
    assert code_of(other.post(**sent)) == "LTI-04"
    assert visitor.post(**sent).status_code == 302


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({}, "LTI-01"),
        ({"state": "x"}, "LTI-01"),
        ({"id_token": "a.b.c"}, "LTI-01"),
        ({"state": "x", "id_token": "a.b.c"}, "LTI-03"),
        ({"state": ["x", "y"], "id_token": "a.b.c"}, "LTI-01"),
        ({"error": "login_required", "state": "x"}, "LTI-12"),
    ],
)
def test_posts_that_are_no_launch(
    platform: Platform, client: Client, sent: dict[str, Any], code: str
) -> None:
    assert code_of(client.post("/lti/launch", sent)) == code


def test_a_launch_is_posted(platform: Platform, client: Client) -> None:
    assert code_of(client.get("/lti/launch")) == "LTI-01"


def test_bodies_that_cannot_be_read(platform: Platform, client: Client) -> None:
    huge = client.post("/lti/launch", b"state=" + b"x" * 3_000_000, content_type=FORM)
    assert code_of(huge) == "LTI-01"
    many = client.post("/lti/launch", b"a=1&" * 2000, content_type=FORM)
    assert code_of(many) == "LTI-01"
    broken = client.post("/lti/launch", b"x", content_type="multipart/form-data")
    assert code_of(broken) == "LTI-01"
    strange = client.post("/lti/launch", b"\xff\x00", content_type="text/plain")
    assert code_of(strange) == "LTI-01"


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": ""}, "LTI-01"),
        ({"login_hint": ""}, "LTI-01"),
        ({"target_link_uri": ""}, "LTI-01"),
        ({"login_hint": "x" * 5000}, "LTI-01"),
        ({"lti_storage_target": "x" * 300}, "LTI-01"),
        ({"lti_deployment_id": "a\x00b"}, "LTI-01"),
        ({"iss": ["a", "b"]}, "LTI-01"),
        ({"iss": "https://unknown.example"}, "LTI-02"),
        ({"client_id": "unknown"}, "LTI-02"),
        ({"target_link_uri": "https://attacker.example/"}, "LTI-11"),
    ],
)
def test_logins_that_do_not_begin(visitor: Visitor, changes: dict[str, Any], code: str) -> None:
    response = visitor.client.post("/lti/login", visitor.lms.initiation() | changes)
    assert code_of(response) == code
    assert not LaunchState.objects.exists()


def test_a_platform_with_two_registrations_must_say_which(visitor: Visitor) -> None:
    register_again = {"client_id": "tool-2", "name": "twice"}
    register(visitor.lms, **register_again)
    initiation = visitor.lms.initiation()
    assert visitor.client.post("/lti/login", initiation).status_code == 302
    del initiation["client_id"]
    assert code_of(visitor.client.post("/lti/login", initiation)) == "LTI-02"


def test_a_login_for_one_deployment_enters_no_other(visitor: Visitor, platform: Platform) -> None:
    Deployment.objects.create(platform=platform, deployment_id="8")
    asked = visitor.login(lti_deployment_id="8")
    claims = visitor.lms.resource_link() | {"nonce": asked["nonce"]}
    response = visitor.post(state=asked["state"], id_token=visitor.lms.sign(claims))
    assert code_of(response) == "LTI-08"


def test_a_platform_switched_off_during_a_login(visitor: Visitor, platform: Platform) -> None:
    asked = visitor.login()
    Platform.objects.update(active=False)
    claims = visitor.lms.resource_link() | {"nonce": asked["nonce"]}
    response = visitor.post(state=asked["state"], id_token=visitor.lms.sign(claims))
    assert code_of(response) == "LTI-02"


def test_a_login_does_not_wait_for_ever(visitor: Visitor) -> None:
    asked = visitor.login()
    state = LaunchState.objects.get()
    state.created_at -= timedelta(minutes=16)
    state.save()
    claims = visitor.lms.resource_link() | {"nonce": asked["nonce"]}
    response = visitor.post(state=asked["state"], id_token=visitor.lms.sign(claims))
    assert code_of(response) == "LTI-03"


def test_what_a_login_asks_the_platform(visitor: Visitor) -> None:
    asked = visitor.login()
    assert {name: asked[name] for name in asked if name not in ("state", "nonce")} == {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": CLIENT_ID,
        "redirect_uri": "http://testserver/lti/launch",
        "login_hint": "hint-1",
        "lti_message_hint": "message-1",
    }
    assert min(len(asked["state"]), len(asked["nonce"])) >= 43
    again = visitor.login(lti_message_hint="")
    assert "lti_message_hint" not in again
    assert again["state"] != asked["state"]
    assert again["nonce"] != asked["nonce"]


def test_a_login_address_with_a_query_keeps_it(visitor: Visitor, platform: Platform) -> None:
    platform.auth_login_url += "?tenant=1"
    platform.save()
    assert visitor.login()["tenant"] == "1"


def test_reasons_in_the_log(visitor: Visitor, platform: Platform) -> None:
    """Support finds by code and reference; the reason is for the administrator alone."""
    Platform.objects.create(name="b", issuer=platform.issuer, client_id="2")
    posts = {
        "unknown_state": ("/lti/launch", {"state": "x", "id_token": "x"}),
        "login_incomplete": ("/lti/login", {}),
        "no_such_target": ("/lti/login", visitor.lms.initiation(target_link_uri="x")),
        "unknown_platform": ("/lti/login", visitor.lms.initiation(iss="x")),
        "ambiguous_platform": ("/lti/login", visitor.lms.initiation(client_id="")),
        "inactive_platform": ("/lti/login", visitor.lms.initiation(client_id="2")),
        "login_out_of_bounds": ("/lti/login", visitor.lms.initiation(client_id="x" * 256)),
    }
    for reason, (path, sent) in posts.items():
        with structlog.testing.capture_logs() as logged:
            visitor.client.post(path, sent)
        assert [line["reason"] for line in logged] == [reason]


def test_secrets_of_a_login_are_not_stored(visitor: Visitor) -> None:
    asked = visitor.login()
    stored = str(LaunchState.objects.values().get())
    cookie = next(morsel.value for morsel in visitor.client.cookies.values())
    for secret in (asked["state"], asked["nonce"], cookie):
        assert secret not in stored


def test_signatures_in_another_spelling_are_told_apart() -> None:
    """The case above is about spelling: both spellings decode to the same bytes."""
    token = sign_raw(HEADER, {}, rsa_key("lms"))
    other = other_spelling(*token.split("."))  # type: ignore[arg-type]
    assert token != other
    decoded = [base64.urlsafe_b64decode(each.split(".")[2] + "==") for each in (token, other)]
    assert decoded[0] == decoded[1]
