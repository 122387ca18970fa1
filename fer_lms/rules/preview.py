"""Where a rule would have spoken: over a sitting that was recorded, or over a made-up class.

A recorded sitting is shown as a class: how often, in which minute and step; never who. Under the
smallest group nothing is shown, and reasons only where so many hints would have come.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from fer_lms.lessons.models import Lesson, LessonSession
from fer_lms.policy.queries import smallest_group
from fer_lms.rules.evaluation import Firing, begin
from fer_lms.rules.generator import Episode, made_up_class
from fer_lms.rules.learner import ActiveRule, LearnerSettings
from fer_lms.rules.matching import Verdict
from fer_lms.rules.replay import recorded, replay
from fer_lms.rules.settings_in_force import weights_in_force
from fer_lms.rules.spec import RuleSpec
from fer_lms.rules.trial import try_out
from fer_lms.rules.wording import why

MADE_UP_SEED: Final = 1
MADE_UP_LEARNERS: Final = 12
TRIED: Final = 0
"""Stands for the rule that is tried and has no number yet."""

Heard = list[tuple[float, int, Verdict]]


@dataclass(slots=True)
class Preview:
    source: str
    learners: int | None = None
    minutes: float | None = None
    withheld: str | None = None
    spoken: list[tuple[float, Firing]] = field(default_factory=list)
    """(seconds into the sitting, firing)"""
    verdicts: list[Verdict] = field(default_factory=list)
    episodes: list[tuple[int, Episode]] = field(default_factory=list)
    reasons_from: int = 1
    """How many hints it takes until their reasons are told."""

    @property
    def places(self) -> list[dict[str, object]]:
        """Minute and step of every hint, in order."""
        counts: Counter[tuple[int, int | None]] = Counter(
            (int(second // 60), firing.step) for second, firing in self.spoken
        )
        return [
            {
                "minute": minute,
                "step_id": step,
                "times": times,
                "why": self._reasons(minute, step),
            }
            for (minute, step), times in sorted(counts.items(), key=lambda each: each[0][0])
        ]

    def _reasons(self, minute: int, step: int | None) -> list[str]:
        if len(self.spoken) < self.reasons_from:
            return []
        return [
            why(firing.verdict, "teacher")
            for second, firing in self.spoken
            if int(second // 60) == minute and firing.step == step
        ]

    @property
    def silent(self) -> list[dict[str, object]]:
        """Why it was silent, and how often of all moments."""
        reasons = Counter(verdict.reason for verdict in self.verdicts if not verdict.fired)
        total = len(self.verdicts) or 1
        return [
            {
                "reason": reason,
                "words": why(Verdict(reason), "teacher"),
                "share": round(count / total, 4),
            }
            for reason, count in reasons.most_common()
        ]


def preview_made_up(lesson: Lesson, spec: RuleSpec) -> Preview:
    """Over a made-up class of this lesson's length and steps; the same class every time."""
    steps = tuple(lesson.steps.values_list("pk", flat=True)) or (0,)
    minutes = max(lesson.minutes, 10)
    preview = Preview("simulated", MADE_UP_LEARNERS, float(minutes))
    for number, learner in enumerate(
        made_up_class(seed=MADE_UP_SEED, learners=MADE_UP_LEARNERS, minutes=minutes, steps=steps),
        start=1,
    ):
        settings = LearnerSettings(
            rules=(ActiveRule(TRIED, TRIED, spec),),
            epoch=1,
            pace=minutes * 60 / len(steps),
            started=float(learner.began),
            weights=weights_in_force(),
        )
        state = begin(float(learner.began))
        state.heard = []
        firings = try_out(learner, settings, state)
        preview.spoken += [(firing.at - learner.began, firing) for firing in firings]
        preview.verdicts += [verdict for _, _, verdict in state.heard]
        preview.episodes += [(number, episode) for episode in learner.episodes]
    return preview


def preview_recorded(session: LessonSession, spec: RuleSpec) -> Preview:
    """Over what was stored of a sitting, under the consents and wishes of then."""
    everybody = recorded(session)
    simulated = all(each.participant.user.simulated for each in everybody)
    preview = Preview("session", reasons_from=1 if simulated else smallest_group())
    if len(everybody) < smallest_group():
        preview.withheld = "too_few_learners"
        return preview
    began = session.started_at.timestamp()
    for each in everybody:
        heard: Heard = []
        firings = replay(each, instead=(ActiveRule(TRIED, TRIED, spec),), heard=heard)
        preview.spoken += [(firing.at - began, firing) for firing in firings]
        preview.verdicts += [verdict for _, _, verdict in heard]
    preview.learners = len(everybody)
    preview.minutes = round(max(each.until - began for each in everybody) / 60, 1)
    return preview
