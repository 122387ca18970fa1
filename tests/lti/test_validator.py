"""The validator without server and database: the same cases, and every limit."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from fer_lms.lti.launch.validation import validate_target_uri
from fer_lms.lti.protocol.claims import (
    CLOCK_SKEW_S,
    MAX_AGE_BEFORE_LOGIN_S,
    MAX_LIFETIME_S,
    ExpectedClaims,
    LaunchMessage,
    parse_launch,
    sha256_hex,
)
from fer_lms.lti.protocol.errors import ErrorKind, LtiError
from fer_lms.lti.protocol.tokens import (
    MAX_KID_LENGTH,
    MAX_TOKEN_LENGTH,
    load_public_key,
    parse_id_token,
    verify_signature,
)
from tests.lti.cases import CASES
from tests.lti.platform import (
    CLIENT_ID,
    LTI,
    REMOVED,
    Claims,
    LmsPlatform,
    base64url,
    build_jwk,
    changed,
    rsa_key,
    sign_raw,
)

NOW = 1_800_000_000
NONCE = "a nonce"
TOOL = "http://testserver"
MEMBERS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"


@pytest.fixture(scope="module")
def lms() -> Iterator[LmsPlatform]:
    platform = LmsPlatform()
    platform.tool = TOOL
    yield platform
    platform.server.server_close()


def expected(
    lms: LmsPlatform, now: float = NOW, login_started_at: float = NOW - 5
) -> ExpectedClaims:
    return ExpectedClaims(
        issuer=lms.url,
        client_id=CLIENT_ID,
        nonce_digest=sha256_hex(NONCE),
        login_started_at=login_started_at,
        now=now,
    )


def read(lms: LmsPlatform, text: str, expected_claims: ExpectedClaims) -> LaunchMessage:
    """Perform the checks of `validate_launch` that need no database."""
    token = parse_id_token(text)
    jwk = lms.key_set()["keys"][0] if token.kid == lms.kid else None
    if jwk is None:
        raise LtiError(ErrorKind.INVALID_TOKEN, "unknown_kid")
    verify_signature(token, jwk)
    launch = parse_launch(token.claims, expected_claims)
    validate_target_uri(launch.target_link_uri, own_origin=TOOL)
    return launch


def claims_at(lms: LmsPlatform, **changes: Any) -> Claims:
    times = {"iat": NOW, "exp": NOW + 60, "nonce": NONCE}
    return changed(lms.resource_link(**times), changes)


def verdict(lms: LmsPlatform, **changes: Any) -> str:
    """Return the error's reason; empty if there is none."""
    try:
        parse_launch(claims_at(lms, **changes), expected(lms))
    except LtiError as refused:
        return refused.reason
    return ""


@pytest.mark.parametrize("case", [name for name in CASES if CASES[name][1] != "LTI-08"])
def test_refused(lms: LmsPlatform, case: str) -> None:
    token, code = CASES[case]
    claims = lms.resource_link() | {"nonce": NONCE}
    now = time.time()
    with pytest.raises(LtiError) as caught:
        read(lms, token(lms, claims), expected(lms, now, now - 1))
    assert caught.value.kind.code == code
    assert read(lms, lms.sign(claims), expected(lms, now, now - 1)).sub == "student-1"


def test_all_claims_are_parsed(lms: LmsPlatform) -> None:
    context_title = {"id": "3", "title": " Maths\n\x00 5b ", "label": "M5"}
    claims = claims_at(
        lms,
        context=context_title,
        **{
            MEMBERS: {"context_memberships_url": "https://lms.example/members"},
            LTI + "custom": {"lesson": "4"},
            LTI + "for_user": {"user_id": "f"},
        },
    )
    launch = parse_launch(claims, expected(lms))
    assert launch.message_type == "LtiResourceLinkRequest"
    assert (launch.deployment_id, launch.sub) == ("7", "student-1")
    assert launch.roles == ("http://purl.imsglobal.org/vocab/lis/v2/membership#Learner",)
    assert launch.target_link_uri == f"{TOOL}/lti/launch"
    assert (launch.given_name, launch.family_name) == ("Ada", "Example")
    assert (launch.context_id, launch.context_title) == ("3", "Maths 5b")
    assert (launch.resource_link_id, launch.resource_link_title) == ("11", "Adding fractions")
    assert launch.custom == {"lesson": "4"}
    assert launch.memberships_url == "https://lms.example/members"
    assert launch.for_user == "f"
    assert launch.claims == claims


def test_optional_claims(lms: LmsPlatform) -> None:
    left_out = dict.fromkeys(("given_name", "family_name", "context"), REMOVED)
    launch = parse_launch(claims_at(lms, **left_out), expected(lms))
    assert (launch.given_name, launch.family_name, launch.context_id) == ("", "", "")
    assert (launch.memberships_url, launch.for_user, launch.custom) == ("", "", {})
    label = parse_launch(claims_at(lms, context={"id": "3", "label": "M5"}), expected(lms))
    assert label.context_title == "M5"


@pytest.mark.parametrize(
    ("message_type", "left_out", "reason"),
    [
        ("LtiDeepLinkingRequest", ("resource_link", "target_link_uri"), ""),
        ("LtiDeepLinkingRequest", ("roles",), "no_roles"),
        ("DataPrivacyLaunchRequest", ("resource_link", "target_link_uri", "roles", "context"), ""),
        ("DataPrivacyLaunchRequest", ("sub",), "no_person"),
        ("LtiResourceLinkRequest", ("context",), ""),
    ],
)
def test_required_claims_by_message_type(
    lms: LmsPlatform, message_type: str, left_out: tuple[str, ...], reason: str
) -> None:
    changes = dict.fromkeys(left_out, REMOVED)
    assert verdict(lms, message_type=message_type, **changes) == reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iat": NOW + CLOCK_SKEW_S}, ""),
        ({"iat": NOW + CLOCK_SKEW_S + 1}, "issued_in_future"),
        ({"iat": NOW - 5 - MAX_AGE_BEFORE_LOGIN_S - CLOCK_SKEW_S}, ""),
        ({"iat": NOW - 5 - MAX_AGE_BEFORE_LOGIN_S - CLOCK_SKEW_S - 1}, "issued_before_login"),
        ({"iat": NOW - 30, "exp": NOW - CLOCK_SKEW_S + 1}, ""),
        ({"iat": NOW - 35, "exp": NOW - CLOCK_SKEW_S}, "expired"),
        ({"exp": NOW + MAX_LIFETIME_S}, ""),
        ({"exp": NOW + MAX_LIFETIME_S + 1}, "life_out_of_bounds"),
        ({"exp": NOW}, "life_out_of_bounds"),
        ({"exp": NOW + 1}, ""),
        ({"exp": 1e11}, "no_exp"),
        ({"iat": 0}, "no_iat"),
        ({"iat": 1}, "issued_before_login"),
        ({"nbf": NOW + CLOCK_SKEW_S}, ""),
        ({"nbf": NOW + CLOCK_SKEW_S + 1}, "not_yet_valid"),
        ({"nbf": None}, "no_nbf"),
        ({"sub": "s" * 255}, ""),
        ({"sub": "s" * 256}, "no_sub"),
        ({"sub": "s"}, ""),
        ({"sub": "\x1f"}, "no_sub"),
        ({"sub": "\x7f"}, "no_sub"),
        ({"sub": " ~"}, ""),
        ({"nonce": ""}, "no_nonce"),
        ({"aud": [CLIENT_ID, 1], "azp": CLIENT_ID}, "wrong_aud"),
        ({"aud": ["x"], "azp": CLIENT_ID}, "wrong_aud"),
        ({"aud": [CLIENT_ID]}, "no_azp"),
        ({"aud": [CLIENT_ID], "azp": "x"}, "wrong_azp"),
        ({"iss": "x"}, "wrong_iss"),
        ({"aud": "x"}, "wrong_aud"),
        ({"nonce": "x"}, "wrong_nonce"),
        ({"version": "1"}, "wrong_version"),
        ({"message_type": "x"}, "wrong_message_type"),
        ({"target_link_uri": REMOVED}, "no_target_link_uri"),
        ({"resource_link": {}}, "no_resource_link_id"),
        ({"deployment_id": REMOVED}, "no_deployment_id"),
        ({"context": {"id": 1}}, "no_context_id"),
        ({"context": 1}, "claim_is_no_object"),
        ({"context": None}, ""),
        ({LTI + "custom": None, LTI + "for_user": None, MEMBERS: None}, ""),
        ({"given_name": None, "family_name": None}, ""),
        ({"resource_link": None}, "no_resource_link_id"),
        ({"target_link_uri": None}, "no_target_link_uri"),
        ({"deployment_id": None}, "no_deployment_id"),
        ({"roles": None}, "no_roles"),
        ({"sub": None}, "no_person"),
        ({LTI + "custom": 0}, "claim_is_no_object"),
        ({LTI + "custom": ""}, "claim_is_no_object"),
        ({"roles": []}, ""),
        ({"roles": ["a", 1]}, "no_roles"),
    ],
)
def test_limits(lms: LmsPlatform, changes: dict[str, Any], reason: str) -> None:
    assert verdict(lms, **changes) == reason


@pytest.mark.parametrize(
    ("iat", "exp"),
    [
        (NOW - 5 - 150, NOW - 5 - 150 + 3600),  # Canvas: when its page was shown; for an hour
        (NOW, NOW + 60),  # Moodle: time of the request, valid for a minute
        (NOW - 55, NOW + 5),
    ],
)
def test_times_of_real_platforms(lms: LmsPlatform, iat: int, exp: int) -> None:
    assert verdict(lms, iat=iat, exp=exp) == ""


def test_error_details_name_the_claim(lms: LmsPlatform) -> None:
    with pytest.raises(LtiError) as caught:
        parse_launch(claims_at(lms, context=1), expected(lms))
    assert caught.value.details == {"claim": "context"}


def test_other_messages_ignore_resource_link(lms: LmsPlatform) -> None:
    claims = claims_at(
        lms,
        message_type="LtiDeepLinkingRequest",
        target_link_uri=REMOVED,
        **{MEMBERS: {"context_memberships_url": ["x"]}},
    )
    launch = parse_launch(claims, expected(lms))
    assert (launch.target_link_uri, launch.resource_link_id, launch.memberships_url) == ("",) * 3


def test_time_limit_values() -> None:
    """The values documented in docs/integrator/lti-reference.md."""
    assert (CLOCK_SKEW_S, MAX_AGE_BEFORE_LOGIN_S, MAX_LIFETIME_S) == (30, 300, 86_400)
    assert (MAX_TOKEN_LENGTH, MAX_KID_LENGTH) == (65_536, 255)


def test_texts_are_truncated_and_cleaned(lms: LmsPlatform) -> None:
    launch = parse_launch(
        claims_at(lms, given_name="x" * 500, family_name="\x7f a\tb \x1f", for_user={}),
        expected(lms),
    )
    assert launch.given_name == "x" * 150
    assert launch.family_name == "a b"
    long_id = parse_launch(
        claims_at(lms, **{LTI + "for_user": {"user_id": "u" * 300}}), expected(lms)
    )
    assert long_id.for_user == "u" * 255


def get_reason(text: str) -> str:
    with pytest.raises(LtiError) as caught:
        parse_id_token(text)
    return caught.value.reason


def test_token_length() -> None:
    assert get_reason("a" * MAX_TOKEN_LENGTH) == "not_three_parts"
    assert get_reason("a" * (MAX_TOKEN_LENGTH + 1)) == "too_large"


def test_kid_length(lms: LmsPlatform) -> None:
    for length, fits in ((1, True), (MAX_KID_LENGTH, True), (MAX_KID_LENGTH + 1, False)):
        text = lms.sign({}, kid="k" * length)
        if fits:
            assert parse_id_token(text).kid == "k" * length
        else:
            assert get_reason(text) == "no_kid"


@pytest.mark.parametrize(
    ("header", "body", "reason"),
    [
        ({}, b"{}", ""),
        ({"alg": "ES256"}, b"{}", "algorithm"),
        ({"crit": []}, b"{}", "header_not_understood"),
        ({"enc": "A128GCM"}, b"{}", "header_not_understood"),
        ({"typ": "at+jwt", "jku": "x", "x5c": []}, b"{}", ""),
        ({"kid": None}, b"{}", "no_kid"),
        ({}, b'{"a": 1, "a": 1}', "duplicate_claim"),
        ({}, b'{"a": Infinity}', "not_json"),
        ({}, b'{"a": -Infinity}', "not_json"),
        ({}, b'"a"', "not_json"),
        ({}, b'{"a": "\\u0000"}', "not_json"),
        ({}, b'{"a": ["\\ud800"]}', "not_json"),
        ({}, b"{} {}", "not_json"),
        ({}, b"\xef\xbb\xbf{}", "not_json"),
    ],
)
def test_malformed_headers_and_bodies(
    lms: LmsPlatform, header: dict[str, Any], body: bytes, reason: str
) -> None:
    text = sign_raw({"alg": "RS256", "kid": lms.kid} | header, body, rsa_key("lms"))
    assert (get_reason(text) if reason else parse_id_token(text) and "") == reason


@pytest.mark.parametrize("text", ["", ".", "..", "...", "a.b", "e30.e30.e30.e30", "e30..e30"])
def test_malformed_tokens(text: str) -> None:
    assert get_reason(text) == ("not_base64url" if text.count(".") == 2 else "not_three_parts")


@pytest.mark.parametrize("bits", [2048, 3072])
def test_key_sizes(bits: int) -> None:
    jwk = build_jwk(rsa_key(f"bits-{bits}", bits), "k")
    key = load_public_key(jwk)
    assert key is not None
    assert key.key_size == bits
    bare = {name: jwk[name] for name in ("kty", "n", "e")}
    assert load_public_key(bare) is not None


def test_key_limits() -> None:
    def modulus(bits: int) -> str:
        number = (1 << (bits - 1)) + 1
        return base64url(number.to_bytes((bits + 7) // 8))

    jwk = {"kty": "RSA", "e": "AQAB"}
    usable = {
        bits: load_public_key(jwk | {"n": modulus(bits)}) for bits in (2047, 2048, 8192, 8193)
    }
    assert [key is not None for key in usable.values()] == [False, True, True, False]
    three = load_public_key(jwk | {"e": "Aw", "n": modulus(2048)})
    assert three is not None
    for exponent in ("AQ", "Ag", "AQAAAAE", "AQAAAAA", "", 3):
        assert load_public_key(jwk | {"e": exponent, "n": modulus(2048)}) is None
    assert load_public_key(jwk | {"n": modulus(2048), "use": "enc"}) is None


def test_key_usage() -> None:
    jwk = build_jwk(rsa_key("lms"), "k")
    for operations in (["verify"], ["verify", "sign"]):
        assert load_public_key(jwk | {"key_ops": operations}) is not None
    for wrong in ({"key_ops": ["sign"]}, {"key_ops": "verify"}, {"alg": "RS512"}, {"n": "A"}):
        assert load_public_key(jwk | wrong) is None


def test_unusable_key_is_refused(lms: LmsPlatform) -> None:
    token = parse_id_token(lms.sign({}))
    verify_signature(token, build_jwk(rsa_key("lms"), "k"))
    for jwk, reason in (
        (build_jwk(rsa_key("lms"), "k") | {"use": "enc"}, "unusable_key"),
        (build_jwk(rsa_key("attacker"), "k"), "bad_signature"),
    ):
        with pytest.raises(LtiError) as caught:
            verify_signature(token, jwk)
        assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("", ""),
        (f"{TOOL}", ""),
        (f"{TOOL}/lti/launch", ""),
        (f"{TOOL}/lti/launch?lesson=3", ""),
        (f"{TOOL}/lessons/", ""),
        (f"{TOOL}/privacy/", "no_such_target"),
        (f"{TOOL}/nowhere", "no_such_target"),
        (f"{TOOL}:80/lti/launch", ""),
        ("HTTP://TestServer/lti/launch", ""),
        (f"{TOOL}:443/lti/launch", "foreign_target"),
        (f"{TOOL}:x/lti/launch", "no_such_target"),
        ("http://somebody@testserver/lti/launch", "foreign_target"),
        ("http:///lti/launch", "foreign_target"),
        ("/lti/launch", "foreign_target"),
        ("//testserver/lti/launch", "foreign_target"),
        ("https://testserver/lti/launch", "foreign_target"),
        ("http://[/lti/launch", "no_such_target"),
    ],
)
def test_target_link_uris(uri: str, reason: str) -> None:
    assert target_verdict(uri) == reason


@pytest.mark.parametrize("own", ["https://Tool.example", "https://tool.example:443"])
def test_own_origin_spellings(own: str) -> None:
    validate_target_uri("https://tool.example/lti/launch", own_origin=own)
    with pytest.raises(LtiError):
        validate_target_uri("http://tool.example:443/lti/launch", own_origin=own)


def target_verdict(uri: str) -> str:
    try:
        validate_target_uri(uri, own_origin=TOOL)
    except LtiError as refused:
        return refused.reason if refused.kind is ErrorKind.INVALID_TARGET else str(refused)
    return ""
