"""One signed message (JWT), read strictly: RS256, three parts, JSON without surprises.

What it says about its own key (`jku`, `jwk`, `x5u`, `x5c`) is never looked at: keys come from the
registration of the platform alone.
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

from fer_lms.lti.protocol.refusals import LaunchRefused, Refusal

LONGEST_TOKEN = 64 * 1024
LONGEST_KID = 255
SMALLEST_KEY_BITS = 2048
LARGEST_KEY_BITS = 8192
"""A larger one would cost more to check than anybody needs."""
LARGEST_EXPONENT = 2**32
BASE64URL = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
NOT_UNDERSTOOD = ("crit", "b64", "zip", "enc")
"""Headers that change what the rest means; RFC 7515 asks to refuse what is not understood."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Token:
    kid: str
    claims: Json
    signed: bytes
    signature: bytes


def token_of(text: str) -> Token:
    """The parts of a token, nothing of it trusted yet. Raises LaunchRefused."""
    if len(text) > LONGEST_TOKEN:
        _refuse("too_large")
    parts = text.split(".")
    if len(parts) != 3:
        _refuse("not_three_parts")
    header, claims, signature = (_decoded(part) for part in parts)
    signed = text.rpartition(".")[0].encode("ascii")
    return Token(_kid_of(_json_object(header)), _json_object(claims), signed, signature)


def check_signature(token: Token, jwk: Json) -> None:
    """Raises LaunchRefused unless this key signed exactly these bytes."""
    key = public_key_of(jwk)
    if key is None:
        _refuse("unusable_key")
    try:
        key.verify(token.signature, token.signed, PKCS1v15(), SHA256())
    except InvalidSignature:
        _refuse("bad_signature")


def public_key_of(jwk: Json) -> RSAPublicKey | None:
    """An RSA key that may sign messages to us, or None. Certificates in it are not looked at."""
    if jwk.get("kty") != "RSA" or jwk.get("use", "sig") != "sig":
        return None
    if jwk.get("alg", "RS256") != "RS256":
        return None
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        return None
    modulus, exponent = _number(jwk.get("n")), _number(jwk.get("e"))
    if not SMALLEST_KEY_BITS <= modulus.bit_length() <= LARGEST_KEY_BITS:
        return None
    if not 3 <= exponent < LARGEST_EXPONENT or modulus % 2 == 0:
        return None
    try:
        return RSAPublicNumbers(exponent, modulus).public_key()
    except ValueError:
        return None


def _kid_of(header: Json) -> str:
    if header.get("alg") != "RS256":
        _refuse("algorithm")
    if any(name in header for name in NOT_UNDERSTOOD):
        _refuse("header_not_understood")
    kid = header.get("kid")
    if not isinstance(kid, str) or not 1 <= len(kid) <= LONGEST_KID:
        _refuse("no_kid")
    return kid


def _decoded(part: str) -> bytes:
    """Base64url without padding, in its one canonical spelling."""
    if not BASE64URL.fullmatch(part):
        _refuse("not_base64url")
    try:
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error:
        _refuse("not_base64url")
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != part:
        _refuse("not_base64url")
    return raw


def _json_object(raw: bytes) -> Json:
    """Each name once, no NaN, and no text that a database cannot keep."""
    try:
        text = raw.decode("utf-8")
        found = json.loads(text, object_pairs_hook=_each_once, parse_constant=_no_constant)
        json.dumps(found, ensure_ascii=False).encode("utf-8")  # lone surrogates end here
    except (ValueError, RecursionError):
        _refuse("not_json")
    if not isinstance(found, dict) or "\\u0000" in text:
        _refuse("not_json")
    return found


def _each_once(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        _refuse("duplicate_claim")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _number(text: object) -> int:
    """A JWK's big number; 0 for what is none."""
    if not isinstance(text, str) or not BASE64URL.fullmatch(text):
        return 0
    try:
        return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except binascii.Error:
        return 0


def _refuse(reason: str) -> NoReturn:
    raise LaunchRefused(Refusal.TOKEN, reason)
