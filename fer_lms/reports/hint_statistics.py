"""Statistics of a session's hints: receivers, reasons and answers, as pure functions.

Computed once, when the session has ended. There is one row for each version of a rule that was in
force, whether or not it fired. The base of a row is its audience: the students who could have had a
hint, by the rules that were frozen before the session and by attendance. Nothing here depends on a
face: where the policy permits face evidence, all but the requested hints are withheld
(docs/teacher/rules.md).
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fer_lms.disclosure import coarsening
from fer_lms.disclosure.cohort import is_releasable
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
FACE_EVIDENCE: Final = "face_evidence"
"""Reason to withhold: the policy permitted faces in hints."""
RELEASED_SILENCE: Final = frozenset(
    {"calm", "too_short", "cooldown", "lesson_full", "rule_full", "other_step", "quiet"}
)
"""Reasons that depend on actions and rules only: not on a camera, a permission or a preference."""
FACE_PART: Final = "face"

Opportunity = tuple[uuid.UUID, int | None, int]
"""A learner was on a step in a minute of the session in which the rule could have fired."""


@dataclass(frozen=True, slots=True)
class GivenHint:
    """A hint that one learner received.

    Attributes:
        version: Id of the rule's version; 0 if the learner asked for the hint.
        position: Position of the step.
        parts: The evidence that supported the hint.
        answer: The learner's latest answer, or "".
    """

    learner: uuid.UUID
    version: int
    position: int | None
    parts: frozenset[str]
    answer: str


@dataclass(frozen=True, slots=True)
class SilentRule:
    """The last reason why a rule did not fire for a learner."""

    learner: uuid.UUID
    rule: int
    reason: str


@dataclass(frozen=True, slots=True)
class RuleAudience:
    """A version of a rule and the learners who could have had its hints.

    Attributes:
        version: Id of the version.
        rule: Id of the rule.
        title: Of the rule.
        number: Of the version.
        named: Number of learners that the version names, also in groups; None if it is for all.
        opportunities: When each learner could have had a hint, by rules, events and the switches of
            the beginning.
        remaining: The learners of `opportunities` for whom nothing was switched off since.
    """

    version: int
    rule: int
    title: str
    number: int
    named: int | None
    opportunities: frozenset[Opportunity]
    remaining: frozenset[uuid.UUID]

    @property
    def members(self) -> frozenset[uuid.UUID]:
        return frozenset(learner for learner, _, _ in self.opportunities)


def compute_hint_statistics(
    given: Sequence[GivenHint],
    silent: Iterable[SilentRule],
    audiences: Iterable[RuleAudience],
    *,
    present: frozenset[uuid.UUID],
    min_group_size: int,
    may_use_faces: bool,
) -> Metrics | None:
    """Compute the statistics of each rule with a large enough audience, requested hints last.

    Args:
        given: The hints of the session.
        silent: The rules that did not fire.
        audiences: The rules of the session, by precedence.
        present: The learners who opened the lesson.
        min_group_size: The threshold of the disclosure control.
        may_use_faces: The policy permitted face evidence at some time in the session.

    Returns:
        The statistics, or None if fewer learners than the threshold were present.
    """
    if len(present) < min_group_size:
        return None
    shown = select_releasable(audiences, min_group_size)
    by_version: dict[int, list[GivenHint]] = {}
    for hint in given:
        by_version.setdefault(hint.version, []).append(hint)
    rows = [
        _build_withheld_row(audience)
        if may_use_faces
        else _build_row(audience, by_version.get(audience.version, []), min_group_size)
        for audience in shown
    ]
    asked = _build_released_row("", None, by_version.get(0, []), present, min_group_size)
    for_all = {audience.rule for audience in shown if audience.members == present}
    reasons = _group(
        (("silent", rule.reason), rule.learner)
        for rule in ([] if may_use_faces else silent)
        if rule.rule in for_all and rule.learner in present and rule.reason in RELEASED_SILENCE
    )
    return {
        "rules": [*rows, asked],
        "silent": _build_share_rows("reason", reasons, len(present), min_group_size),
    }


def select_releasable(audiences: Iterable[RuleAudience], min_group_size: int) -> list[RuleAudience]:
    """Return the audiences whose figures can stand beside each other, by precedence.

    Each has at least `min_group_size` learners, named and present, for whom nothing was switched
    off meanwhile. Two of them differ by no learner or by at least as many: whom they are for, and
    who had an opportunity that only one of them gave.
    """
    audiences = list(audiences)
    selected: list[RuleAudience] = []
    for audience in sorted(audiences, key=lambda item: (-len(item.members), item.version)):
        if _is_large(audience, min_group_size) and _is_distinct(audience, selected, min_group_size):
            selected.append(audience)
    return [audience for audience in audiences if audience in selected]


def add_hint_texts(statistics: Metrics | None) -> Metrics | None:
    """Add descriptions in the reader's language, and what reports of 0.1.0 do not have."""
    if statistics is None:
        return None
    rules = [
        {"version": None, "withheld": None}
        | row
        | {"why": [part | {"words": describe_part(part["part"])} for part in row["why"]]}
        for row in statistics["rules"]
    ]
    silent = [row | {"words": describe_suppression(row["reason"])} for row in statistics["silent"]]
    return {"rules": rules, "silent": silent}


def _is_large(audience: RuleAudience, min_group_size: int) -> bool:
    named = audience.named
    sizes = (len(audience.members), len(audience.remaining), named or min_group_size)
    return min(sizes) >= min_group_size and named != 0


def _is_distinct(
    audience: RuleAudience, selected: Sequence[RuleAudience], min_group_size: int
) -> bool:
    earlier = [_to_cohort(other.members) for other in selected]
    if not is_releasable(_to_cohort(audience.members), min_group_size, earlier):
        return False
    remaining = [_to_cohort(other.remaining) for other in selected]
    if not is_releasable(_to_cohort(audience.remaining), min_group_size, remaining):
        return False
    return all(
        _differs_by_group(audience.opportunities, other.opportunities, min_group_size)
        for other in selected
    )


def _differs_by_group(
    one: frozenset[Opportunity], other: frozenset[Opportunity], min_group_size: int
) -> bool:
    """Return whether the opportunities of only one rule are of nobody or of a large group."""
    return all(
        not difference or len({learner for learner, _, _ in difference}) >= min_group_size
        for difference in (one - other, other - one)
    )


def _to_cohort(learners: Iterable[uuid.UUID]) -> frozenset[str]:
    return frozenset(learner.hex for learner in learners)


def _build_withheld_row(audience: RuleAudience) -> Metrics:
    return {
        "asked": False,
        "title": audience.title,
        "version": audience.number,
        "withheld": FACE_EVIDENCE,
        "learners": None,
        "steps": [],
        "why": [],
        "answers": None,
    }


def _build_row(audience: RuleAudience, given: Sequence[GivenHint], min_group_size: int) -> Metrics:
    title, number = audience.title, audience.number
    return _build_released_row(title, number, given, audience.members, min_group_size)


def _build_released_row(
    title: str,
    number: int | None,
    given: Iterable[GivenHint],
    members: frozenset[uuid.UUID],
    min_group_size: int,
) -> Metrics:
    """Build a row; `number` is the version of a rule, None for requested hints."""
    given = [hint for hint in given if hint.learner in members]
    receivers = {hint.learner for hint in given}
    steps = _group(
        (("received_on_step", hint.position), hint.learner) for hint in given if hint.position
    )
    parts = _group(
        (("received_for_part", part), hint.learner) for hint in given for part in hint.parts
    )
    parts.pop(("received_for_part", FACE_PART), None)
    return {
        "asked": number is None,
        "title": title,
        "version": number,
        "withheld": None,
        "learners": _compute_share(len(receivers), len(members), min_group_size),
        "steps": sorted(
            key[1] for key in coarsening.filter_releasable_metrics(steps, min_group_size)
        ),
        "why": _build_share_rows("part", parts, len(receivers), min_group_size),
        "answers": _compute_answer_shares(given, min_group_size),
    }


def _compute_answer_shares(
    given: Iterable[GivenHint], min_group_size: int
) -> dict[str, float] | None:
    """Compute the shares of the latest answers among those who answered."""
    key = ("answers",)
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
) -> dict[coarsening.MetricKey, dict[uuid.UUID, bool]]:
    grouped: dict[coarsening.MetricKey, dict[uuid.UUID, bool]] = {}
    for key, learner in pairs:
        grouped.setdefault(key, {})[learner] = True
    return grouped


def _compute_share(count: int, total: int, min_group_size: int) -> float:
    members = [number < count for number in range(total)]
    return coarsening.compute_released_share(members, min_group_size)
