"""Reads of a session's hints and of the audience of its rules, for the hint statistics."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from fer_lms.engagement.models import ObservationWindow
from fer_lms.lessons.models import Enrolment, InteractionEvent, LessonSession, Participant, Role
from fer_lms.lessons.queries import filter_real_students
from fer_lms.policy.queries import get_min_group_size
from fer_lms.reports.hint_statistics import (
    GivenHint,
    RuleAudience,
    SilentRule,
    compute_hint_statistics,
)
from fer_lms.reports.summary import Metrics
from fer_lms.rules.engine.evaluation import list_active_minutes
from fer_lms.rules.engine.explanations import list_disclosed_parts
from fer_lms.rules.engine.matching import can_fire_at
from fer_lms.rules.engine.state import ActiveRule
from fer_lms.rules.models import (
    Hint,
    RuleState,
    RuleVersion,
    SessionGroupMember,
    SessionRules,
)
from fer_lms.rules.queries import (
    CONFIRMED_PREFIX,
    Switches,
    get_rules_by_version,
    list_switches,
    parse_verdicts,
)


@dataclass(frozen=True, slots=True)
class _Class:
    """Attendance of a session.

    Attributes:
        users: User of each present learner.
        visited: Steps and minutes in which rules were evaluated, by learner; from events only.
        students: Users who are students of the course now.
        groups: Users by group, when the rules were frozen.
    """

    session: LessonSession
    users: Mapping[uuid.UUID, int]
    visited: Mapping[uuid.UUID, frozenset[tuple[int | None, int]]]
    students: frozenset[int]
    groups: Mapping[int, frozenset[int]]


def build_hint_statistics(session: LessonSession) -> tuple[Metrics | None, set[uuid.UUID]]:
    """Compute the hint statistics of an ended session, and the learners whom they may describe."""
    frozen = SessionRules.objects.filter(session=session).first()
    attendance = _load_class(session)
    present = frozenset(attendance.visited)
    statistics = compute_hint_statistics(
        _list_given_hints(session),
        _list_silent_rules(session),
        _list_audiences(frozen, attendance) if frozen else [],
        present=present,
        min_group_size=get_min_group_size(),
        may_use_faces=_may_use_faces(session, frozen),
    )
    return statistics, set(present) if statistics else set()


def _may_use_faces(session: LessonSession, frozen: SessionRules | None) -> bool:
    """Return whether a verdict may rest on a face; also where 0.1.0 began the session."""
    if frozen is None or frozen.has_used_faces:
        return True
    windows = ObservationWindow.objects.filter(participant__session=session, face_counted=True)
    return windows.exists()


def _load_class(session: LessonSession) -> _Class:
    visited = _find_visited(session)
    users = Participant.objects.filter(pk__in=visited).values_list("pk", "user")
    enrolled = Enrolment.objects.filter(
        course=session.lesson.course_id,
        role=Role.STUDENT,
        active=True,
        user__is_placeholder=False,
        has_taught=False,
    )
    groups: dict[int, set[int]] = {}
    members = SessionGroupMember.objects.filter(rules=session.pk)
    for group, user in members.values_list("group", "user"):
        groups.setdefault(group, set()).add(user)
    return _Class(
        session=session,
        users=dict(users),
        visited=visited,
        students=frozenset(enrolled.values_list("user", flat=True)),
        groups={group: frozenset(users) for group, users in groups.items()},
    )


def _find_visited(session: LessonSession) -> dict[uuid.UUID, frozenset[tuple[int | None, int]]]:
    """Return the steps and minutes of each learner in which rules were evaluated."""
    events = InteractionEvent.objects.filter(filter_real_students(), participant__session=session)
    rows = events.order_by("participant", "occurred_at", "pk").values_list(
        "participant", "step", "occurred_at"
    )
    started_at = session.started_at.timestamp()
    visited: dict[uuid.UUID, frozenset[tuple[int | None, int]]] = {}
    for learner, own in groupby(
        rows.values_list("participant", "step", "occurred_at"), itemgetter(0)
    ):
        visited[learner] = list_active_minutes(
            [(step, at.timestamp() - started_at) for _, step, at in own]
        )
    return visited


def _list_audiences(frozen: SessionRules, attendance: _Class) -> list[RuleAudience]:
    """Return the audience of each rule that was not off for everybody at the beginning."""
    rules = get_rules_by_version(frozen.versions)
    versions = RuleVersion.objects.select_related("rule").in_bulk(frozen.versions)
    rows = list_switches()
    beginning = Switches([row for row in rows if row[0] <= frozen.newest_switch])
    since = Switches(rows, newest=frozen.newest_switch)
    audiences = [
        _build_audience(rules[pk], versions[pk], attendance, beginning, since)
        for pk in frozen.versions
        if pk in rules
    ]
    return [audience for audience in audiences if audience.opportunities]


def _build_audience(
    rule: ActiveRule,
    version: RuleVersion,
    attendance: _Class,
    beginning: Switches,
    since: Switches,
) -> RuleAudience:
    named = _find_named(rule, attendance)
    learners = {
        learner
        for learner, user in attendance.users.items()
        if (named is None or user in named) and not _is_off(rule, user, attendance, beginning)
    }
    opportunities = frozenset(
        (learner, step, minute)
        for learner in learners
        for step, minute in attendance.visited[learner]
        if can_fire_at(rule.spec, step, minute * 60)
    )
    remaining = {
        learner
        for learner, _, _ in opportunities
        if not _is_off(rule, attendance.users[learner], attendance, since)
    }
    return RuleAudience(
        version=rule.version_id,
        rule=rule.rule_id,
        title=version.rule.title,
        number=version.number,
        named=None if named is None else len(named & attendance.students),
        opportunities=opportunities,
        remaining=frozenset(remaining),
    )


def _find_named(rule: ActiveRule, attendance: _Class) -> frozenset[int] | None:
    """Return the users whom a rule names, also in groups; None where it is for all."""
    if not rule.spec.learners and not rule.spec.groups:
        return None
    groups = [attendance.groups.get(group, frozenset()) for group in rule.spec.groups]
    return frozenset(rule.spec.learners).union(*groups)


def _is_off(rule: ActiveRule, user: int, attendance: _Class, switches: Switches) -> bool:
    lesson = attendance.session.lesson_id
    return switches.is_disabled_for(
        lesson=lesson, learner=user
    ) or rule.rule_id in switches.get_disabled_rules(lesson=lesson, learner=user)


def _list_given_hints(session: LessonSession) -> list[GivenHint]:
    """List the hints that learners received, from rules or on request."""
    hints = Hint.objects.filter(filter_real_students(), participant__session=session)
    # The confirmation of a question comes from a rule, but belongs to no version.
    hints = hints.exclude(state=Hint.State.WITHHELD).exclude(occasion__startswith=CONFIRMED_PREFIX)
    return [
        GivenHint(
            learner=hint.participant_id,
            version=hint.version_id or 0,
            position=hint.step.position if hint.step else None,
            parts=list_disclosed_parts(hint.parts),
            answer=next((answer.answer for answer in reversed(hint.answers.all())), ""),
        )
        for hint in hints.select_related("step").prefetch_related("answers")
    ]


def _list_silent_rules(session: LessonSession) -> list[SilentRule]:
    """List the last verdict of every rule and learner where the rule did not fire."""
    states = RuleState.objects.filter(filter_real_students(), participant__session=session)
    return [
        SilentRule(state.participant_id, rule, verdict.reason)
        for state in states
        for rule, (_, verdict) in parse_verdicts(state).items()
        if not verdict.has_fired
    ]
