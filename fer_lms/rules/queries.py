"""Reads of rules, switches, hints and stored verdicts."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from fer_lms.consent.permissions import get_face_evidence_epochs
from fer_lms.lessons.models import Lesson, LessonSession, Participant, Role
from fer_lms.people.models import User
from fer_lms.policy.queries import get_inference_policy
from fer_lms.rules.engine.matching import Verdict
from fer_lms.rules.engine.state import ActiveRule
from fer_lms.rules.engine.stored_state import InvalidStateError, parse_state
from fer_lms.rules.models import (
    Hint,
    HintAnswer,
    InteractionRule,
    LearnerGroup,
    RuleState,
    RuleSwitch,
    RuleVersion,
    SessionRules,
    SettingsSnapshot,
    TeacherNotification,
)

log = structlog.get_logger(__name__)

Scope = tuple[int | None, int | None, int | None]
"""Lesson, rule and learner of a switch."""
SwitchRow = tuple[int, Scope, bool]
"""Id, scope, and whether it switches off."""
REQUESTED_PREFIX = "asked-"
"""Prefix of `Hint.occasion` where the learner asked for the hint."""
CONFIRMED_PREFIX = "yes-"
"""Prefix of `Hint.occasion` where a question was answered with yes."""
REDELIVERY_PERIOD = timedelta(minutes=10)
"""Period in which an unanswered hint is shown to a page that is opened later."""


def list_lesson_rules(lesson: Lesson) -> QuerySet[InteractionRule]:
    """Return the rules of a lesson and its course and built-in rules, including disabled ones."""
    return InteractionRule.objects.filter(
        Q(lesson=lesson) | Q(course_id=lesson.course_id, lesson=None) | Q(course=None, lesson=None),
        retired_at=None,
    )


def list_students(lesson: Lesson) -> QuerySet[User]:
    """Return the active students of the lesson's course, by name."""
    students = User.objects.filter(
        enrolments__course=lesson.course_id,
        enrolments__role=Role.STUDENT,
        enrolments__active=True,
    )
    return students.order_by("last_name", "first_name", "pk")


def get_rules_by_group(course_id: int) -> dict[int, list[InteractionRule]]:
    """Return the rules of a course by the groups in their latest version."""
    rules: dict[int, list[InteractionRule]] = {}
    for version in list_latest_versions().filter(rule__course=course_id, rule__retired_at=None):
        for group in version.groups:
            rules.setdefault(group, []).append(version.rule)
    return rules


def get_group_values(group: LearnerGroup) -> dict[str, Any]:
    """Return what teachers save together of a group."""
    members = group.members.order_by("public_id").values_list("public_id", flat=True)
    return {"title": group.title, "members": list(members)}


def get_active_rules(lesson: Lesson) -> tuple[ActiveRule, ...]:
    """Return the latest versions of a lesson's rules by precedence.

    Rules about self-reports come first; then those of the lesson, of the course, and built-in ones.
    """
    versions = list_latest_versions().filter(rule__in=list_lesson_rules(lesson))
    versions = versions.order_by(
        F("rule__lesson").asc(nulls_last=True), F("rule__course").asc(nulls_last=True), "rule"
    )
    return tuple(sorted(_build_rules(versions), key=lambda rule: rule.spec.evidence != "said_hard"))


def _build_rules(versions: Iterable[RuleVersion]) -> list[ActiveRule]:
    """Return the rules of these versions, without those whose content cannot be parsed."""
    rules = []
    for version in versions:
        try:
            rules.append(ActiveRule(version.rule_id, version.pk, version.spec))
        except (TypeError, ValueError):
            log.error("rules.invalid_version", version=version.pk)
    return rules


def list_latest_versions() -> QuerySet[RuleVersion]:
    """List the latest version of every rule."""
    latest = RuleVersion.objects.filter(rule=OuterRef("rule")).order_by("-number")
    return RuleVersion.objects.filter(pk=Subquery(latest.values("pk")[:1])).select_related("rule")


def get_rules_by_version(version_ids: Collection[int]) -> dict[int, ActiveRule]:
    versions = RuleVersion.objects.filter(pk__in=version_ids)
    return {rule.version_id: rule for rule in _build_rules(versions)}


def list_switches() -> list[SwitchRow]:
    """Return every switch, in order."""
    rows = RuleSwitch.objects.order_by("pk").values_list("pk", "lesson", "rule", "learner", "off")
    return [(pk, (lesson, rule, learner), off) for pk, lesson, rule, learner, off in rows]


class Switches:
    """All switches that are off, read once for many learners.

    Args:
        rows: As `list_switches` returns them; read from the database by default.
        newest: Id of the newest switch when the rules of a session were frozen. Later switches only
            switch off.
    """

    def __init__(
        self, rows: Iterable[SwitchRow] | None = None, *, newest: int | None = None
    ) -> None:
        rows = list_switches() if rows is None else rows
        latest = {scope: off for pk, scope, off in rows if off or newest is None or pk <= newest}
        self._off = {scope for scope, off in latest.items() if off}

    def is_off(
        self, *, lesson: int | None, rule: int | None = None, learner: int | None = None
    ) -> bool:
        """Return whether exactly this switch is off; nothing given: the one of the installation."""
        return (lesson, rule, learner) in self._off

    def is_disabled_for(self, *, lesson: int, learner: int) -> bool:
        """Return whether all hints are off for this learner in this lesson."""
        scopes = {
            (None, None, None),
            (lesson, None, None),
            (None, None, learner),
            (lesson, None, learner),
        }
        return not scopes.isdisjoint(self._off)

    def get_disabled_rules(self, *, lesson: int, learner: int) -> frozenset[int]:
        """Return the rules with a switch of their own that is off for this learner and lesson."""
        return frozenset(
            rule
            for off_lesson, rule, off_learner in self._off
            if rule is not None and off_lesson in (None, lesson) and off_learner in (None, learner)
        )


def list_hints(participant: Participant) -> QuerySet[Hint]:
    """Return the hints of a learner that were not withheld, in order."""
    return (
        participant.hints.exclude(state=Hint.State.WITHHELD)
        .select_related("step", "rule")
        .prefetch_related("answers")
    )


def list_verdicts(participant: Participant) -> list[tuple[InteractionRule, float, Verdict]]:
    """Return each rule with the time and content of its last verdict on a learner.

    None where they may rest on a face that may not be used any more: a newer consent text or
    another policy changes no state, and a learner who does nothing is not evaluated again.
    """
    stored = RuleState.objects.filter(participant=participant).first()
    verdicts = parse_verdicts(stored) if stored and _is_face_permitted(stored) else {}
    rules = InteractionRule.objects.in_bulk(verdicts)
    return [(rules[pk], at, verdict) for pk, (at, verdict) in verdicts.items() if pk in rules]


def _is_face_permitted(stored: RuleState) -> bool:
    """Return whether the consent that the state's face evidence rests on is in force, if any."""
    epoch = stored.body.get("face_epoch") if isinstance(stored.body, dict) else None
    if epoch is None:
        return True
    permitted = get_face_evidence_epochs([stored.pk], get_inference_policy())
    return bool(permitted.get(stored.pk) == epoch)


def parse_verdicts(stored: RuleState) -> dict[int, tuple[float, Verdict]]:
    """Return time and content of the last verdicts by rule; empty for a state that is invalid."""
    try:
        return parse_state(stored.body).verdicts
    except InvalidStateError:
        return {}


def list_hints_to_show(participant_ids: Collection[uuid.UUID], *, now: datetime) -> list[Hint]:
    """Return recent unanswered hints for the open pages of these learners.

    Without requested hints: the page that requested one shows it.
    """
    return list(
        Hint.objects.filter(
            Q(rule__isnull=False) | Q(occasion__startswith=CONFIRMED_PREFIX),
            participant_id__in=participant_ids,
            fired_at__gte=now - REDELIVERY_PERIOD,
            answers__isnull=True,
        )
        .exclude(state=Hint.State.WITHHELD)
        .order_by("fired_at", "pk")
    )


def get_shown_levels(
    participant_ids: Iterable[uuid.UUID],
) -> Mapping[tuple[uuid.UUID, int], set[int]]:
    """Return the hint levels that were shown, by (participant, step)."""
    shown: dict[tuple[uuid.UUID, int], set[int]] = {}
    rows = Hint.objects.filter(participant_id__in=participant_ids, level__isnull=False)
    rows = rows.exclude(state=Hint.State.WITHHELD)
    for participant_id, step_id, level in rows.values_list("participant_id", "step_id", "level"):
        if step_id is not None and level is not None:
            shown.setdefault((participant_id, step_id), set()).add(level)
    return shown


def find_asked_about_teacher(participant_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return the participants who were asked whether their teacher should know."""
    asked = Hint.objects.filter(
        participant_id__in=participant_ids, kind=Hint.Kind.TELL_TEACHER
    ).exclude(state=Hint.State.WITHHELD)
    return set(asked.values_list("participant_id", flat=True))


def find_snoozed_users(user_ids: Collection[int], *, now: datetime) -> set[int]:
    """Return the users who have snoozed hints today and not resumed them.

    A snooze applies to every session until midnight in the installation's time zone.
    """
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    answers = HintAnswer.objects.filter(
        hint__participant__user_id__in=user_ids,
        answered_at__range=(midnight, now),
        answer__in=(HintAnswer.Answer.LEAVE_ME_ALONE, HintAnswer.Answer.HINTS_AGAIN),
    ).order_by("answered_at", "pk")
    latest = dict(answers.values_list("hint__participant__user_id", "answer"))
    return {user for user, answer in latest.items() if answer == HintAnswer.Answer.LEAVE_ME_ALONE}


def list_teacher_notifications(session: LessonSession) -> QuerySet[TeacherNotification]:
    """Return the notifications by learners of a session, newest first."""
    return (
        TeacherNotification.objects.filter(hint__participant__session=session)
        .select_related("hint__participant__user", "hint__step")
        .order_by("-said_at")
    )


# --- Retention: rows past their period ----------------------------------------------------------


def list_hints_before(cutoff: datetime) -> QuerySet[Hint]:
    """Return hints; their answers and teacher notifications are deleted with them."""
    return Hint.objects.filter(fired_at__lt=cutoff)


def list_face_reasons_before(cutoff: datetime) -> QuerySet[Hint]:
    """Return hints whose reason describes a face; it is stored as long as the face's windows."""
    return Hint.objects.filter(fired_at__lt=cutoff, consent_epoch__isnull=False)


def list_states_before(cutoff: datetime) -> QuerySet[RuleState]:
    return RuleState.objects.filter(active_until__lt=cutoff)


def list_settings_before(cutoff: datetime) -> QuerySet[SettingsSnapshot]:
    return SettingsSnapshot.objects.filter(from_at__lt=cutoff)


def list_session_rules_before(cutoff: datetime) -> QuerySet[SessionRules]:
    """Return the frozen rules of ended sessions; an open session still needs them."""
    return SessionRules.objects.filter(session__ended_at__lt=cutoff)
