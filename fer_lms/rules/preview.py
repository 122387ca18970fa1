"""Where a rule would have spoken: over a sitting that was recorded, or over a made-up class.

A sitting of people is shown as a class, and the trial is for the whole of it: for one learner alone
it would be that learner's state. It says in which steps a whole group would have been spoken to, in
whole groups, so that many trials in a row add up to no more than one.
"""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django.utils.translation import gettext as _

from fer_lms.engagement import groups
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
from fer_lms.rules.wording import part_words, silence_words, spoken_parts, why

MADE_UP_SEED: Final = 1
MADE_UP_LEARNERS: Final = 12
MADE_UP_MINUTES: Final = 90
"""More would take seconds of a web process's time, and say no more."""
TRIED: Final = 0
"""Stands for the rule that is tried and has no number yet."""

Heard = list[tuple[float, int, Verdict]]
Firings = Sequence[Firing]


@dataclass(frozen=True, slots=True)
class Spoken:
    """One hint that would have come, so many seconds into the sitting."""

    second: float
    firing: Firing
    learner: uuid.UUID | int


@dataclass(slots=True)
class Preview:
    source: str
    learners: int | None = None
    minutes: float | None = None
    withheld: str | None = None
    group: int = 0
    """The smallest group that is spoken of; 0 where nobody is a person."""
    spoken: list[Spoken] = field(default_factory=list)
    silences: list[tuple[uuid.UUID | int, str]] = field(default_factory=list)
    """(learner, reason), of every moment without a hint"""
    moments: int = 0
    episodes: list[tuple[int, Episode]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What has to be known of how it was tried, in words."""

    @property
    def fired(self) -> int | None:
        return None if self.group or self.withheld else len(self.spoken)

    @property
    def spoken_to_at_least(self) -> int | None:
        """Of people: how many learners, in whole groups."""
        if not self.group or self.withheld:
            return None
        return self._whole(len({each.learner for each in self.spoken}))

    @property
    def places(self) -> list[dict[str, object]]:
        return self._steps() if self.group else self._minutes()

    def _minutes(self) -> list[dict[str, object]]:
        """Minute and step of every hint, in order, with its reasons."""
        found: dict[tuple[int, int | None], list[Spoken]] = {}
        for each in sorted(self.spoken, key=lambda each: each.second):
            found.setdefault((int(each.second // 60), each.firing.step), []).append(each)
        return [
            {
                "minute": minute,
                "step_id": step,
                "times": len(own),
                "learners_at_least": None,
                "why": [why(each.firing.verdict, "teacher") for each in own],
            }
            for (minute, step), own in found.items()
        ]

    def _steps(self) -> list[dict[str, object]]:
        """Steps in which a whole group would have been spoken to, and what spoke for it."""
        found: dict[groups.Key, dict[Any, bool]] = {}
        signs: dict[groups.Key, dict[Any, bool]] = {}
        for each in self.spoken:
            if (step := each.firing.step) is None:
                continue
            found.setdefault(("tried_on", step), {})[each.learner] = True
            for part in spoken_parts(each.firing.verdict.parts):
                signs.setdefault(("tried_for", step, part), {})[each.learner] = True
        told = groups.whole_groups(signs, self.group)
        return [
            {
                "minute": None,
                "step_id": step,
                "times": None,
                "learners_at_least": self._whole(len(own)),
                "why": [part_words(str(part)) for _, on, part in told if on == step],
            }
            for (_, step), own in groups.whole_groups(found, self.group).items()
        ]

    @property
    def silent(self) -> list[dict[str, object]]:
        """Why it was silent, and how often of all moments."""
        found: dict[groups.Key, dict[Any, bool]] = {}
        for learner, reason in self.silences:
            found.setdefault(("untried", reason), {})[learner] = True
        told = groups.whole_groups(found, self.group)
        counts = Counter(reason for _, reason in self.silences if ("untried", reason) in told)
        return [
            {
                "reason": reason,
                "words": silence_words(reason),
                "share": round(count / (self.moments or 1), 2 if self.group else 4),
            }
            for reason, count in counts.most_common()
        ]

    def take(self, learner: uuid.UUID | int, began: float, firings: Firings, heard: Heard) -> None:
        self.spoken += [Spoken(firing.at - began, firing, learner) for firing in firings]
        self.silences += [(learner, said.reason) for _, _, said in heard if not said.fired]
        self.moments += len(heard)

    def _whole(self, count: int) -> int:
        return count // self.group * self.group


def preview_made_up(lesson: Lesson, spec: RuleSpec) -> Preview:
    """Over a made-up class of this lesson's length and steps; the same class every time. It is
    tried for the whole of it: nobody in it is one of those whom the rule may be for."""
    steps = tuple(lesson.steps.values_list("pk", flat=True)) or (0,)
    minutes = min(max(lesson.minutes, 10), MADE_UP_MINUTES)
    preview = Preview("simulated", MADE_UP_LEARNERS, float(minutes))
    preview.notes = _notes(spec, lesson.minutes)
    spec = replace(spec, learners=(), groups=())
    made = made_up_class(
        seed=MADE_UP_SEED, learners=MADE_UP_LEARNERS, minutes=minutes, steps=steps, says=True
    )
    for number, learner in enumerate(made, start=1):
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
        preview.take(number, learner.began, firings, state.heard)
        preview.episodes += [(number, episode) for episode in learner.episodes]
    return preview


def _notes(spec: RuleSpec, minutes: int) -> list[str]:
    notes = []
    if spec.learners or spec.groups:
        notes.append(_("Tried for the whole made-up class, whomever the rule is for."))
    if minutes > MADE_UP_MINUTES:
        words = _("Tried as if the lesson took %(most)s minutes: all %(all)s would take too long.")
        notes.append(words % {"most": MADE_UP_MINUTES, "all": minutes})
    return notes


def preview_recorded(session: LessonSession, spec: RuleSpec) -> Preview:
    """Over what was stored of a sitting, under the consents and wishes of then.

    Of people where there is a whole group of them, else of the demonstration's simulated learners.
    """
    everybody = [each for each in recorded(session) if not each.participant.user.stand_in]
    people = [each for each in everybody if not each.participant.user.simulated]
    enough = len(people) >= smallest_group()
    preview = Preview("session", group=smallest_group() if enough else 0)
    shown = people if enough else [each for each in everybody if each not in people]
    if len(shown) < smallest_group():
        preview.withheld = "too_few_learners"
        return preview
    if enough:
        spec = replace(spec, learners=(), groups=())
    began = session.started_at.timestamp()
    for each in shown:
        heard: Heard = []
        firings = replay(each, instead=(ActiveRule(TRIED, TRIED, spec),), heard=heard)
        preview.take(each.participant.pk, began, firings, heard)
    preview.learners = len(shown)
    preview.minutes = round(max(each.until - began for each in shown) / 60, 1)
    return preview
