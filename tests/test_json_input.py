"""JSON from outside: what is accepted, what is refused before an object is built."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer_lms.json_input import InvalidJson, JsonLimits, JsonTooLarge, parse_json

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda children: st.lists(children) | st.dictionaries(TEXT, children),
    max_leaves=30,
)


@given(VALUES)
def test_ordinary_documents_are_parsed(value: object) -> None:
    limits = JsonLimits(max_depth=100)
    assert parse_json(json.dumps(value).encode(), limits) == value
    assert parse_json(json.dumps(value, ensure_ascii=False), limits) == value


@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "replace")))
def test_other_bytes_are_parsed_or_refused(data: bytes) -> None:
    try:
        value = parse_json(data)
    except InvalidJson:
        return
    assert json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


@pytest.mark.parametrize(
    "text",
    [
        '"\\ud800"',
        '{"\\udfff": 1}',
        '["a", {"b": ["\\ud83d"]}]',
        '"\\u0000"',
        "NaN",
        "-Infinity",
        "1e999",
        "[" * 2000,
        "[" * 17 + "]" * 17,
        '{"a":' * 2000,
        str(2**63),
        "9" * 5000,
        "1." + "1" * 5000,
        '"unfinished',
        "[1,]",
        "",
    ],
)
def test_unusable_document_is_refused(text: str) -> None:
    with pytest.raises(InvalidJson) as refused:
        parse_json(text)
    assert len(str(refused.value)) < 100


def test_escaped_pair_of_surrogates_is_text() -> None:
    assert parse_json('"\\ud83d\\ude00"') == "\N{GRINNING FACE}"


def test_brackets_in_strings_are_not_counted() -> None:
    assert parse_json(json.dumps(["[[[{,:" * 5000 + '\\"'])) == ["[[[{,:" * 5000 + '\\"']


def test_document_with_too_many_values_is_refused() -> None:
    limits = JsonLimits(max_values=100)
    assert parse_json(json.dumps([1] * 90), limits)
    documents: list[object] = [[1] * 102, [[]] * 102, [{}] * 102, {str(n): 1 for n in range(60)}]
    for value in documents:
        with pytest.raises(InvalidJson, match="more than 100 values"):
            parse_json(json.dumps(value), limits)


def test_document_with_too_many_bytes_is_refused() -> None:
    with pytest.raises(JsonTooLarge):
        parse_json(b'"' + b"a" * 100 + b'"', JsonLimits(max_bytes=100))


@pytest.mark.parametrize("unit", ['"\\', '"', "[", "[{", "\\", '"\\"', '{"a":[', "1,", "\\u0000"])
def test_cost_is_bounded_by_the_size(unit: str) -> None:
    started = time.thread_time()
    with pytest.raises(InvalidJson):
        parse_json(unit * (500_000 // len(unit)))
    assert time.thread_time() - started < 2
