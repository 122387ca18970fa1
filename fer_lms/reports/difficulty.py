"""Which step was hard, from what students said and did. Pure; released shares only.

Words come first, then hints and answers, then time (docs/teacher/report.md). Nothing here uses a
camera figure.
"""

from collections.abc import Iterable, Sequence
from math import ceil
from typing import Any, Final

from django.utils.translation import gettext

from fer_lms.disclosure.coarsening import ROUNDING
from fer_lms.number_text import format_percent

MIN_HARD_SHARE: Final = 0.5
"""Share of "hard" among the ratings of a step from which it counts as called hard."""
MIN_ASKED_SHARE: Final = 0.4
"""Share of students who asked for a hint."""
MAX_RIGHT_SHARE: Final = 0.4
"""Share of students who were right at first."""

HARD: Final = "hard"
NONE_HARD: Final = "none_hard"
NONE_HARD_LONGEST: Final = "none_hard_longest"
LONGEST: Final = "longest_only"

Row = dict[str, Any]
"""A step of a report."""


def select_activity_finding(steps: Sequence[Row], min_group_size: int) -> Row | None:
    """Select what the students' ratings, hints, answers and times say about the steps.

    Returns:
        A kind with the values of its sentence, or None if nothing of the kind was released.
    """
    hard = _find_hard_step(steps)
    if hard is not None:
        signals = _list_signals(hard)
        shares = [(name, share, _find_bound(share, min_group_size)) for name, share in signals]
        return _name_step(HARD, hard) | {"signals": shares}
    longest = find_longest_step(steps)
    if any(_has_activity(step) for step in steps):
        return _name_step(NONE_HARD_LONGEST, longest) if longest else {"kind": NONE_HARD}
    return _name_step(LONGEST, longest) if longest else None


def find_longest_step(steps: Iterable[Row]) -> Row | None:
    timed = [step for step in steps if step.get("seconds") is not None]
    return max(timed, key=lambda step: (step["seconds"], -step["position"]), default=None)


def is_hard_step(step: Row) -> bool:
    """Return whether a step was hard by what students said and did."""
    return bool(_list_signals(step))


def format_signals(finding: Row) -> str:
    """Format the evidence for a hard step: "80% or more called it hard, 55% asked for a hint"."""
    texts = {
        "called_hard": gettext("%(share)s of those who rated it called it hard"),
        "asked_for_hint": gettext("%(share)s asked for a hint"),
        "right_at_first": gettext("%(share)s were right at first"),
    }
    bounds = {
        "or_less": gettext("%(value)s or less"),
        "or_more": gettext("%(value)s or more"),
        "": "%(value)s",
    }
    parts = []
    for name, share, bound in finding["signals"]:
        value = format_percent(share)
        parts.append(texts[name] % {"share": bounds[bound] % {"value": value}})
    if len(parts) == 1:
        return parts[0]
    return gettext("%(parts)s and %(last)s") % {"parts": ", ".join(parts[:-1]), "last": parts[-1]}


def _find_hard_step(steps: Iterable[Row]) -> Row | None:
    """Return the step with most signals; then with the strongest, then the first."""
    hard = [step for step in steps if _list_signals(step)]
    return max(hard, key=lambda step: (*_rate_signals(step), -step["position"]), default=None)


def _rate_signals(step: Row) -> tuple[int, float]:
    signals = _list_signals(step)
    strengths = [1 - share if name == "right_at_first" else share for name, share in signals]
    return len(signals), round(sum(strengths), 4)


def _list_signals(step: Row) -> list[tuple[str, float]]:
    hard, asked, right = _get_shares(step)
    signals = []
    if hard is not None and hard >= MIN_HARD_SHARE:
        signals.append(("called_hard", hard))
    if asked is not None and asked >= MIN_ASKED_SHARE:
        signals.append(("asked_for_hint", asked))
    if right is not None and right <= MAX_RIGHT_SHARE:
        signals.append(("right_at_first", right))
    return signals


def _get_shares(step: Row) -> tuple[float | None, float | None, float | None]:
    ratings = step.get("said") or {}
    return ratings.get("hard"), step.get("asked_for_hint"), step.get("right_at_first")


def _has_activity(step: Row) -> bool:
    return any(share is not None for share in _get_shares(step))


def _find_bound(share: float, min_group_size: int) -> str:
    """Return whether a released share is clamped (fer_lms.disclosure.coarsening)."""
    margin = ceil(round(1 / (min_group_size * ROUNDING), 6)) * ROUNDING
    if share <= margin + ROUNDING / 10:
        return "or_less"
    return "or_more" if share >= 1 - margin - ROUNDING / 10 else ""


def _name_step(kind: str, step: Row) -> Row:
    return {"kind": kind, "position": step["position"], "title": step["title"]}
