"""Rules of a session, frozen before its first learner is evaluated (docs/disclosure.md).

Stored, so that a replay finds the same rules, groups and switches.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import structlog
from django.db.models import Count, Max, Q

from fer_lms.engagement.queries import get_current_weights
from fer_lms.lessons.models import Course, InteractionEvent, Lesson, LessonSession, Role
from fer_lms.policy.queries import get_min_group_size
from fer_lms.rules.engine.state import ActiveRule
from fer_lms.rules.models import (
    InteractionRule,
    LearnerGroup,
    RuleSwitch,
    SessionGroupMember,
    SessionRules,
)
from fer_lms.rules.queries import Switches, get_active_rules, get_rules_by_version, list_switches

log = structlog.get_logger(__name__)

ASSUMED_ANSWERS: Final = 20
"""The usual error rate counts as much as this many answers on a step."""


@dataclass(frozen=True, slots=True)
class FrozenRules:
    """Rules of one session.

    Attributes:
        rules: By precedence, without those that were removed since.
        groups: Ids of the groups by user.
        switches: Those of the beginning, and those that were switched off since.
        error_rates: Share of wrong answers in earlier sessions, by step.
    """

    rules: tuple[ActiveRule, ...]
    groups: dict[int, frozenset[int]]
    switches: Switches
    error_rates: dict[int, float]


def freeze_rules(sessions: Collection[LessonSession], *, uses_faces: bool) -> None:
    """Freeze the rules of sessions that have none yet. The caller holds a transaction.

    Args:
        sessions: Sessions with loaded lessons.
        uses_faces: The policy permits face evidence now; remembered for the session's report.
    """
    known = SessionRules.objects.in_bulk([session.pk for session in sessions])
    for session in sessions:
        if session.pk not in known:
            _freeze(session, uses_faces=uses_faces)
    if uses_faces:
        late = [pk for pk, frozen in known.items() if not frozen.has_used_faces]
        if late:
            SessionRules.objects.filter(pk__in=late).update(has_used_faces=True)


def load_frozen_rules(session_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, FrozenRules]:
    """Return the frozen rules by session, with a fixed number of queries."""
    stored = SessionRules.objects.in_bulk(session_ids)
    listed = {pk: _list_versions(row) for pk, row in stored.items()}
    versions = get_rules_by_version({version for own in listed.values() for version in own})
    rule_ids = {rule.rule_id for rule in versions.values()}
    removed = set(
        InteractionRule.objects.filter(pk__in=rule_ids, retired_at__isnull=False).values_list(
            "pk", flat=True
        )
    )
    groups: dict[uuid.UUID, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    members = SessionGroupMember.objects.filter(rules__in=stored)
    for session_id, group, user in members.values_list("rules", "group", "user"):
        groups[session_id][user].add(group)
    switches = list_switches()
    return {
        pk: FrozenRules(
            rules=tuple(
                versions[version]
                for version in listed[pk]
                if version in versions and versions[version].rule_id not in removed
            ),
            groups={user: frozenset(ids) for user, ids in groups[pk].items()},
            switches=Switches(switches, newest=row.newest_switch),
            error_rates=_restore_error_rates(row),
        )
        for pk, row in stored.items()
    }


def _list_versions(row: SessionRules) -> list[int]:
    """Return the stored versions; none where they cannot be read, for other sessions go on."""
    if isinstance(row.versions, list):
        return [version for version in row.versions if isinstance(version, int)]
    log.error("rules.invalid_session_rules", field="versions")
    return []


def _restore_error_rates(row: SessionRules) -> dict[int, float]:
    """Return the stored error rates; none where they cannot be read."""
    try:
        return restore_error_rates(row.error_rates)
    except (AttributeError, TypeError, ValueError):
        log.error("rules.invalid_session_rules", field="error_rates")
        return {}


def find_running_rules(lesson: Lesson) -> SessionRules | None:
    """Return the frozen rules of the lesson's newest open session; None while nobody is in it."""
    running = SessionRules.objects.filter(session__lesson=lesson, session__ended_at__isnull=True)
    return running.order_by("-session__started_at").first()


def is_course_in_session(course: Course) -> bool:
    """Return whether a lesson of the course has an open session with frozen rules."""
    running = SessionRules.objects.filter(session__lesson__course=course)
    return running.filter(session__ended_at__isnull=True).exists()


def _freeze(session: LessonSession, *, uses_faces: bool) -> None:
    rules = get_active_rules(session.lesson)
    newest = RuleSwitch.objects.aggregate(newest=Max("pk"))["newest"]
    frozen = SessionRules.objects.create(
        session=session,
        versions=[rule.version_id for rule in rules],
        newest_switch=newest or 0,
        has_used_faces=uses_faces,
        error_rates={str(step): rate for step, rate in count_error_rates(session.lesson).items()},
    )
    groups = {group for rule in rules for group in rule.spec.groups}
    SessionGroupMember.objects.bulk_create(
        SessionGroupMember(rules=frozen, group=group, user_id=user)
        for group, user in _list_members(groups)
    )


def _list_members(groups: Iterable[int]) -> list[tuple[int, int]]:
    """Return (group, user) of each member."""
    members = LearnerGroup.members.through.objects.filter(learnergroup_id__in=list(groups))
    return list(members.values_list("learnergroup_id", "user_id"))


def count_error_rates(lesson: Lesson) -> dict[int, float]:
    """Return the share of wrong answers by step in the lesson's sessions that have ended.

    Only steps that at least a minimum group of students answered. Nothing of the present session is
    counted: a class that fails together needs help.
    """
    usual, least = get_current_weights().error_rate, get_min_group_size()
    rows = (
        InteractionEvent.objects.filter(
            step__lesson=lesson,
            kind=InteractionEvent.Kind.ANSWERED,
            value__in=InteractionEvent.Answer.values,
            participant__role=Role.STUDENT,
            participant__session__ended_at__isnull=False,
        )
        .order_by("step")
        .values("step")
        .annotate(
            answers=Count("pk"),
            wrong=Count("pk", filter=Q(value=InteractionEvent.Answer.WRONG)),
            students=Count("participant__user", distinct=True),
        )
        .filter(students__gte=least)
    )
    return {
        row["step"]: round(
            (row["wrong"] + ASSUMED_ANSWERS * usual) / (row["answers"] + ASSUMED_ANSWERS), 2
        )
        for row in rows
    }


def restore_error_rates(body: Mapping[str, float]) -> dict[int, float]:
    """Return stored error rates by step; keys of stored JSON are text."""
    return {int(step): float(rate) for step, rate in body.items()}
