import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer_lms.streaming.wire.messages import (
    HEADER,
    FrameHeader,
    InvalidMessage,
    encode_message,
    parse_header,
    parse_text,
)


def test_header_is_sixteen_bytes_big_endian() -> None:
    data = bytes.fromhex("4652 01 03 00000007 00000000000003e8")
    assert HEADER.size == 16
    assert parse_header(data) == FrameHeader(flags=3, seq=7, captured_ms=1000)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"FR\x01",
        HEADER.pack(0x4653, 1, 0, 1, 1),
        HEADER.pack(0x4652, 2, 0, 1, 1),
    ],
)
def test_an_invalid_header_is_none(data: bytes) -> None:
    assert parse_header(data) is None


@given(st.binary(max_size=40), st.booleans())
def test_any_bytes_are_a_header_or_none(data: bytes, is_framed: bool) -> None:
    message = b"FR\x01" + data if is_framed else data
    header = parse_header(message)
    is_complete = len(message) >= HEADER.size and message[:3] == b"FR\x01"
    assert (header is not None) is is_complete
    if header is not None:
        packed = HEADER.pack(0x4652, 1, header.flags, header.seq, header.captured_ms)
        assert packed == message[: HEADER.size]


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "1", '{"type":1}', '{"a":1}', '{"type":"ping"}' + " " * 5000, "[" * 4000),
        # A pong returns `t`: browsers cannot parse an infinite number.
        *(f'{{"type":"ping","t":{number}}}' for number in ("1e999", "-1e999", "NaN", "-Infinity")),
    ],
)
def test_invalid_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidMessage):
        parse_text(text)


def test_encode_puts_the_type_first_and_parses_again() -> None:
    text = encode_message("rate", target_fps=2)
    assert text.startswith('{"type":"rate"')
    assert parse_text(text) == json.loads(text)
