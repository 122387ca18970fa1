import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer_lms.lessons.marking import Key, NoAnswer, is_right, parse_number

FIVE_SIXTHS = Key(kind="number", number=5 / 6, tolerance=0.005)


@pytest.mark.parametrize(
    "answer", ["5/6", " 5 / 6 ", "0.83", "0,83", "10/12", "5\N{FRACTION SLASH}6"]
)
def test_number_is_right_in_any_notation(answer: str) -> None:
    assert is_right(FIVE_SIXTHS, answer)


@pytest.mark.parametrize("answer", ["2/5", "6/5", "-5/6", "0.8", "56"])
def test_other_number_is_wrong(answer: str) -> None:
    assert not is_right(FIVE_SIXTHS, answer)


@pytest.mark.parametrize(
    "answer", ["", "  ", "five", "1/0", "nan", "inf", "1e999", "5/6/7", "x" * 201]
)
def test_text_without_number_is_no_answer(answer: str) -> None:
    with pytest.raises(NoAnswer):
        is_right(FIVE_SIXTHS, answer)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1 1/2", 1.5),
        ("-1 1/2", -1.5),
        ("½", 0.5),
        ("1 000", 1000.0),
        ("\N{MINUS SIGN}3", -3.0),
        ("1.2e3", 1200),
    ],
)
def test_parse_number(written: str, number: float) -> None:
    assert parse_number(written) == number


def test_text_ignores_case_spacing_and_full_stop() -> None:
    key = Key(kind="text", accepted=["the whole", "one"])
    assert is_right(key, " The  whole. ")
    assert not is_right(key, "the hole")


@pytest.mark.parametrize("answer", ["2", "-1", "one", "1.0", "\N{ARABIC-INDIC DIGIT ZERO}"])
def test_choice_must_be_valid_index(answer: str) -> None:
    with pytest.raises(NoAnswer):
        is_right(Key(kind="choice", choices=[False, True]), answer)


def test_right_choice() -> None:
    key = Key(kind="choice", choices=[False, True])
    assert (is_right(key, "1"), is_right(key, "0")) == (True, False)


@given(st.text(max_size=60))
def test_arbitrary_text_is_number_or_no_answer(text: str) -> None:
    with suppress(NoAnswer):
        assert math.isfinite(parse_number(text))
