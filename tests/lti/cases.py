"""Launches that must be refused: how each token is made, and the expected error code."""

import json
import time
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

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

NOW = time.time
HEADER = {"alg": "RS256", "typ": "JWT"}
Token = Callable[[LmsPlatform, Claims], str]


def signed(**changes: Any) -> Token:
    """Build a correctly signed token with changed claims."""
    return lambda lms, claims: lms.sign(changed(claims, changes))


def at(*, iat: float = 0, exp: float = 60, **more: float) -> Token:
    """Build a correctly signed token with times in seconds from now."""
    times = {"iat": iat, "exp": exp} | more
    return lambda lms, claims: lms.sign(
        claims | {name: int(NOW() + offset) for name, offset in times.items()}
    )


def headed(**header: Any) -> Token:
    """Build a token signed with the right key and another header; None omits a parameter."""
    return lambda lms, claims: lms.sign(claims, **header)


def raw(body: Callable[[Claims], bytes]) -> Token:
    """Build a correctly signed token that no library would produce."""
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
    """Combine a teacher's claims with a student's signature."""
    header, _, signature = lms.sign(claims).split(".")
    teacher = changed(claims, {"roles": ["Instructor"]})
    return f"{header}.{base64url(json.dumps(teacher).encode())}.{signature}"


def own_key_in_header(name: str, value: Callable[[LmsPlatform], Any]) -> Token:
    """Offer the attacker's own key in the header."""
    return lambda lms, claims: lms.sign(claims, key=rsa_key("attacker"), **{name: value(lms)})


def another_platforms_kid(lms: LmsPlatform, claims: Claims) -> str:
    """Sign with the key of another registered platform."""
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
    return lambda lms, claims: change(*lms.sign(claims).split("."))


def other_spelling(header: str, body: str, signature: str) -> str:
    """Set the four unused bits in the last character of a 2048-bit signature."""
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
    "no user": (signed(sub=REMOVED), "LTI-17"),
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
        own_key_in_header("jwk", lambda lms: build_jwk(rsa_key("attacker"), lms.kid)),
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
    "issued long before the login": (at(iat=-400), "LTI-06"),
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
    "sub is null": (signed(sub=None), "LTI-17"),
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
