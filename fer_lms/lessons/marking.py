"""Is an answer right? Pure. Generous to spelling of form, never to content."""

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

MAX_ANSWER_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Key:
    """What counts as right."""

    kind: str
    choices: Sequence[bool] = ()
    accepted: Sequence[str] = ()
    number: float | None = None
    tolerance: float = 0.0


class NoAnswer(ValueError):
    """That is no answer to this kind of question, so it is neither right nor wrong."""


def is_right(key: Key, answer: str) -> bool:
    if not answer.strip() or len(answer) > MAX_ANSWER_LENGTH:
        raise NoAnswer
    if key.kind == "choice":
        return _choice(key, answer)
    if key.kind == "number":
        return _near(key, parse_number(answer))
    return any(plain(answer) == plain(each) for each in key.accepted)


def plain(text: str) -> str:
    """Without regard to capitals, spaces, accents' encoding and a final full stop."""
    folded = unicodedata.normalize("NFKC", text).casefold().strip().rstrip(".!").strip()
    return re.sub(r"\s+", " ", folded)


def parse_number(text: str) -> float:
    """1.5, 1,5, -3, 3/4, 1 1/2, 1 000, 1.2e3: as people write numbers."""
    written = unicodedata.normalize("NFKC", text).replace("\N{FRACTION SLASH}", "/")
    written = written.replace("\N{MINUS SIGN}", "-").strip()
    try:
        if mixed := re.fullmatch(r"(-?)(\d{1,9})\s+(\d{1,9})\s*/\s*(\d{1,9})", written):
            sign, whole, part, of = mixed.groups()
            value = int(whole) + Fraction(int(part), int(of))
            return float(-value if sign else value)
        if share := re.fullmatch(r"(-?\d{1,9})\s*/\s*(\d{1,9})", written):
            return float(Fraction(int(share[1]), int(share[2])))
        number = float(re.sub(r"(?<=\d)\s(?=\d{3}\b)", "", written).replace(",", "."))
    except (ValueError, ZeroDivisionError) as error:
        raise NoAnswer from error
    if not math.isfinite(number):
        raise NoAnswer
    return number


def _choice(key: Key, answer: str) -> bool:
    """The answer is the place of what was chosen, from 0."""
    if not re.fullmatch(r"\d{1,2}", answer.strip(), re.ASCII):
        raise NoAnswer
    at = int(answer)
    if at >= len(key.choices):
        raise NoAnswer
    return key.choices[at]


def _near(key: Key, number: float) -> bool:
    if key.number is None:
        raise NoAnswer
    return math.isclose(number, key.number, rel_tol=1e-9, abs_tol=max(key.tolerance, 1e-9))
