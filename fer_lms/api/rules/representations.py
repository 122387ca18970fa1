"""Dictionaries of rules, groups and previews for the serializers.

People are identified by public ids.
"""

import uuid
from collections.abc import Container, Iterable
from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext

from fer_lms.lessons.access import RequestUser
from fer_lms.lessons.models import Lesson
from fer_lms.people.models import User
from fer_lms.revisions import compute_revision
from fer_lms.rules.access import can_edit_rule
from fer_lms.rules.actions import InvalidRuleError
from fer_lms.rules.engine.descriptions import describe_rule
from fer_lms.rules.engine.spec import LIMITS, RuleSpec, SpecError, parse_spec
from fer_lms.rules.engine.templates import TEMPLATES
from fer_lms.rules.models import InteractionRule, LearnerGroup, RuleVersion
from fer_lms.rules.queries import (
    Switches,
    get_group_values,
    get_rules_by_group,
    list_lesson_rules,
    list_students,
)
from fer_lms.rules.session_rules import find_running_rules, is_course_in_session
from fer_lms.rules.trials.preview import Preview


def represent_lesson_rules(lesson: Lesson, user: RequestUser) -> dict[str, Any]:
    """Return all data of a lesson's rule editor."""
    switches = Switches()
    rules = list_lesson_rules(lesson).prefetch_related("versions")
    learners = list(list_students(lesson))
    off = {
        "everywhere": switches.is_off(lesson=None),
        "lesson": switches.is_off(lesson=lesson.pk),
        "learners": [
            person.public_id
            for person in learners
            if switches.is_off(lesson=lesson.pk, learner=person.pk)
        ],
    }
    running = find_running_rules(lesson)
    in_session = set(running.versions if running else ())
    return {
        "rules": [
            represent_rule(rule, lesson, user, switches)
            | {"session_number": _find_session_number(rule, in_session)}
            for rule in rules
        ],
        "in_session": running is not None,
        "templates": [
            {
                "name": name,
                "title": template.title(),
                "sentence": describe_rule(template.spec),
                "spec": represent_spec(template.spec),
            }
            for name, template in TEMPLATES.items()
        ],
        "off": off,
        "limits": {name: {"low": low, "high": high} for name, (low, high) in LIMITS.items()},
        "evidence": _to_options(RuleVersion.Evidence.choices),
        "actions": _to_options(RuleVersion.Action.choices),
        "steps": _to_options(lesson.steps.values_list("pk", "title")),
        "learners": _to_people(learners),
        "groups": _to_options(
            LearnerGroup.objects.filter(course=lesson.course).values_list("pk", "title")
        ),
        "sessions": _to_options(
            (session.pk, session.started_at.isoformat())
            for session in lesson.sessions.order_by("-started_at")[:20]
        ),
    }


def represent_rule(
    rule: InteractionRule, lesson: Lesson, user: RequestUser, switches: Switches | None = None
) -> dict[str, Any]:
    newest = list(rule.versions.all())[-1]
    scope = "lesson" if rule.lesson_id else "course" if rule.course_id else "everywhere"
    off = (switches or Switches()).is_off(lesson=lesson.pk, rule=rule.pk)
    return represent_version(newest) | {
        "id": rule.pk,
        "title": rule.title,
        "template": rule.template,
        "scope": scope,
        "editable": can_edit_rule(user=user, rule=rule),
        "off": off,
        "session_number": None,
    }


def _find_session_number(rule: InteractionRule, in_session: Container[int]) -> int | None:
    """Return the number of the version that the running session uses."""
    return next((row.number for row in rule.versions.all() if row.pk in in_session), None)


def represent_version(version: RuleVersion) -> dict[str, Any]:
    return {
        "number": version.number,
        "made_at": version.made_at,
        "made_by": version.made_by.staff_display_name if version.made_by else "",
        "sentence": describe_rule(version.spec),
        "spec": represent_spec(version.spec),
    }


def represent_spec(spec: RuleSpec) -> dict[str, Any]:
    return asdict(spec) | {"learners": list(_map_public_ids(spec.learners).values())}


def _map_public_ids(learners: Iterable[int]) -> dict[int, uuid.UUID]:
    """Map primary keys to public ids.

    Deleted learners have a placeholder id: without it, a rule for them alone would apply to all
    learners after its next change.
    """
    pks = list(learners)
    public_ids = dict(User.objects.filter(pk__in=pks).values_list("pk", "public_id"))
    return {pk: public_ids.get(pk, uuid.UUID(int=pk)) for pk in pks}


def resolve_spec(
    values: dict[str, Any], lesson: Lesson, earlier: Iterable[RuleSpec] = ()
) -> RuleSpec:
    """Build a spec from validated request data.

    Args:
        earlier: Specs of the rule's earlier versions; their steps, groups and learners stay valid
            after they were deleted.

    Raises:
        InvalidRuleError: A step, group or learner is not of this lesson.
    """
    earlier = list(earlier)
    steps = set(lesson.steps.values_list("pk", flat=True))
    steps.update(step for spec in earlier for step in (*spec.steps, *spec.quiet_steps))
    groups = set(_list_course_groups(lesson).values_list("pk", flat=True))
    groups.update(group for spec in earlier for group in spec.groups)
    earlier_ids = _map_public_ids(learner for spec in earlier for learner in spec.learners)
    learners = {public_id: pk for pk, public_id in earlier_ids.items()}
    learners |= {person.public_id: person.pk for person in list_students(lesson)}
    unknown = {
        "steps": set(values["steps"]) - steps,
        "quiet_steps": set(values["quiet_steps"]) - steps,
        "groups": set(values["groups"]) - groups,
        "learners": set(values["learners"]) - learners.keys(),
    }
    if errors := [
        SpecError(name, gettext("This is no longer part of the lesson."))
        for name, missing in unknown.items()
        if missing
    ]:
        raise InvalidRuleError(errors)
    return parse_spec(
        values | {"learners": [learners[public_id] for public_id in values["learners"]]}
    )


def represent_preview(preview: Preview, spec: RuleSpec) -> dict[str, Any]:
    return {
        "source": preview.source,
        "withheld": preview.withheld,
        "sentence": describe_rule(spec),
        "notes": preview.notes,
        "learners": preview.learners,
        "minutes": preview.minutes,
        "fired": preview.fired,
        "spoken_to": preview.reached_share,
        "group": preview.min_group_size,
        "places": preview.firing_places,
        "silent": preview.suppression_reasons,
        "episodes": [
            {
                "learner": number,
                "from_minute": round(episode.start / 60, 2),
                "until_minute": round(episode.end / 60, 2),
                "kind": "hard_time",
            }
            for number, episode in preview.episodes
        ],
    }


def represent_groups(lesson: Lesson) -> dict[str, Any]:
    """Return the groups of the lesson's course with their current members."""
    learners = list(list_students(lesson))
    current = {person.pk for person in learners}
    rules = get_rules_by_group(lesson.course_id)
    groups = _list_course_groups(lesson).prefetch_related("members").order_by("title", "pk")
    return {
        "groups": [
            represent_group(group, current)
            | {"rules": [rule.title for rule in rules.get(group.pk, ())]}
            for group in groups
        ],
        "learners": _to_people(learners),
        "in_session": is_course_in_session(lesson.course),
    }


def represent_group(group: LearnerGroup, current: Container[int] | None = None) -> dict[str, Any]:
    members = [
        person.public_id
        for person in group.members.all()
        if current is None or person.pk in current
    ]
    revision = compute_revision(get_group_values(group))
    return {
        "id": group.pk,
        "title": group.title,
        "members": members,
        "rules": [],
        "revision": revision,
    }


def _to_people(people: Iterable[User]) -> list[dict[str, Any]]:
    return [{"id": person.public_id, "title": person.display_name} for person in people]


def _list_course_groups(lesson: Lesson) -> QuerySet[LearnerGroup]:
    return LearnerGroup.objects.filter(course=lesson.course_id)


def _to_options(pairs: Any) -> list[dict[str, str]]:
    return [{"id": str(pk), "title": str(title)} for pk, title in pairs]
