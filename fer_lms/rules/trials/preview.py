"""Where a rule would have spoken: over a sitting that was load_recordings, or over a made-up class.

A sitting of people is shown as a class, once it is over, and without a look at any face: it says to
how many a rule would have spoken in thirds of the class (fer_lms.rules.trials.blind says why).
"""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django.utils.translation import gettext as _

from fer_lms.engagement import groups
from fer_lms.lessons.models import Lesson, LessonSession
from fer_lms.policy.queries import get_min_group_size
from fer_lms.rules.effective_settings import get_current_weights
from fer_lms.rules.engine.evaluation import Firing, create_state
from fer_lms.rules.engine.learner import ActiveRule, EffectiveSettings
from fer_lms.rules.engine.matching import Verdict
from fer_lms.rules.engine.spec import RuleSpec
from fer_lms.rules.engine.wording import describe_part, describe_silence, list_disclosed_parts, why
from fer_lms.rules.trials.blind import (
    Level,
    compute_input_digest,
    compute_released_levels,
    list_real_recordings,
    remove_face_evidence,
)
from fer_lms.rules.trials.generator import Episode, simulate_class
from fer_lms.rules.trials.replay import Recording, load_recordings, replay
from fer_lms.rules.trials.trial import try_out

MADE_UP_SEED: Final = 1
MADE_UP_LEARNERS: Final = 12
MADE_UP_MINUTES: Final = 90
"""More would take seconds of a web process's time, and say no more."""
TRIED: Final = 0
"""Stands for the rule that is tried and has no number yet."""

Heard = list[tuple[float, int, Verdict]]
Firings = Sequence[Firing]


@dataclass(frozen=True, slots=True)
class PreviewFiring:
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
    base: frozenset[uuid.UUID | int] = frozenset()
    """Of people: everybody in it, spoken to or not."""
    spoken: list[PreviewFiring] = field(default_factory=list)
    silences: list[tuple[uuid.UUID | int, str]] = field(default_factory=list)
    """(learner, reason), of every event without a hint"""
    events: int = 0
    episodes: list[tuple[int, Episode]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What has to be known of how it was tried, in words."""

    @property
    def fired(self) -> int | None:
        return None if self.group or self.withheld else len(self.spoken)

    @property
    def spoken_to(self) -> Level | None:
        """Of people: to how many learners of all."""
        if not self.group or self.withheld:
            return None
        key: groups.Key = ("tried",)
        everybody = {key: self._of_all({each.learner for each in self.spoken})}
        return compute_released_levels(everybody, self.group).get(key)

    @property
    def places(self) -> list[dict[str, object]]:
        return self._steps() if self.group else self._minutes()

    def _minutes(self) -> list[dict[str, object]]:
        """Minute and step of every hint, in order, with its reasons."""
        found: dict[tuple[int, int | None], list[PreviewFiring]] = {}
        for each in sorted(self.spoken, key=lambda each: each.second):
            found.setdefault((int(each.second // 60), each.firing.step), []).append(each)
        return [
            {
                "minute": minute,
                "step_id": step,
                "times": len(own),
                "spoken_to": None,
                "why": [why(each.firing.verdict, "teacher") for each in own],
            }
            for (minute, step), own in found.items()
        ]

    def _steps(self) -> list[dict[str, object]]:
        """Steps in which some or many would have been spoken to, and what spoke for it."""
        found: dict[groups.Key, set[Any]] = {}
        for each in self.spoken:
            if (step := each.firing.step) is None:
                continue
            found.setdefault(("tried_on", step), set()).add(each.learner)
            for part in list_disclosed_parts(each.firing.verdict.parts):
                found.setdefault(("tried_for", step, part), set()).add(each.learner)
        all_told = {key: self._of_all(those) for key, those in found.items()}
        told = {
            key: level
            for key, level in compute_released_levels(all_told, self.group).items()
            if level != "few"
        }
        return [
            {
                "minute": None,
                "step_id": step,
                "times": None,
                "spoken_to": level,
                "why": [
                    describe_part(str(key[2])) for key in told if key[:2] == ("tried_for", step)
                ],
            }
            for (name, step, *_), level in told.items()
            if name == "tried_on"
        ]

    def _of_all(self, those: set[Any]) -> dict[Any, bool]:
        return {learner: learner in those for learner in self.base}

    @property
    def silent(self) -> list[dict[str, object]]:
        """Why it was silent, and how often of all events; of people nothing: what is left over
        after the reasons of whole groups would be the reasons of few."""
        counts = Counter(reason for _, reason in self.silences) if not self.group else Counter()
        return [
            {
                "reason": reason,
                "words": describe_silence(reason),
                "share": round(count / (self.events or 1), 4),
            }
            for reason, count in counts.most_common()
        ]

    def take(self, learner: uuid.UUID | int, began: float, firings: Firings, heard: Heard) -> None:
        self.spoken += [PreviewFiring(firing.at - began, firing, learner) for firing in firings]
        self.silences += [(learner, said.reason) for _, _, said in heard if not said.fired]
        self.events += len(heard)


def preview_simulated(lesson: Lesson, spec: RuleSpec) -> Preview:
    """Over a made-up class of this lesson's length and steps; the same class every time. It is
    tried for the whole of it: nobody in it is one of those whom the rule may be for."""
    steps = tuple(lesson.steps.values_list("pk", flat=True)) or (0,)
    minutes = min(max(lesson.minutes, 10), MADE_UP_MINUTES)
    preview = Preview("simulated", MADE_UP_LEARNERS, float(minutes))
    preview.notes = _notes(spec, lesson.minutes)
    spec = replace(spec, learners=(), groups=())
    made = simulate_class(
        seed=MADE_UP_SEED, learners=MADE_UP_LEARNERS, minutes=minutes, steps=steps, says=True
    )
    for number, learner in enumerate(made, start=1):
        settings = EffectiveSettings(
            rules=(ActiveRule(TRIED, TRIED, spec),),
            epoch=1,
            pace=minutes * 60 / len(steps),
            started=float(learner.began),
            weights=get_current_weights(),
        )
        state = create_state(float(learner.began))
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
    """Over what was stored of a sitting, under the wishes of then: of people where that may be
    told, else of the demonstration's simulated learners."""
    people = list_real_recordings(session)
    withheld = _why_not(session, people)
    if withheld is None:
        return _of_people(session, people, spec)
    made_up = [each for each in load_recordings(session) if each.participant.user.simulated]
    if len(made_up) < get_min_group_size():
        return Preview("session", withheld=withheld)
    return _of_simulated(session, made_up, spec)


def _why_not(session: LessonSession, people: Sequence[Recording]) -> str | None:
    """Why nothing may be told of the people in a sitting: too few of them, or it is not over, or
    what was stored of it is no longer what it was when its report was made."""
    if len(people) < get_min_group_size():
        return "too_few_learners"
    kept = LessonSession.objects.filter(pk=session.pk, report__isnull=False)
    frozen = kept.values_list("report__input_digest", "report__withdrawn_at").first()
    if session.is_open or frozen is None:
        return "still_open"
    base, withdrawn_at = frozen
    return (
        "changed_since"
        if withdrawn_at is not None or base != compute_input_digest(people)
        else None
    )


def _of_people(session: LessonSession, people: Sequence[Recording], spec: RuleSpec) -> Preview:
    preview = Preview("session", group=get_min_group_size())
    preview.base = frozenset(each.participant.pk for each in people)
    spec = replace(spec, learners=(), groups=())
    _try(preview, session, [remove_face_evidence(each) for each in people], spec)
    preview.learners = len(people) // preview.group * preview.group
    preview.minutes = _minutes(session, session.ended_at.timestamp() if session.ended_at else 0.0)
    return preview


def _of_simulated(session: LessonSession, shown: Sequence[Recording], spec: RuleSpec) -> Preview:
    preview = Preview("session", learners=len(shown))
    _try(preview, session, shown, spec)
    preview.minutes = _minutes(session, max(each.until for each in shown))
    return preview


def _try(
    preview: Preview, session: LessonSession, shown: Sequence[Recording], spec: RuleSpec
) -> None:
    began = session.started_at.timestamp()
    for each in shown:
        heard: Heard = []
        firings = replay(each, instead=(ActiveRule(TRIED, TRIED, spec),), heard=heard)
        preview.take(each.participant.pk, began, firings, heard)


def _minutes(session: LessonSession, until: float) -> float:
    return float(round((until - session.started_at.timestamp()) / 60))
