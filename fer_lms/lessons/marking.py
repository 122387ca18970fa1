"""Grading of answers by pure functions that accept several notations of one value."""

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

MAX_ANSWER_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Key:
    """The right answers of a question.

    Attributes:
        kind: "choice", "number" or "text".
        choices: For each choice, whether it is right.
        accepted: Texts that are right.
        number: The right number.
        tolerance: Largest absolute difference from `number` that is still right.
    """

    kind: str
    choices: Sequence[bool] = ()
    accepted: Sequence[str] = ()
    number: float | None = None
    tolerance: float = 0.0


class NoAnswer(ValueError):
    """The text is not an answer of the question's kind, so it is neither right nor wrong."""


def is_right(key: Key, answer: str) -> bool:
    """Grade an answer.

    Args:
        key: The right answers.
        answer: For "choice" the zero-based index; otherwise what the learner wrote.

    Raises:
        NoAnswer: The text is not an answer of this kind.
    """
    if not answer.strip() or len(answer) > MAX_ANSWER_LENGTH:
        raise NoAnswer
    if key.kind == "choice":
        return _is_right_choice(key, answer)
    if key.kind == "number":
        return _is_close(key, parse_number(answer))
    return any(normalize_text(answer) == normalize_text(accepted) for accepted in key.accepted)


def normalize_text(text: str) -> str:
    """Remove differences of case, spacing, Unicode compatibility form and final punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold().strip().rstrip(".!").strip()
    return re.sub(r"\s+", " ", folded)


def parse_number(text: str) -> float:
    """Parse the usual notations: 1.5, 1,5, -3, 3/4, 1 1/2, 1 000, 1.2e3."""
    written = unicodedata.normalize("NFKC", text).replace("\N{FRACTION SLASH}", "/")
    written = written.replace("\N{MINUS SIGN}", "-").strip()
    try:
        if mixed := re.fullmatch(r"(-?)(\d{1,9})\s+(\d{1,9})\s*/\s*(\d{1,9})", written):
            sign, whole, numerator, denominator = mixed.groups()
            value = int(whole) + Fraction(int(numerator), int(denominator))
            return float(-value if sign else value)
        if fraction := re.fullmatch(r"(-?\d{1,9})\s*/\s*(\d{1,9})", written):
            return float(Fraction(int(fraction[1]), int(fraction[2])))
        number = float(re.sub(r"(?<=\d)\s(?=\d{3}\b)", "", written).replace(",", "."))
    except (ValueError, ZeroDivisionError) as error:
        raise NoAnswer from error
    if not math.isfinite(number):
        raise NoAnswer
    return number


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
