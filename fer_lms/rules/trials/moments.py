"""Compare sources of evidence by learners' own answers to "Was this the right moment?". Pure.

In shadow mode each hint records which sources would have given it. From the answers follows whether
the camera would add anything: whether hints that a rule with faces would have given came at a
better moment than those of the same rule without faces. Every figure rests on at least the minimum
group of learners, and shares are rounded and clamped (fer_lms.disclosure.coarsening).
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from fer_lms.disclosure.coarsening import round_to

ANSWERS: Final = ("right", "too_early", "not_needed")
WITH_FACE: Final = "fused"
WITHOUT_FACE: Final = "interaction"
ROUNDING: Final = 0.05
RESAMPLES: Final = 2000
CONFIDENCE: Final = 0.95

Conclusion = Literal["adds", "no_difference_shown", "harms", "too_few_learners"]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MomentAnswer:
    """A learner's answer about one hint, and the sources that would have given the hint."""

    learner: uuid.UUID
    answer: str
    """One of `ANSWERS`."""
    sources: frozenset[str]


@dataclass(frozen=True, slots=True)
class SourceResult:
    """Answers to the hints that one source would have given; None where too few learners gave any.

    Shares are means over learners, each of whom counts once, rounded to `ROUNDING`.
    """

    source: str
    learners: int | None
    answer_shares: Mapping[str, float] | None


@dataclass(frozen=True, slots=True)
class MomentComparison:
    """Result of `compare_sources`.

    Attributes:
        difference: Share of right moments with faces minus without; None where it is withheld.
        interval: Its 95 % interval, bootstrapped over learners.
    """

    sources: Sequence[SourceResult]
    difference: float | None
    interval: tuple[float, float] | None
    conclusion: Conclusion

    def to_json(self) -> dict[str, Any]:
        return {
            "sources": [
                {"name": one.source, "learners": one.learners, "answers": one.answer_shares}
                for one in self.sources
            ],
            "difference": self.difference,
            "interval": self.interval,
            "conclusion": self.conclusion,
        }


def compare_sources(answers: Sequence[MomentAnswer], min_group_size: int) -> MomentComparison:
    """Compare a rule with and without faces on the hints that learners answered.

    Figures are released only if each source has enough learners, and if the learners whose answers
    make the two differ are enough too: otherwise their difference would be about a few.
    """
    given = {
        source: [one for one in answers if source in one.sources]
        for source in (WITH_FACE, WITHOUT_FACE)
    }
    deciding = {one.learner for one in answers if len(one.sources & given.keys()) == 1}
    learners = {source: {one.learner for one in listed} for source, listed in given.items()}
    is_enough = all(len(members) >= min_group_size for members in learners.values())
    if not is_enough or 0 < len(deciding) < min_group_size:
        withheld = [SourceResult(source, None, None) for source in given]
        return MomentComparison(withheld, None, None, "too_few_learners")
    results = [_summarize(source, listed, min_group_size) for source, listed in given.items()]
    difference, (low, high) = _compute_difference(given[WITH_FACE], given[WITHOUT_FACE])
    conclusion: Conclusion = "no_difference_shown"
    if low > 0 or high < 0:
        conclusion = "adds" if low > 0 else "harms"
    rounded = round_to(low, ROUNDING), round_to(high, ROUNDING)
    return MomentComparison(results, round_to(difference, ROUNDING), rounded, conclusion)


def _summarize(source: str, answers: Sequence[MomentAnswer], min_group_size: int) -> SourceResult:
    learners = {one.learner for one in answers}
    margin = round_to(1 / min_group_size, ROUNDING)
    shares = {
        answer: min(max(round_to(_compute_share(answers, answer), ROUNDING), margin), 1 - margin)
        for answer in ANSWERS
    }
    return SourceResult(source, len(learners) // min_group_size * min_group_size, shares)


def _compute_share(answers: Sequence[MomentAnswer], answer: str) -> float:
    """Return the mean over learners of each one's share of an answer."""
    sums, counts = _sum_by_learner(answers, sorted({one.learner for one in answers}), answer)
    return float(np.mean(sums / counts))


def _sum_by_learner(
    answers: Sequence[MomentAnswer], learners: Sequence[uuid.UUID], answer: str
) -> tuple[FloatArray, FloatArray]:
    """Return, by learner, how often this answer was given, and any answer."""
    rows = {learner: row for row, learner in enumerate(learners)}
    sums, counts = np.zeros(len(rows)), np.zeros(len(rows))
    for one in answers:
        sums[rows[one.learner]] += one.answer == answer
        counts[rows[one.learner]] += 1
    return sums, counts


def _compute_difference(
    with_face: Sequence[MomentAnswer], without_face: Sequence[MomentAnswer]
) -> tuple[float, tuple[float, float]]:
    """Return the difference of the shares of right moments, and its interval over learners."""
    learners = sorted({one.learner for one in (*with_face, *without_face)})
    shares, weights = [], []
    for answers in (with_face, without_face):
        sums, counts = _sum_by_learner(answers, learners, "right")
        shares.append(np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0))
        weights.append((counts > 0).astype(float))
    random = np.random.default_rng(0)
    drawn = random.multinomial(len(learners), [1 / len(learners)] * len(learners), RESAMPLES)
    means = [
        (drawn @ (share * weight)) / np.maximum(drawn @ weight, 1e-9)
        for share, weight in zip(shares, weights, strict=True)
    ]
    difference = _compute_share(with_face, "right") - _compute_share(without_face, "right")
    tails = [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]
    low, high = np.quantile(means[0] - means[1], tails)
    return difference, (float(low), float(high))


def format_comparison(comparison: Mapping[str, Any]) -> str:
    """Return the result of `MomentComparison.to_json` as lines of text."""
    conclusion: Conclusion = comparison["conclusion"]
    if conclusion == "too_few_learners":
        return "Too few learners have answered: no figures (small-group rule)."
    lines = []
    for source in comparison["sources"]:
        shares = ", ".join(
            f"{answer.replace('_', ' ')} {100 * share:.0f} %"
            for answer, share in source["answers"].items()
        )
        lines.append(f"{source['name']}: at least {source['learners']} learners; {shares}")
    low, high = comparison["interval"]
    lines.append(
        f"right moments with faces minus without: {100 * comparison['difference']:+.0f} points "
        f"({100 * low:+.0f} to {100 * high:+.0f}): {TEXT_BY_CONCLUSION[conclusion]}"
    )
    return "\n".join(lines)


TEXT_BY_CONCLUSION: Final[Mapping[Conclusion, str]] = {
    "adds": "the camera makes the moments better",
    "no_difference_shown": "no difference is shown; leave the camera out of hints",
    "harms": "the camera makes the moments worse; leave it out of hints",
    "too_few_learners": "too few learners",
}
