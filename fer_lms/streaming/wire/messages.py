"""Parsing and encoding of the messages of `fer.capture.v1`."""

import json
import struct
from dataclasses import dataclass
from typing import Any, Final

from fer_lms.json_input import InvalidJson, JsonLimits, JsonTooLarge, parse_json

SUBPROTOCOL: Final = "fer.capture.v1"
TICKET_PREFIX: Final = "ticket."
HEADER: Final = struct.Struct(">HBBIQ")
MAGIC: Final = 0x4652
VERSION: Final = 1
TEXT_LIMITS: Final = JsonLimits(max_bytes=4096, max_values=200, max_depth=4, checks_integers=False)

CLOSE_BUSY: Final = 1013
CLOSE_TICKET: Final = 4401
CLOSE_FORBIDDEN: Final = 4403
CLOSE_IDLE: Final = 4408
CLOSE_REPLACED: Final = 4409
CLOSE_TOO_LARGE: Final = 4413
CLOSE_TOO_FAST: Final = 4429


class InvalidMessage(Exception):
    """A text message that the protocol does not define."""


@dataclass(frozen=True, slots=True)
class FrameHeader:
    flags: int
    seq: int
    captured_ms: int


def parse_header(data: bytes) -> FrameHeader | None:
    """Parse the 16-byte header of a binary message; None if it is not valid."""
    if len(data) < HEADER.size:
        return None
    magic, version, flags, seq, captured_ms = HEADER.unpack_from(data)
    if magic != MAGIC or version != VERSION:
        return None
    return FrameHeader(flags, seq, captured_ms)


def parse_text(text: str) -> dict[str, Any]:
    """Parse a JSON object with a `type`. Raises InvalidMessage."""
    try:
        message = parse_json(text, TEXT_LIMITS)
    except JsonTooLarge as error:
        raise InvalidMessage("message too long") from error
    except InvalidJson as error:
        raise InvalidMessage("not JSON") from error
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise InvalidMessage("no type")
    return message


def encode_message(kind: str, /, **fields: object) -> str:
    return json.dumps({"type": kind, **fields}, separators=(",", ":"))
