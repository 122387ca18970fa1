"""Properties of marking over scripts, separators, quotes, signs and units.

`EXAMPLES` cases for each of the eight properties; FER_MARKING_EXAMPLES sets another number.
"""

import os
import unicodedata
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fer_lms.lessons.marking import AmbiguousNumber, Key, NoAnswer, is_right, parse_number
from fer_lms.lessons.normalization import normalize_text

EXAMPLES = int(os.environ.get("FER_MARKING_EXAMPLES", "150"))
many = settings(max_examples=EXAMPLES)

ZEROS = [chr(point) for point in range(0x110000) if unicodedata.decimal(chr(point), -1) == 0]
"""The zero of every script with decimal digits: ASCII, Arabic-Indic, Devanagari, fullwidth, …"""
MINUS_SIGNS = "-\u2212\u2013\u2010\u2011\ufe63\uff0d"
INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u061c\u2060\ufeff\u202a\u202c\u2066\u2069"
SPACES = " \u00a0\u2009\u202f\u2007\u3000\t"
APOSTROPHES = "'\u2019\u2018\u02bc\uff07\u2032`\u00b4"
QUOTES = '"\u201c\u201d\u201e\u00ab\u00bb\uff02\u2033'
HYPHENS = "-\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
VULGAR = {"½": (1, 2), "¼": (1, 4), "¾": (3, 4), "⅓": (1, 3), "⅔": (2, 3), "⅛": (1, 8), "⅝": (5, 8)}
CURRENCIES = "$\u20ac\u00a3\u00a5\u20b9\u20bd\u20ba"
UNITS = ["m²", "cm²", "m³", "km²", "µm", "µm²", "Ω", "℃", "°C", "kg", "㎏", "%", "㎡", "ft²"]


def to_script(text: str, zero: str) -> str:
    return "".join(chr(ord(zero) + int(c)) if c in "0123456789" else c for c in text)


@st.composite
def sprinkled(draw: st.DrawFn, text: str) -> str:
    """Add characters that nobody sees anywhere in a text."""
    places = draw(st.lists(st.integers(0, len(text)), max_size=3))
    for place in sorted(places, reverse=True):
        text = text[:place] + draw(st.sampled_from(INVISIBLE)) + text[place:]
    return text


@st.composite
def written_decimals(draw: st.DrawFn) -> tuple[str, float, str]:
    """Return a decimal number as somebody may write it, its value, and the lesson's language."""
    whole = draw(st.integers(0, 10**9))
    decimals = draw(st.one_of(st.just(""), st.from_regex(r"[0-9]{1,6}", fullmatch=True)))
    language, point, groups = draw(
        st.sampled_from(
            [
                *(("en", ".", group) for group in ("", ",", *SPACES[:4], "'", "\u2019", "\u066c")),
                *(("de", ",", group) for group in ("", ".", *SPACES[:4], "'")),
                ("ar", "\u066b", "\u066c"),
            ]
        )
    )
    sign = draw(st.sampled_from(["", "+", *MINUS_SIGNS]))
    integer = f"{whole:,}".replace(",", groups)
    text = integer + (point + decimals if decimals else "")
    value = float(f"{whole}.{decimals or 0}") * (-1 if sign and sign in MINUS_SIGNS else 1)
    text = to_script(text, draw(st.sampled_from(ZEROS)))
    gap = draw(st.sampled_from(["", *SPACES])) if sign else ""
    around = draw(st.sampled_from(["", *SPACES]))
    return draw(sprinkled(f"{around}{sign}{gap}{text}{around}")), value, language


@many
@given(written_decimals())
def test_decimal_in_any_script_and_notation(case: tuple[str, float, str]) -> None:
    text, value, language = case
    assert parse_number(text, language=language) == value
    assert is_right(Key(kind="number", number=value, language=language), text)


@many
@given(
    written_decimals(),
    st.sampled_from(["", "=", "= ", "x = ", "x=", "y ="]),
    st.sampled_from(["", ".", ",", ";", "?", " .", "...", "\u2026", "\u061b", "\u3002"]),
    st.booleans(),
)
def test_decimal_in_a_sentence(
    case: tuple[str, float, str], before: str, after: str, in_brackets: bool
) -> None:
    """Written as an equation, in brackets, at the end of a sentence: the same number."""
    text, value, language = case
    whole = f"({text})" if in_brackets else f"{before}{text}{after}"
    assert parse_number(whole, language=language) == value
    assert normalize_text(f"{text}!") != normalize_text(text)  # a factorial


@many
@given(
    whole=st.integers(1, 10**7),
    decimals=st.from_regex(r"[0-9]{0,4}", fullmatch=True).filter(lambda text: len(text) != 3),
    form=st.sampled_from([("en", ".", ","), ("de", ",", "."), ("fr", ",", "\u202f")]),
    unit=st.sampled_from(["kg", "m/s2", "%", "\u00b0C", *CURRENCIES]),
    space=st.sampled_from(["", " ", "\u00a0", "\u2009"]),
    zero=st.sampled_from(ZEROS),
    is_first=st.booleans(),
)
def test_amount_in_any_separators_and_place_of_the_currency(
    whole: int,
    decimals: str,
    form: tuple[str, str, str],
    unit: str,
    space: str,
    zero: str,
    is_first: bool,
) -> None:
    language, point, groups = form
    plain = f"{whole}.{decimals}" if decimals else str(whole)
    grouped = f"{whole:,}".replace(",", groups) + (f"{point}{decimals}" if decimals else "")
    number = to_script(grouped, zero)
    typed = f"{number}{space}{unit}"
    if is_first and unit in CURRENCIES:
        typed = f"{unit}{space}{number}"
    key = Key("text", accepted=[f"{plain} {unit}"], language=language)
    assert is_right(key, typed)
    assert not is_right(key, typed.replace(number, number + to_script("1", zero)))


@many
@given(
    whole=st.integers(1, 999),
    fraction=st.sampled_from(sorted(VULGAR.items())),
    sign=st.sampled_from(["", *MINUS_SIGNS]),
    zero=st.sampled_from(ZEROS),
    form=st.sampled_from(["vulgar", "spaced", "slash", "stacked"]),
    data=st.data(),
)
def test_mixed_number_keeps_its_parts(
    whole: int,
    fraction: tuple[str, tuple[int, int]],
    sign: str,
    zero: str,
    form: str,
    data: st.DataObject,
) -> None:
    character, (above, below) = fraction
    slash = data.draw(st.sampled_from("/\u2044\u2215\uff0f"))
    stacked = f"{above}".translate(SUPERSCRIPTS) + "\u2044" + f"{below}".translate(SUBSCRIPTS)
    space = data.draw(st.sampled_from(SPACES))
    part = {
        "vulgar": character,
        "spaced": space + character,
        "slash": space + to_script(f"{above}{slash}{below}", zero),
        "stacked": stacked,
    }[form]
    text = data.draw(sprinkled(sign + to_script(str(whole), zero) + part))
    value = (whole + above / below) * (-1 if sign else 1)
    assert parse_number(text) == pytest.approx(value)
    assert not is_right(Key(kind="number", number=float(f"{whole}{above}") / below), text)
    plain = f"{'-' if sign else ''}{whole} {above}/{below}"
    assert normalize_text(text) == normalize_text(plain)
    assert normalize_text(text) != normalize_text(plain.replace(" ", ""))


@many
@given(
    base=st.integers(1, 99),
    exponent=st.integers(-9, 12),
    sign=st.sampled_from(["", "-", "\u2212"]),
    zero=st.sampled_from(ZEROS),
)
def test_power_is_not_read_as_further_digits(
    base: int, exponent: int, sign: str, zero: str
) -> None:
    raised = to_script(str(base), zero) + str(exponent).translate(SUPERSCRIPTS)
    value = (-1 if sign else 1) * float(base) ** exponent
    assert parse_number(sign + raised) == pytest.approx(value)
    assert normalize_text(sign + raised) == normalize_text(f"{sign}{base}^{exponent}")
    assert normalize_text(sign + raised) != normalize_text(f"{sign}{base}{exponent}")
    if exponent >= 0:
        joined = float(f"{base}{exponent}")
        assert is_right(Key("number", number=joined), raised) == (joined == base**exponent)


@many
@given(
    first=st.from_regex(r"[1-9][0-9]{0,2}", fullmatch=True),
    rest=st.from_regex(r"[0-9]{3}", fullmatch=True),
    zero=st.sampled_from(ZEROS),
)
def test_comma_before_three_digits_follows_the_language(first: str, rest: str, zero: str) -> None:
    text = to_script(f"{first},{rest}", zero)
    with pytest.raises(AmbiguousNumber) as ambiguous:
        parse_number(text)
    grouped, decimal = ambiguous.value.readings
    assert (parse_number(text, language="en"), parse_number(grouped)) == (
        float(first + rest),
        float(first + rest),
    )
    assert parse_number(text, language="de") == parse_number(decimal) == float(f"{first}.{rest}")


WORDS = st.text(st.characters(categories=["Lu", "Ll", "Lo"]), min_size=2, max_size=12)


@many
@given(words=st.lists(WORDS, min_size=2, max_size=4), data=st.data())
def test_text_is_the_same_however_it_is_typed(words: list[str], data: st.DataObject) -> None:
    joins = [data.draw(st.sampled_from(["'", '"', "-", " "])) for _ in words[1:]]
    variants = {"'": APOSTROPHES, '"': QUOTES, "-": HYPHENS, " ": SPACES}
    plain = words[0] + "".join(j + word for j, word in zip(joins, words[1:], strict=True))
    typed = words[0] + "".join(
        data.draw(st.sampled_from(variants[join])) + word
        for join, word in zip(joins, words[1:], strict=True)
    )
    form: Literal["NFC", "NFD"] = data.draw(st.sampled_from(("NFC", "NFD")))
    typed = data.draw(sprinkled(unicodedata.normalize(form, typed)))
    typed += data.draw(st.sampled_from(["", ".", " ", "\u3002"]))
    key = Key(kind="text", accepted=[plain])
    assert is_right(key, typed)
    other = data.draw(WORDS.filter(lambda word: normalize_text(word) != normalize_text(words[0])))
    assert not is_right(key, other + typed[len(words[0]) :]) or normalize_text(other) in (
        normalize_text(plain)
    )


@many
@given(
    number=st.integers(0, 10_000),
    unit=st.sampled_from(UNITS),
    space=st.sampled_from(["", *SPACES]),
    zero=st.sampled_from(ZEROS),
)
def test_unit_is_the_same_in_any_form(number: int, unit: str, space: str, zero: str) -> None:
    typed = unicodedata.normalize("NFKC", unit)  # as keyboards type it: m2, kg
    key = Key(kind="text", accepted=[f"{number} {unit}"])
    assert is_right(key, f"{to_script(str(number), zero)}{space}{typed}")
    assert not is_right(key, f"{number + 1}{space}{typed}")
    with pytest.raises(NoAnswer):
        parse_number(f"{number}{space}{unit}")


@pytest.mark.parametrize(
    ("answer", "accepted", "same"),
    [
        ("don\u2019t", "don't", True),
        ("\u201chello\u201d", '"hello"', True),
        ("well\u2011known", "well-known", True),
        ("H\u2082O", "H2O", True),
        ("5\u2032", "5'", True),
        ("n!", "n", False),  # a factorial
        ("?", ".", False),
        ("10\u00b2", "102", False),
        ("x\u00b2", "x^2", True),
        ("1\u00bd", "11/2", False),
        ("1\u2461", "12", False),
        ("cat", "cut", False),
        ("\u2167", "VIII", True),
        ("paris,", "Paris", True),
        ("Paris !", "Paris", True),
        ("\u201eParis\u201c.", "Paris", True),
        ("'Paris", "Paris", False),
        ("9,81 m/s2", "9.81 m/s\u00b2", True),
        ("1.50", "1.5", False),  # a question about rounding
        ("2/4", "1/2", False),  # a question about reducing
        ("1,2,3", "1.2.3", False),
        ("30.11.2026", "30112026", False),
        ("+/-5", "\u00b15", True),
        ("+5", "\u00b15", False),
        ("3 * 4", "3\u00d74", True),
        ("3 + 4", "3\u00d74", False),
        ("x <= 4", "x\u22644", True),
        ("x < 4", "x\u22644", False),
        ("a != b", "a\u2260b", True),
        ("A -> B", "A\u2192B", True),
        ("A - B", "A\u2192B", False),
        ("red,green", "red, green", True),
        ("oeuvre", "\u0153uvre", True),
        ("5 %", "5", False),
        ("5 \u20ac", "5 $", False),
    ],
)
def test_text_pairs(answer: str, accepted: str, same: bool) -> None:
    assert is_right(Key(kind="text", accepted=[accepted]), answer) is same


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        ("3/4.", 0.75),
        ("1 1/2,", 1.5),
        ("\u00bd;", 0.5),
        ("(-5)", -5),
        ("x = 3/4", 0.75),
        ("1/\u22122", -0.5),
        ("-1/-2", 0.5),
        ("3*10**8", 3e8),
        ("0.333\u2026", 0.333),
        ("\u06f1\u06f2\u066b\u06f5", 12.5),
        ("\u0663/\u0664", 0.75),
        ("5!", None),
        ("5 kg", None),
        ("50 %", None),
        ("\u20ac5", None),
        ("\u00b15", None),
        ("XIV", None),
        ("3:4", None),
        ("x = ", None),
        ("()", None),
        ("((5))", None),
        ("=", None),
        ("1/2/-3", None),
    ],
)
def test_number_pairs(answer: str, number: float | None) -> None:
    if number is not None:
        assert parse_number(answer) == pytest.approx(number)
        return
    with pytest.raises(NoAnswer):
        parse_number(answer)


def test_persian_slash_has_two_readings() -> None:
    with pytest.raises(AmbiguousNumber) as ambiguous:
        parse_number("\u06f1\u06f2/\u06f5", language="fa")
    assert [parse_number(reading, language="fa") for reading in ambiguous.value.readings] == [
        2.4,
        12.5,
    ]


@pytest.mark.parametrize("answer", ["1,000.", "1,000;", "= 1,000"])
def test_mark_at_the_end_decides_nothing(answer: str) -> None:
    with pytest.raises(AmbiguousNumber):
        parse_number(answer)
    assert (parse_number(answer, language="en"), parse_number(answer, language="de")) == (1000, 1)


@pytest.mark.parametrize("answer", ["\u200b", "\u200f \u00ad", "\u3164", "\u2800"])
def test_invisible_answer_is_no_answer(answer: str) -> None:
    with pytest.raises(NoAnswer):
        is_right(Key(kind="text", accepted=["x"]), answer)
