"""Grading of answers by pure functions that accept several notations of one value."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from fer_lms.lessons.normalization import fold_characters, is_blank, normalize_text

MAX_ANSWER_LENGTH = 200
COMMA_LANGUAGES = (
    "af az be bg bs ca cs da de el es et eu fi fr gl hr hu hy id is it ka kk lt lv mk nb nl nn no "
    "pl pt ro ru sk sl sq sr sv tr uk uz vi"
)
"""Languages that write 1,5 where English writes 1.5 (Unicode CLDR, decimal separator)."""
POINT_LANGUAGES = "ar bn cy en fa ga he hi ja ko ms mt sw ta th ur zh"
POINT_REGIONS = ("de-ch", "de-li", "it-ch", "es-mx", "es-us")

_GROUPED = re.compile(r"\d{1,3}(?:([ ,.'])\d{3})(?:\1\d{3})*")
_AMBIGUOUS = re.compile(r"([1-9]\d{0,2})([,.])(\d{3})")
_INDIAN = re.compile(r"\d{1,2}(?:,\d{2})+,\d{3}")
_POWER = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\^(-?\d{1,3})")
_AMOUNT = re.compile(r"([+-]?)(\d[\d., ']*)(|(?![\d., '/:^\u00d7-]).*)")
_EQUATION = re.compile(r"(?:[^\W\d_] ?)?= ?")
_FINAL_MARKS = re.compile(r"(?<=\d) ?[.,;:?\u061b\u061f\u0964\u3002]+$")
_BRACKETS = re.compile(r"\( ?(.+?) ?\)")
_PERSIAN_FRACTION = re.compile(r"[\u06f0-\u06f9]+/[\u06f0-\u06f9]+")
_SCIENTIFIC = re.compile(r"(.+?)(?:e| ?(?:[*x\u00d7\u00b7\u22c5]) ?10\^)([+-]?\d{1,4})")


@dataclass(frozen=True, slots=True)
class Key:
    """The right answers of a question.

    Attributes:
        kind: "choice", "number" or "text".
        choices: For each choice, whether it is right.
        accepted: Texts that are right.
        number: The right number.
        tolerance: Largest absolute difference from `number` that is still right.
        language: Language tag of the lesson, for separators; empty: unknown.
    """

    kind: str
    choices: Sequence[bool] = ()
    accepted: Sequence[str] = ()
    number: float | None = None
    tolerance: float = 0.0
    language: str = ""


class NoAnswer(ValueError):
    """The text is not an answer of the question's kind, so it is neither right nor wrong."""


class AmbiguousNumber(NoAnswer):
    """The number has two readings: 1,000 is a thousand or one, \u06f1/\u06f5 is 1/5 or 1.5.

    Attributes:
        readings: Both numbers as they can be written without doubt.
    """

    def __init__(self, grouped: str, decimal: str) -> None:
        super().__init__(f"{grouped} or {decimal}")
        self.readings = (grouped, decimal)


def is_right(key: Key, answer: str) -> bool:
    """Grade an answer.

    Args:
        key: The right answers.
        answer: For "choice" the zero-based index; otherwise what the learner wrote.

    Raises:
        NoAnswer: The text is not an answer of this kind.
    """
    if len(answer) > MAX_ANSWER_LENGTH or is_blank(answer):
        raise NoAnswer
    if key.kind == "choice":
        return _is_right_choice(key, answer)
    if key.kind == "number":
        return _is_close(key, parse_number(answer, language=key.language))
    written = _normalize_amount(answer, key.language)
    return any(written == _normalize_amount(accepted, key.language) for accepted in key.accepted)


def parse_number(text: str, *, language: str = "") -> float:
    """Parse the usual notations: 1.5, 1,5, -3, 3/4, 1 1/2, 1½, 1 000, 1.2e3, 10², x = 5, (-5).

    Args:
        text: What the learner wrote, in any script.
        language: Language tag of the lesson. It decides what a comma or a point before three
            digits means; without it a comma there is ambiguous.

    Raises:
        NoAnswer: The text is not one number.
        AmbiguousNumber: The number has two readings.
    """
    written = fold_characters(text).casefold()
    if equation := _EQUATION.match(written):
        written = written[equation.end() :]
    written = _FINAL_MARKS.sub("", written)
    written = written.replace("\u066b", ".").replace("\u066c", "'").replace("\u060c", ",")
    written = written.replace("**", "^")
    if bracketed := _BRACKETS.fullmatch(written):
        written = bracketed[1]
    if _PERSIAN_FRACTION.fullmatch(text.strip()):  # the slash is their older decimal separator
        raise AmbiguousNumber(written, written.replace("/", "."))
    sign, unsigned = _split_sign(written)
    try:
        value = sign * _parse_unsigned(unsigned, language)
    except (ValueError, ZeroDivisionError, OverflowError) as error:
        if isinstance(error, NoAnswer):
            raise
        raise NoAnswer from error
    if not math.isfinite(value):
        raise NoAnswer
    return value


def _split_sign(written: str) -> tuple[int, str]:
    if written.startswith(("+", "-")):
        return (-1 if written[0] == "-" else 1), written[1:].lstrip()
    return 1, written


def _parse_unsigned(written: str, language: str) -> float:
    if mixed := re.fullmatch(r"(\d{1,9}) (\d{1,9}) ?/ ?(\d{1,9})", written):
        whole, numerator, denominator = map(int, mixed.groups())
        return float(whole + Fraction(numerator, denominator))
    if fraction := re.fullmatch(r"(\d{1,9}) ?/ ?(-?\d{1,9})", written):
        return float(Fraction(int(fraction[1]), int(fraction[2])))
    if power := _POWER.fullmatch(written.replace(",", ".")):
        return math.pow(float(power[1]), int(power[2]))
    if scientific := _SCIENTIFIC.fullmatch(written):
        mantissa = _read_decimal(scientific[1], language)
        return float(f"{mantissa}e{scientific[2]}")
    return float(_read_decimal(written, language))


def _normalize_amount(text: str, language: str) -> str:
    """Normalize a text, and the separators of a number with or without a unit: 1,5 kg, 5 000 m.

    Only separators: "2/4" is not "1/2", and "1.50" is not "1.5".
    """
    normalized = normalize_text(text)
    if amount := _AMOUNT.fullmatch(normalized):
        sign, number, unit = amount.groups()
        try:
            return f"{sign}{_read_decimal(number, language)}{unit}"
        except NoAnswer:
            return normalized
    return normalized


def _read_decimal(written: str, language: str) -> str:
    """Return digits with at most one decimal point, and no other separator."""
    if ambiguous := _AMBIGUOUS.fullmatch(written):
        return _resolve(ambiguous, language)
    whole, mark, decimals = _split_decimals(written)
    if _GROUPED.fullmatch(whole) or _INDIAN.fullmatch(whole):
        whole = re.sub(r"\D", "", whole)
    number = f"{whole}{mark and '.'}{decimals}"
    if not re.fullmatch(r"\d+\.?\d*|\.\d+", number):
        raise NoAnswer
    return number


def _split_decimals(written: str) -> tuple[str, str, str]:
    """Split at the last comma or point, unless it occurs twice and thus separates groups."""
    marks = [character for character in written if character in ",."]
    if not marks or marks.count(marks[-1]) > 1:
        return written, "", ""
    return written.rpartition(marks[-1])


def _resolve(number: re.Match[str], language: str) -> str:
    """Read a number such as 1,000 or 1.000 by the language of the lesson."""
    whole, mark, rest = number.groups()
    grouped, decimal = f"{whole}{rest}", f"{whole}.{rest}"
    decimal_mark = _get_decimal_mark(language)
    if decimal_mark is None:
        if mark == ".":  # the page's example of a number has a decimal point
            return decimal
        raise AmbiguousNumber(grouped, _shorten(decimal))
    return decimal if mark == decimal_mark else grouped


def _get_decimal_mark(language: str) -> str | None:
    tag = language.casefold().replace("_", "-")
    primary = tag.split("-")[0]
    if tag.startswith(POINT_REGIONS) or primary in POINT_LANGUAGES.split():
        return "."
    return "," if primary in COMMA_LANGUAGES.split() else None


def _shorten(decimal: str) -> str:
    return decimal.rstrip("0").rstrip(".")


def _is_right_choice(key: Key, answer: str) -> bool:
    if not re.fullmatch(r"\d{1,2}", answer.strip(), re.ASCII):
        raise NoAnswer
    index = int(answer)
    if index >= len(key.choices):
        raise NoAnswer
    return key.choices[index]


def _is_close(key: Key, number: float) -> bool:
    if key.number is None:
        raise NoAnswer
    return math.isclose(number, key.number, rel_tol=1e-9, abs_tol=max(key.tolerance, 1e-9))
