"""Statistics of a session's hints: receivers, reasons and answers, as pure functions.

Computed once, when the session has ended. Every learner counts once per rule, with any
number of hints. Reasons are released for groups only: the reason of one hint, with its minute and
step, would describe one learner's state (docs/teacher/rules.md).
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fer_lms.disclosure import coarsening
from fer_lms.reports.summary import Metrics
from fer_lms.rules.engine.explanations import describe_part, describe_suppression

ANSWER_GROUPS: Final[Mapping[str, str]] = {
    "helped": "helped",
    "yes": "helped",
    "not_now": "not_now",
    "not_hard": "fine",
    "no": "fine",
    "leave_me_alone": "alone",
}
"""Answer to a hint or a question -> reported answer."""


@dataclass(frozen=True, slots=True)
class GivenHint:
    """A hint that one learner received.

    Attributes:
        rule: Id of the rule; 0 if the learner asked for the hint.
        position: Position of the step.
        parts: The evidence that supported the hint; all evidence from the face is one part.
        answer: The learner's latest answer, or "".
    """

    learner: uuid.UUID
    rule: int
    title: str
    position: int | None
    parts: frozenset[str]
    answer: str


@dataclass(frozen=True, slots=True)
class SilentRule:
    """The last reason why a rule did not fire for a learner."""

    learner: uuid.UUID
    reason: str


def compute_hint_statistics(
    given: Iterable[GivenHint],
    silent: Iterable[SilentRule],
    *,
    learners: Collection[uuid.UUID],
    min_group_size: int,
) -> Metrics | None:
    """Compute the statistics of each rule with enough learners, the learners' own requests last.

    A rule that fired for fewer learners is not listed, because it may be a rule for one learner.

    Args:
        given: The hints of the session.
        silent: The rules that did not fire.
        learners: The learners who took part.
        min_group_size: The threshold of the disclosure control.

    Returns:
        The statistics, or None if fewer learners than the threshold took part.
    """
    count = len(learners)
    if count < min_group_size:
        return None
    by_rule: dict[int, list[GivenHint]] = {}
    for hint in given:
        by_rule.setdefault(hint.rule, []).append(hint)
    order = sorted(by_rule, key=lambda rule: (rule == 0, rule))
    rows = (_build_row(rule, by_rule[rule], count, min_group_size) for rule in order)
    reasons = _group((("silent", rule.reason), rule.learner) for rule in silent)
    return {
        "rules": [row for row in rows if row],
        "silent": _build_share_rows("reason", reasons, count, min_group_size),
    }


def add_hint_texts(statistics: Metrics | None) -> Metrics | None:
    """Add descriptions in the reader's language."""
    if statistics is None:
        return None
    rules = [
        row | {"why": [part | {"words": describe_part(part["part"])} for part in row["why"]]}
        for row in statistics["rules"]
    ]
    silent = [row | {"words": describe_suppression(row["reason"])} for row in statistics["silent"]]
    return {"rules": rules, "silent": silent}


def get_hint_contributors(
    given: Iterable[GivenHint], silent: Iterable[SilentRule], statistics: Metrics | None
) -> set[uuid.UUID]:
    """Return the learners whom released statistics may describe."""
    if statistics is None:
        return set()
    return {hint.learner for hint in given} | {rule.learner for rule in silent}


def _build_row(
    rule: int, given: Sequence[GivenHint], learners: int, min_group_size: int
) -> Metrics | None:
    receivers = _group((("received", rule), hint.learner) for hint in given)
    if not coarsening.filter_releasable_metrics(receivers, min_group_size):
        return None
    count = len(receivers["received", rule])
    steps = _group(
        (("received_on_step", rule, hint.position), hint.learner) for hint in given if hint.position
    )
    parts = _group(
        (("received_for_part", rule, part), hint.learner) for hint in given for part in hint.parts
    )
    return {
        "asked": rule == 0,
        "title": given[0].title,
        "learners": _compute_share(count, learners, min_group_size),
        "steps": sorted(
            key[2] for key in coarsening.filter_releasable_metrics(steps, min_group_size)
        ),
        "why": _build_share_rows("part", parts, count, min_group_size),
        "answers": _compute_answer_shares(rule, given, min_group_size),
    }


def _compute_answer_shares(
    rule: int, given: Iterable[GivenHint], min_group_size: int
) -> dict[str, float] | None:
    """Compute the shares of the latest answers among those who answered."""
    key = "answers", rule
    latest = {
        hint.learner: ANSWER_GROUPS[hint.answer] for hint in given if hint.answer in ANSWER_GROUPS
    }
    released = coarsening.filter_releasable_metrics({key: latest}, min_group_size).get(key)
    if released is None:
        return None
    return {
        answer: coarsening.compute_released_share(
            [given_answer == answer for given_answer in released.values()], min_group_size
        )
        for answer in dict.fromkeys(ANSWER_GROUPS.values())
    }


def _build_share_rows(
    name: str,
    grouped: Mapping[coarsening.MetricKey, coarsening.Contributions],
    total: int,
    min_group_size: int,
) -> list[Metrics]:
    """Build a row for each large enough group, largest share first."""
    rows = [
        {name: key[-1], "share": _compute_share(len(group), total, min_group_size)}
        for key, group in coarsening.filter_releasable_metrics(grouped, min_group_size).items()
    ]
    return sorted(rows, key=lambda row: (-row["share"], row[name]))


def _group(
    pairs: Iterable[tuple[coarsening.MetricKey, uuid.UUID]],
) -> Mapping[coarsening.MetricKey, Mapping[uuid.UUID, bool]]:
    grouped: dict[coarsening.MetricKey, dict[uuid.UUID, bool]] = {}
    for key, learner in pairs:
        grouped.setdefault(key, {})[learner] = True
    return grouped


def _compute_share(count: int, total: int, min_group_size: int) -> float:
    members = [number < count for number in range(total)]
    return coarsening.compute_released_share(members, min_group_size)
