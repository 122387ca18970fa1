"""Strict parsing and verification of an id_token (JWS compact serialisation, RFC 7515).

Only RS256 is accepted (IMS Security Framework 1.0, section 5.1.3). Keys come from the platform's
registered key set alone; key headers (`jku`, `jwk`, `x5u`, `x5c`) are ignored.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from fer_lms.lti.protocol.errors import ErrorKind, LtiError

MAX_TOKEN_LENGTH = 64 * 1024
MAX_KID_LENGTH = 255
MIN_KEY_BITS = 2048
MAX_KEY_BITS = 8192
"""Verification cost grows with the key; no platform uses more."""
MAX_EXPONENT = 2**32
BASE64URL = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
UNSUPPORTED_HEADERS = ("crit", "b64", "zip", "enc")
"""Header parameters that change how the rest is read (RFC 7515, section 4.1.11)."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class IdToken:
    """A parsed, unverified token. `signed` is the JWS signing input."""

    kid: str
    claims: Json
    signed: bytes
    signature: bytes


def parse_id_token(text: str) -> IdToken:
    """Parse a compact JWS without verifying its signature.

    Raises:
        LtiError: The text is not a well-formed RS256 token.
    """
    if len(text) > MAX_TOKEN_LENGTH:
        _fail("too_large")
    parts = text.split(".")
    if len(parts) != 3:
        _fail("not_three_parts")
    header, claims, signature = (_decode_base64url(part) for part in parts)
    signed = text.rpartition(".")[0].encode("ascii")
    return IdToken(_parse_kid(_parse_object(header)), _parse_object(claims), signed, signature)


def verify_signature(token: IdToken, jwk: Json) -> None:
    """Verify the token's RS256 signature with a public JWK.

    Raises:
        LtiError: The key is unusable or the signature does not match.
    """
    key = load_public_key(jwk)
    if key is None:
        _fail("unusable_key")
    try:
        key.verify(token.signature, token.signed, PKCS1v15(), SHA256())
    except InvalidSignature:
        _fail("bad_signature")


def load_public_key(jwk: Json) -> RSAPublicKey | None:
    """Load an RSA signature key from a JWK (RFC 7517); None if it must not verify signatures."""
    if jwk.get("kty") != "RSA" or jwk.get("use", "sig") != "sig":
        return None
    if jwk.get("alg", "RS256") != "RS256":
        return None
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        return None
    modulus, exponent = _decode_integer(jwk.get("n")), _decode_integer(jwk.get("e"))
    if not MIN_KEY_BITS <= modulus.bit_length() <= MAX_KEY_BITS:
        return None
    if not 3 <= exponent < MAX_EXPONENT or modulus % 2 == 0:
        return None
    try:
        return RSAPublicNumbers(exponent, modulus).public_key()
    except ValueError:
        return None


def _parse_kid(header: Json) -> str:
    if header.get("alg") != "RS256":
        _fail("algorithm")
    if any(name in header for name in UNSUPPORTED_HEADERS):
        _fail("header_not_understood")
    kid = header.get("kid")
    if not isinstance(kid, str) or not 1 <= len(kid) <= MAX_KID_LENGTH:
        _fail("no_kid")
    return kid


def _decode_base64url(part: str) -> bytes:
    """Decode unpadded base64url, in its canonical spelling only."""
    if not BASE64URL.fullmatch(part):
        _fail("not_base64url")
    try:
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error:
        _fail("not_base64url")
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != part:
        _fail("not_base64url")
    return raw


def _parse_object(raw: bytes) -> Json:
    """Parse a JSON object without duplicate names, NaN, or text that a database cannot store."""
    try:
        text = raw.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_build_unique, parse_constant=_reject_constant)
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # fails on lone surrogates
    except (ValueError, RecursionError):
        _fail("not_json")
    if not isinstance(value, dict) or "\\u0000" in text:
        _fail("not_json")
    return value


def _build_unique(pairs: list[tuple[str, Any]]) -> Json:
    value = dict(pairs)
    if len(value) != len(pairs):
        _fail("duplicate_claim")
    return value


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _decode_integer(text: object) -> int:
    """Decode a JWK's Base64urlUInt (RFC 7518, section 2); 0 if malformed."""
    if not isinstance(text, str) or not BASE64URL.fullmatch(text):
        return 0
    try:
        return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except binascii.Error:
        return 0


def _fail(reason: str) -> NoReturn:
    raise LtiError(ErrorKind.INVALID_TOKEN, reason)
