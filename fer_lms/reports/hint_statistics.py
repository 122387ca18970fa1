"""What help was offered in a lesson, why, and what learners said to it: pure, of whole groups only.

Made once, when the sitting is over. Every learner counts once a rule, whatever number of hints
came. A teacher reads why hints came of a group of learners, never of one: a sentence about one
hint, at its minute and step, would be one learner's state (docs/teacher/rules.md).
"""

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fer_lms.engagement import groups
from fer_lms.rules.engine.wording import describe_part, describe_silence

Figures = dict[str, Any]
ANSWER_GROUPS: Final[Mapping[str, str]] = {
    "helped": "helped",
    "yes": "helped",
    "not_now": "not_now",
    "not_hard": "fine",
    "no": "fine",
    "leave_me_alone": "alone",
}
"""What answers to hints and to questions have in common."""


@dataclass(frozen=True, slots=True)
class GivenHint:
    """One hint that came to one learner."""

    learner: uuid.UUID
    rule: int
    """0: the learner asked."""
    title: str
    position: int | None
    """Of the step."""
    parts: frozenset[str]
    """What spoke for it; everything of the face is one part."""
    answer: str
    """The newest; empty without one."""


@dataclass(frozen=True, slots=True)
class SilentRule:
    """What a rule said last of one learner, where it was silent."""

    learner: uuid.UUID
    reason: str


def compute_hint_statistics(
    given: Iterable[GivenHint],
    silences: Iterable[SilentRule],
    *,
    here: Collection[uuid.UUID],
    smallest_group: int,
) -> Figures | None:
    """`here`: who took part. None where they are fewer than the smallest group.

    A rule that spoke to fewer is not listed at all: it may be for one learner alone.
    """
    if len(here) < smallest_group:
        return None
    by_rule: dict[int, list[GivenHint]] = {}
    for hint in given:
        by_rule.setdefault(hint.rule, []).append(hint)
    rows = (_row(rule, by_rule[rule], len(here), smallest_group) for rule in _in_order(by_rule))
    return {
        "rules": [row for row in rows if row],
        "silent": _silent(silences, len(here), smallest_group),
    }


def add_hint_texts(figures: Figures | None) -> Figures | None:
    """The same with its words, in the reader's language."""
    if figures is None:
        return None
    rules = [
        row | {"why": [why | {"words": describe_part(why["part"])} for why in row["why"]]}
        for row in figures["rules"]
    ]
    silent = [row | {"words": describe_silence(row["reason"])} for row in figures["silent"]]
    return {"rules": rules, "silent": silent}


def get_hint_contributors(
    given: Iterable[GivenHint], silences: Iterable[SilentRule], figures: Figures | None
) -> set[uuid.UUID]:
    """Whom these figures may speak of."""
    if figures is None:
        return set()
    return {hint.learner for hint in given} | {silence.learner for silence in silences}


def _in_order(rules: Iterable[int]) -> list[int]:
    """What was asked for comes last."""
    return sorted(rules, key=lambda rule: (rule == 0, rule))


def _row(
    rule: int, given: Sequence[GivenHint], learners: int, smallest_group: int
) -> Figures | None:
    key = "helped", rule
    had = groups.filter_releasable_groups(
        {key: {hint.learner: True for hint in given}}, smallest_group
    )
    if key not in had:
        return None
    return {
        "asked": rule == 0,
        "title": given[0].title,
        "learners": _share(len(had[key]), learners, smallest_group),
        "steps": _steps(rule, given, smallest_group),
        "why": _why(rule, given, len(had[key]), smallest_group),
        "answers": _answers(rule, given, smallest_group),
    }


def _steps(rule: int, given: Iterable[GivenHint], smallest_group: int) -> list[int]:
    """Positions of the steps in which a whole group had it."""
    found = _by(given, "helped_on", rule, lambda hint: [hint.position] if hint.position else [])
    return sorted(int(key[2]) for key in groups.filter_releasable_groups(found, smallest_group))


def _why(rule: int, given: Iterable[GivenHint], had: int, smallest_group: int) -> list[Figures]:
    """Of those who had it, for which share each sign spoke; the commonest first."""
    found = _by(given, "helped_for", rule, lambda hint: hint.parts)
    rows = [
        {"part": key[2], "share": _share(len(own), had, smallest_group)}
        for key, own in groups.filter_releasable_groups(found, smallest_group).items()
    ]
    return sorted(rows, key=lambda row: (-row["share"], row["part"]))


def _answers(rule: int, given: Iterable[GivenHint], smallest_group: int) -> dict[str, float] | None:
    """Shares of those who said something to it, by what they said last."""
    key = "answers", rule
    newest = {
        hint.learner: ANSWER_GROUPS[hint.answer] for hint in given if hint.answer in ANSWER_GROUPS
    }
    said = groups.filter_releasable_groups({key: newest}, smallest_group).get(key)
    if said is None:
        return None
    return {
        each: groups.compute_released_share([one == each for one in said.values()], smallest_group)
        for each in dict.fromkeys(ANSWER_GROUPS.values())
    }


def _silent(silences: Iterable[SilentRule], learners: int, smallest_group: int) -> list[Figures]:
    found: dict[groups.Key, dict[uuid.UUID, bool]] = {}
    for silence in silences:
        found.setdefault(("silent", silence.reason), {})[silence.learner] = True
    rows = [
        {"reason": key[1], "share": _share(len(own), learners, smallest_group)}
        for key, own in groups.filter_releasable_groups(found, smallest_group).items()
    ]
    return sorted(rows, key=lambda row: (-row["share"], row["reason"]))


def _by(
    given: Iterable[GivenHint], name: str, rule: int, of: Callable[[GivenHint], Iterable[str | int]]
) -> dict[groups.Key, dict[uuid.UUID, bool]]:
    """The learners of these hints, by what `of` says of each."""
    found: dict[groups.Key, dict[uuid.UUID, bool]] = {}
    for hint in given:
        for each in of(hint):
            found.setdefault((name, rule, each), {})[hint.learner] = True
    return found


def _share(count: int, of: int, smallest_group: int) -> float:
    return groups.compute_released_share([number < count for number in range(of)], smallest_group)
