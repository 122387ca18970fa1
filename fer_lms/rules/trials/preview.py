"""Preview a rule: when it would fire in a recorded session or in a simulated class.

A session of real learners is previewed after its end, without face evidence, in thirds of the class
(fer_lms.rules.trials.disclosure). A simulated class is shown in detail.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django.utils.translation import gettext as _

from fer_lms.consent.permissions import permits_face_evidence
from fer_lms.disclosure import coarsening
from fer_lms.engagement.queries import get_current_weights
from fer_lms.lessons.models import Lesson, LessonSession
from fer_lms.policy.queries import get_inference_policy, get_min_group_size
from fer_lms.rules.engine.evaluation import Firing, create_state
from fer_lms.rules.engine.explanations import (
    describe_part,
    describe_suppression,
    explain,
    list_disclosed_parts,
)
from fer_lms.rules.engine.matching import Verdict
from fer_lms.rules.engine.spec import RuleSpec
from fer_lms.rules.engine.state import ActiveRule, EffectiveSettings
from fer_lms.rules.trials.disclosure import (
    ShareLevel,
    compute_input_digest,
    compute_released_levels,
    count_reachable_learners,
    list_real_recordings,
    remove_face_evidence,
)
from fer_lms.rules.trials.generator import Episode, simulate_class
from fer_lms.rules.trials.replay import Recording, load_recordings, replay
from fer_lms.rules.trials.simulated_evaluation import run_rules

SIMULATION_SEED: Final = 1
SIMULATED_LEARNERS: Final = 12
MAX_SIMULATED_MINUTES: Final = 90
"""Longer simulations would block a web process for seconds."""
PREVIEWED_RULE: Final = 0
"""Id of the previewed rule, which is not stored."""

LearnerId = uuid.UUID | int
VerdictLog = list[tuple[float, int, Verdict]]
Row = dict[str, object]


@dataclass(slots=True)
class Preview:
    """Result of a preview; the properties are limited to what may be disclosed."""

    source: str
    """"simulated" or "session"."""
    learners: int | None = None
    minutes: float | None = None
    withheld: str | None = None
    """Reason why nothing is disclosed."""
    min_group_size: int = 0
    """Minimum group size for disclosure; 0 where all learners are simulated."""
    real_learners: frozenset[LearnerId] = frozenset()
    """All learners of the session who are not simulated; empty for a simulated class."""
    firings: list[tuple[LearnerId, float, Firing]] = field(default_factory=list)
    """(learner, second of the session, firing)"""
    suppression_counts: Counter[str] = field(default_factory=Counter)
    """Number of evaluations by reason of suppression."""
    evaluations: int = 0
    episodes: list[tuple[int, Episode]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Limitations of this preview, as text."""

    def add(
        self, learner: LearnerId, started_at: float, firings: Sequence[Firing], log: VerdictLog
    ) -> None:
        """Add the firings and verdicts of one learner whose session started at `started_at`."""
        self.firings += [(learner, firing.at - started_at, firing) for firing in firings]
        self.suppression_counts.update(
            verdict.reason for _, _, verdict in log if not verdict.has_fired
        )
        self.evaluations += len(log)

    @property
    def fired(self) -> int | None:
        return None if self.min_group_size or self.withheld else len(self.firings)

    @property
    def reached_share(self) -> ShareLevel | None:
        """Share of real learners for whom the rule would fire."""
        if not self.min_group_size or self.withheld:
            return None
        key: coarsening.MetricKey = ("tried",)
        reached = self._mark_reached({learner for learner, _, _ in self.firings})
        return compute_released_levels({key: reached}, self.min_group_size).get(key)

    @property
    def firing_places(self) -> list[Row]:
        """Places at which the rule would fire: by minute if simulated, otherwise by step."""
        return self._list_steps() if self.min_group_size else self._list_minutes()

    def _list_minutes(self) -> list[Row]:
        by_minute_and_step: dict[tuple[int, int | None], list[Verdict]] = defaultdict(list)
        for _learner, second, firing in sorted(self.firings, key=lambda entry: entry[1]):
            by_minute_and_step[int(second // 60), firing.step].append(firing.verdict)
        return [
            {
                "minute": minute,
                "step_id": step,
                "times": len(verdicts),
                "spoken_to": None,
                "why": [explain(verdict, "teacher") for verdict in verdicts],
            }
            for (minute, step), verdicts in by_minute_and_step.items()
        ]

    def _list_steps(self) -> list[Row]:
        """Return the steps in which the rule would fire for some or many, with the main signs."""
        learners: dict[coarsening.MetricKey, set[Any]] = defaultdict(set)
        for learner, _second, firing in self.firings:
            if firing.step is None:
                continue
            learners["tried_on", firing.step].add(learner)
            for part in list_disclosed_parts(firing.verdict.parts):
                learners["tried_for", firing.step, part].add(learner)
        metrics = {key: self._mark_reached(reached) for key, reached in learners.items()}
        released = compute_released_levels(metrics, self.min_group_size)
        # Sorted: by first firing, the order would tell of the first learner.
        listed = {key: released[key] for key in sorted(released) if released[key] != "few"}
        return [
            {
                "minute": None,
                "step_id": step,
                "times": None,
                "spoken_to": level,
                "why": [
                    describe_part(str(key[2])) for key in listed if key[:2] == ("tried_for", step)
                ],
            }
            for (name, step, *_), level in listed.items()
            if name == "tried_on"
        ]

    def _mark_reached(self, reached: set[Any]) -> dict[Any, bool]:
        return {learner: learner in reached for learner in self.real_learners}

    @property
    def suppression_reasons(self) -> list[Row]:
        """Reasons for which the rule would be suppressed, as shares of all evaluations.

        Empty for real learners: differences from released shares would disclose individual reasons.
        """
        if self.min_group_size:
            return []
        return [
            {
                "reason": reason,
                "words": describe_suppression(reason),
                "share": round(count / (self.evaluations or 1), 4),
            }
            for reason, count in self.suppression_counts.most_common()
        ]


def preview_simulated(lesson: Lesson, spec: RuleSpec) -> Preview:
    """Preview a rule in a simulated class with the lesson's duration and steps.

    The class is always the same. Learners and groups of the rule are ignored: they are not in it.
    """
    steps = tuple(lesson.steps.values_list("pk", flat=True)) or (0,)
    minutes = min(max(lesson.minutes, 10), MAX_SIMULATED_MINUTES)
    preview = Preview("simulated", SIMULATED_LEARNERS, float(minutes))
    preview.notes = _list_notes(spec, lesson.minutes)
    simulated = simulate_class(
        seed=SIMULATION_SEED,
        learners=SIMULATED_LEARNERS,
        minutes=minutes,
        steps=steps,
        self_reports=True,
    )
    uses_faces = permits_face_evidence(get_inference_policy())
    for number, learner in enumerate(simulated, start=1):
        settings = EffectiveSettings(
            rules=(_build_rule(spec),),
            face_epoch=1,
            step_seconds=minutes * 60 / len(steps),
            session_started_at=float(learner.started_at),
            weights=get_current_weights(),
        )
        if not uses_faces:
            settings = settings.without_face()
        state = create_state(float(learner.started_at))
        state.verdict_log = []
        firings = run_rules(learner, settings, state)
        preview.add(number, learner.started_at, firings, state.verdict_log)
        preview.episodes += [(number, episode) for episode in learner.episodes]
    return preview


def _build_rule(spec: RuleSpec) -> ActiveRule:
    """Return the previewed rule, for all learners."""
    return ActiveRule(PREVIEWED_RULE, PREVIEWED_RULE, replace(spec, learners=(), groups=()))


def _list_notes(spec: RuleSpec, minutes: int) -> list[str]:
    notes = []
    if spec.learners or spec.groups:
        notes.append(_("Tried for the whole simulated class, whomever the rule is for."))
    if minutes > MAX_SIMULATED_MINUTES:
        note = _("Tried as if the lesson took %(most)s minutes: all %(all)s would take too long.")
        notes.append(note % {"most": MAX_SIMULATED_MINUTES, "all": minutes})
    return notes


def preview_recorded(session: LessonSession, spec: RuleSpec) -> Preview:
    """Preview a rule over a stored session, with the preferences of that time.

    Over its real learners where that may be disclosed, otherwise over its simulated learners.
    """
    recordings = list_real_recordings(session)
    withheld = _find_withholding_reason(session, recordings, spec)
    if withheld is None:
        return _preview_real_learners(session, recordings, spec)
    simulated = [recording for recording in load_recordings(session) if recording.user.simulated]
    if len(simulated) < get_min_group_size():
        return Preview("session", withheld=withheld)
    preview = Preview("session", learners=len(simulated))
    _replay_recordings(
        preview, session, simulated, ActiveRule(PREVIEWED_RULE, PREVIEWED_RULE, spec)
    )
    preview.minutes = _count_minutes(session, max(recording.until for recording in simulated))
    return preview


def _find_withholding_reason(
    session: LessonSession, recordings: Sequence[Recording], spec: RuleSpec
) -> str | None:
    if count_reachable_learners(recordings, spec) < get_min_group_size():
        return "too_few_learners"
    reported = LessonSession.objects.filter(pk=session.pk, report__isnull=False)
    frozen = reported.values_list("report__input_digest", "report__withdrawn_at").first()
    if session.is_open or frozen is None:
        return "still_open"
    digest, withdrawn_at = frozen
    is_changed = withdrawn_at is not None or digest != compute_input_digest(recordings)
    return "changed_since" if is_changed else None


def _preview_real_learners(
    session: LessonSession, recordings: Sequence[Recording], spec: RuleSpec
) -> Preview:
    preview = Preview("session", min_group_size=get_min_group_size())
    preview.real_learners = frozenset(recording.participant.pk for recording in recordings)
    without_face = [remove_face_evidence(recording) for recording in recordings]
    _replay_recordings(preview, session, without_face, _build_rule(spec))
    preview.learners = len(recordings) // preview.min_group_size * preview.min_group_size
    ended_at = session.ended_at.timestamp() if session.ended_at else 0.0
    preview.minutes = _count_minutes(session, ended_at)
    return preview


def _replay_recordings(
    preview: Preview, session: LessonSession, recordings: Sequence[Recording], rule: ActiveRule
) -> None:
    started_at = session.started_at.timestamp()
    for recording in recordings:
        log: VerdictLog = []
        firings = replay(recording, rules=(rule,), verdict_log=log)
        preview.add(recording.participant.pk, started_at, firings, log)


def _count_minutes(session: LessonSession, until: float) -> float:
    return float(round((until - session.started_at.timestamp()) / 60))
