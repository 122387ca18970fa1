"""Floods on a capture socket: one kind of message that no client sends, as often as possible."""

import asyncio
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import websockets

from tests.bench.attack.request_sender import TIMEOUT_S, Attack
from tests.bench.load.demo_client import DemoError

OFFENCE_S = 2.0
FRAME = struct.pack(">HBBIQ", 0x4652, 1, 3, 1, 5)


@dataclass(frozen=True)
class Raw:
    """Bytes below the WebSocket protocol."""

    content: bytes


Message = Callable[[int], str | bytes | Raw]
OFFENCES: dict[str, Message] = {
    "empty binary": lambda n: b"",
    "no header": lambda n: b"x" * 16,
    "header only": lambda n: FRAME,
    "wrong JPEG": lambda n: struct.pack(">HBBIQ", 0x4652, 1, 3, n + 1, n) + b"\xff\xd8" * 500,
    "largest seq": lambda n: struct.pack(">HBBIQ", 0x4652, 1, 3, 2**32 - 1, 2**63) + b"\xff\xd8",
    "too large": lambda n: FRAME + bytes(200_000),
    "above a mebibyte": lambda n: bytes(2**20 + 1),
    "not JSON": lambda n: "x" * 4000,
    "nested": lambda n: "[" * 4000,
    "surrogate": lambda n: '{"type":"ping","t":"\\ud800"}',
    "unknown type": lambda n: '{"type":"dance"}',
    "ping": lambda n: '{"type":"ping","t":1}',
    "ping with an object": lambda n: '{"type":"ping","t":{}}',
    "visibility": lambda n: '{"type":"visibility","visible":false}',
    "client_drops": lambda n: '{"type":"client_drops","busy":1e99,"hidden":-1}',
    "hint_response": lambda n: '{"type":"hint_response","hint_id":1,"answer":"\\u0000"}',
    "scores": lambda n: '{"type":"scores","seq":1e400}',
    "long text": lambda n: '{"type":"ping","t":"' + "a" * 100_000 + '"}',
    "text that is not UTF-8": lambda n: Raw(b"\x81\x82\0\0\0\0\xed\xa0"),
    "reserved bits": lambda n: Raw(b"\xf2\x80\0\0\0\0"),
    "unknown opcode": lambda n: Raw(b"\x83\x80\0\0\0\0"),
    "no mask": lambda n: Raw(b"\x82\x01a"),
    "continuation of nothing": lambda n: Raw(b"\x80\x81\0\0\0\0a"),
    "fragments without an end": lambda n: Raw((b"\x00" if n else b"\x02") + b"\x81\0\0\0\0a"),
    "long ping": lambda n: Raw(b"\x89\xfe\x01\x00\0\0\0\0" + b"a" * 256),
    "64 bits of length": lambda n: Raw(b"\x82\xff\x7f" + b"\xff" * 7 + b"\0\0\0\0"),
    "close with a wrong code": lambda n: Raw(b"\x88\x82\0\0\0\0\x00\x01"),
}


async def commit_offence(attack: Attack, name: str, ticket: str) -> int:
    """Send one kind of message until the socket closes or the time is over; return the code."""
    uri = f"ws://127.0.0.1:{attack.stack.port}/ws/capture/"
    protocols: Any = ["fer.capture.v1", f"ticket.{ticket}"]
    async with websockets.connect(uri, subprotocols=protocols, close_timeout=2) as socket:
        ended = time.monotonic() + OFFENCE_S
        number = 0
        try:
            while time.monotonic() < ended and not socket.transport.is_closing():
                message = OFFENCES[name](number)
                if isinstance(message, Raw):
                    socket.transport.write(message.content)
                else:
                    await socket.send(message)
                number += 1
                attack.result.messages += 1
                await asyncio.sleep(0)
        except (websockets.ConnectionClosed, OSError):
            pass
    return socket.close_code or 0


def commit_offences(attack: Attack, count: int) -> None:
    names = list(OFFENCES)
    for number in range(count):
        name = names[number % len(names)]
        try:
            ticket = attack.people["student"].create_ticket()["ticket"]
        except DemoError as error:
            attack.result.failures.append(f"no ticket after {name}: {error}")
            continue
        started = time.monotonic()
        try:
            code = asyncio.run(
                asyncio.wait_for(commit_offence(attack, name, ticket), OFFENCE_S + TIMEOUT_S)
            )
        except (TimeoutError, websockets.WebSocketException, OSError) as error:
            attack.result.failures.append(f"socket {name}: {type(error).__name__}")
            continue
        attack.result.offences += 1
        attack.result.close_codes[code] += 1
        attack.report()
        if time.monotonic() - started > OFFENCE_S + TIMEOUT_S / 2:
            attack.result.failures.append(f"hang: socket {name}")
        attack.check_alive(f"socket {name}")
