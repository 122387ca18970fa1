"""Parsing of JSON from outside, with limits on bytes, values and depth.

The limits are checked before any object is built, so that the cost of a document is bounded by its
size. What passes can be stored and sent back: no lone surrogate, no NUL, no infinite number.
"""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MAX_INTEGER = 2**63 - 1
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
"""A string, or the rest of a document that ends within one: every character is read once."""
_DUBIOUS_ESCAPE = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")
_UNUSABLE_TEXT = re.compile("[\x00\ud800-\udfff]")


class InvalidJson(ValueError):
    """The document is not JSON or exceeds a limit. The message contains no part of it."""


class JsonTooLarge(InvalidJson):
    """The document has too many bytes."""


@dataclass(frozen=True, slots=True)
class JsonLimits:
    max_bytes: int = 512 * 1024
    max_values: int = 10_000
    """Numbers, strings, objects and arrays, counting names as values."""
    max_depth: int = 16
    checks_integers: bool = True
    """False where the caller checks the range of each integer itself."""


DEFAULT_LIMITS = JsonLimits()


def parse_json(data: bytes | str, limits: JsonLimits = DEFAULT_LIMITS) -> Any:
    """Parse a JSON document in UTF-8.

    Raises:
        InvalidJson: It is not JSON, exceeds a limit, or contains a lone surrogate, a NUL or a
            number that no column can store.
    """
    if len(data) > limits.max_bytes:
        raise JsonTooLarge(f"The JSON document has more than {limits.max_bytes} bytes.")
    try:
        text = data if isinstance(data, str) else data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidJson("The text is not UTF-8.") from error
    _check_structure(text, limits)
    try:
        value = json.loads(
            text,
            parse_int=_parse_integer if limits.checks_integers else None,
            parse_float=_parse_float,
            parse_constant=_refuse_constant,
        )
    except InvalidJson:
        raise
    except (ValueError, RecursionError) as error:
        raise InvalidJson("The text is not valid JSON.") from error
    if _DUBIOUS_ESCAPE.search(text) or _UNUSABLE_TEXT.search(text):
        _check_text(value)
    return value


def _check_structure(text: str, limits: JsonLimits) -> None:
    """Count values and depth without building objects; strings are skipped."""
    structure = _STRING.sub("", text)
    separators = sum(structure.count(character) for character in "[{,:")
    if separators > limits.max_values:
        raise InvalidJson(f"The JSON document has more than {limits.max_values} values.")
    depth = 0
    for bracket in re.findall(r"[\[\]{}]", structure):
        depth += 1 if bracket in "[{" else -1
        if depth > limits.max_depth:
            raise InvalidJson(f"The JSON document is nested deeper than {limits.max_depth}.")


def _parse_integer(text: str) -> int:
    if len(text) > 20 or abs(int(text)) > MAX_INTEGER:
        raise InvalidJson("A number in the JSON document is too large.")
    return int(text)


def _parse_float(text: str) -> float:
    if len(text) > 400 or not math.isfinite(number := float(text)):
        raise InvalidJson("A number in the JSON document is too large.")
    return number


def _refuse_constant(name: str) -> float:
    raise InvalidJson("NaN and Infinity are not JSON.")


def _check_text(value: Any) -> None:
    if any(_UNUSABLE_TEXT.search(text) for text in _iterate_texts(value)):
        raise InvalidJson("The JSON document contains characters that are not text.")


def _iterate_texts(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            waiting += [*item, *item.values()]
        elif isinstance(item, list):
            waiting += item
