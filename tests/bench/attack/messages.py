"""Random texts on a capture socket: known types with values that no client sends."""

import asyncio
import json
import random
from typing import Any

import websockets

from fer_lms.streaming.wire.device_scores import LABELS_VERSION
from inference.models.released import list_released_models
from inference.results import LABELS, QUALITIES, SIGNS
from tests.bench.attack.request_sender import MARK, TIMEOUT_S, Attack
from tests.bench.load.demo_client import DemoError

MESSAGES_PER_SOCKET = 36
"""Below the allowance of 40 texts at once: each of them is parsed."""
CLOSE_CODES = (1000, 1009, 1012, 1013, 4403, 4408, 4409, 4413, 4429)
"""Codes of docs/integrator/protocol.md, and of a socket that the client closes."""
FIELDS = [
    *("type", "t", "visible", "on", "busy", "hidden", "hint_id", "answer", "seq", "captured_ms"),
    *("scores", "quality", "model", "pose", "signs", "labels_version", "unknown", "__class__"),
]
VALUES = [
    *("null", "true", "false", '""', "0", "-0", "1", "-1", "0.5", "[]", "{}", "[[]]", '{"":{}}'),
    *("NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1e-999", "1E400", "0x10", "1_000", "01"),
    *("9" * 30, "9" * 4_000, "-" + "9" * 300, "9223372036854775808", "-9223372036854775809"),
    *("18446744073709551616", "4294967296", "4294967295", "1" + "0" * 308, "1" + "0" * 309),
    *('"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', '"\\u202e"', '"\\uffff"', '"\u0663"', '"\\x"'),
    *(
        "[" * 4 + "]" * 4,
        "[" * 5 + "]" * 5,
        "[" * 1_000,
        '{"a":' * 3 + "1" + "}" * 3,
        '"' + "'" * 50,
    ),
    *("[" + "1," * 150 + "1]", "[" + "1," * 300 + "1]", "[0,0,0]", "[1e999,0,0]", "[null]"),
    f'"{MARK}"',
    f'"{MARK}{"a" * 3_000}"',
    f'{{"{MARK}":"{MARK}"}}',
]


def make_samples() -> dict[str, list[dict[str, Any]]]:
    """Return acceptable messages of each mode of a socket."""
    [*_, model] = (model.sha256 for model in list_released_models()[1].values())
    texts: list[dict[str, Any]] = [
        {"type": "pause"},
        {"type": "resume"},
        {"type": "visibility", "visible": True},
        {"type": "show_readings", "on": True},
        {"type": "ping", "t": 1},
        {"type": "client_drops", "busy": 1, "hidden": 1},
        {"type": "hint_response", "hint_id": 1, "answer": "helped"},
    ]
    scores = {
        "type": "scores",
        "seq": 1,
        "captured_ms": 1,
        "labels_version": LABELS_VERSION,
        "model": model,
        "quality": QUALITIES[0],
        "scores": [1.0] + [0.0] * (len(LABELS) - 1),
        "pose": [0, 0, 0],
        "signs": dict.fromkeys(SIGNS, 0.0),
    }
    return {"frames": texts, "lesson": texts, "scores": [*texts, *[scores] * 9]}


def make_message(rng: random.Random, samples: list[dict[str, Any]], number: int) -> str:
    """Return JSON with one to three hostile values, sometimes cut or followed by more."""
    message = {name: json.dumps(value) for name, value in rng.choice(samples).items()}
    if "seq" in message:
        message["seq"] = message["captured_ms"] = str(number * 200)
    names = [name for name in message if name != "type"] or FIELDS
    for _ in range(rng.choice((1, 1, 2, 3))):
        message[rng.choice(names if rng.random() < 0.7 else FIELDS)] = rng.choice(VALUES)
    if rng.random() < 0.2 and message.get("scores", "").startswith("[1.0"):
        message["scores"] = json.dumps([rng.random() for _ in LABELS]).replace("0.", "1e", 1)
    text = "{" + ",".join(f'"{name}":{value}' for name, value in message.items()) + "}"
    if rng.random() < 0.05:
        return text[: rng.randrange(len(text))] + rng.choice(("", "\ufeff", "}" * 9, text))
    return text


def send_messages(attack: Attack, sockets: int) -> None:
    """Open sockets of every mode; each gets random texts, and every answer must be JSON."""
    samples = make_samples()
    for number in range(sockets):
        mode = ("scores", "frames", "lesson")[number % 3]
        try:
            ticket = attack.people["student"].create_ticket(mode)["ticket"]
        except DemoError as error:
            attack.result.failures.append(f"no ticket for {mode}: {error}")
            continue
        texts = [
            make_message(attack.random, samples[mode], index)
            for index in range(1, MESSAGES_PER_SOCKET + 1)
        ]
        before = attack.get_cpu_s()
        try:
            code = asyncio.run(asyncio.wait_for(_send_texts(attack, ticket, texts), TIMEOUT_S))
        except (TimeoutError, websockets.WebSocketException, OSError, ValueError) as error:
            attack.result.failures.append(f"{mode} socket {number}: {error!r:.300}")
            continue
        attack.result.add_request(f"texts on a {mode} socket", 101, attack.get_cpu_s() - before)
        attack.result.offences += 1
        attack.result.close_codes[code] += 1
        if code not in CLOSE_CODES:
            attack.result.failures.append(f"{mode} socket {number}: closed with {code}")
        attack.check_alive(f"{mode} socket {number}")
        attack.report()


async def _send_texts(attack: Attack, ticket: str, texts: list[str]) -> int:
    """Send the texts, then a ping; return the code of the close.

    Raises:
        ValueError: An answer is not JSON.
    """
    uri = f"ws://127.0.0.1:{attack.stack.port}/ws/capture/"
    protocols: Any = ["fer.capture.v1", f"ticket.{ticket}"]
    async with websockets.connect(uri, subprotocols=protocols, close_timeout=2) as socket:
        try:
            _parse(await socket.recv())  # the welcome
            for text in [*texts, '{"type":"ping","t":"last"}']:
                await socket.send(text)
                attack.result.messages += 1
            while _parse(await socket.recv()).get("t") != "last":
                pass
        except websockets.ConnectionClosed:
            pass
    return socket.close_code or 0


def _parse(text: str | bytes) -> dict[str, Any]:
    """Parse as browsers do, which know neither NaN nor Infinity."""
    message: dict[str, Any] = json.loads(text, parse_constant=_refuse)
    return message


def _refuse(name: str) -> float:
    raise ValueError(f"{name} in an answer")
