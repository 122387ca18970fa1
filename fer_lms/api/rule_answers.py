"""What rules say, as plain values for the schemas; people by their ids for use outside."""

import uuid
from collections.abc import Container, Iterable
from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext

from fer_lms.lessons.access import Person
from fer_lms.lessons.models import Lesson
from fer_lms.people.models import User
from fer_lms.rules.access import can_edit_rule
from fer_lms.rules.actions import InvalidRuleError
from fer_lms.rules.engine.sentences import describe_rule
from fer_lms.rules.engine.spec import LIMITS, Problem, RuleSpec, parse_spec
from fer_lms.rules.engine.templates import TEMPLATES
from fer_lms.rules.models import InteractionRule, LearnerGroup, RuleVersion
from fer_lms.rules.queries import Switches, get_rules_by_group, list_lesson_rules, list_students
from fer_lms.rules.trials.preview import Preview


def rules_answer(lesson: Lesson, user: Person) -> dict[str, Any]:
    """Everything that the rule editor of a lesson needs."""
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
    return {
        "rules": [rule_answer(rule, lesson, user, switches) for rule in rules],
        "templates": [
            {
                "name": name,
                "title": template.title(),
                "sentence": describe_rule(template.spec),
                "spec": spec_answer(template.spec),
            }
            for name, template in TEMPLATES.items()
        ],
        "off": off,
        "limits": {name: {"low": low, "high": high} for name, (low, high) in LIMITS.items()},
        "evidence": _named(RuleVersion.Evidence.choices),
        "actions": _named(RuleVersion.Action.choices),
        "steps": _named(lesson.steps.values_list("pk", "title")),
        "learners": _people(learners),
        "groups": _named(
            LearnerGroup.objects.filter(course=lesson.course).values_list("pk", "title")
        ),
        "sessions": _named(
            (session.pk, session.started_at.isoformat())
            for session in lesson.sessions.order_by("-started_at")[:20]
        ),
    }


def rule_answer(
    rule: InteractionRule, lesson: Lesson, user: Person, switches: Switches | None = None
) -> dict[str, Any]:
    newest = list(rule.versions.all())[-1]
    scope = "lesson" if rule.lesson_id else "course" if rule.course_id else "everywhere"
    off = (switches or Switches()).is_off(lesson=lesson.pk, rule=rule.pk)
    return version_answer(newest) | {
        "id": rule.pk,
        "title": rule.title,
        "template": rule.template,
        "scope": scope,
        "editable": can_edit_rule(user=user, rule=rule),
        "off": off,
    }


def version_answer(version: RuleVersion) -> dict[str, Any]:
    return {
        "number": version.number,
        "made_at": version.made_at,
        "made_by": version.made_by.get_full_name() if version.made_by else "",
        "sentence": describe_rule(version.spec),
        "spec": spec_answer(version.spec),
    }


def spec_answer(spec: RuleSpec) -> dict[str, Any]:
    return asdict(spec) | {"learners": list(_public_ids(spec.learners).values())}


def _public_ids(learners: Iterable[int]) -> dict[int, uuid.UUID]:
    """The ids for use outside. Who is not there at all any more keeps one that is nobody's: left
    out, a rule that holds for nobody would hold for everybody once it is saved again."""
    wanted = list(learners)
    known = dict(User.objects.filter(pk__in=wanted).values_list("pk", "public_id"))
    return {pk: known.get(pk, uuid.UUID(int=pk)) for pk in wanted}


def spec_of(values: dict[str, Any], lesson: Lesson, said: Iterable[RuleSpec] = ()) -> RuleSpec:
    """A spec as it was sent; `said`: what the rule said before, which it may go on saying although
    it is gone. Raises InvalidRuleError for a step, group or learner that is not of this lesson:
    left out, the rule would hold for everybody."""
    before = list(said)
    steps = set(lesson.steps.values_list("pk", flat=True))
    steps.update(step for each in before for step in (*each.steps, *each.quiet_steps))
    groups = set(_groups_of(lesson).values_list("pk", flat=True))
    groups.update(group for each in before for group in each.groups)
    gone = _public_ids(learner for each in before for learner in each.learners)
    learners = {public_id: pk for pk, public_id in gone.items()}
    learners |= {person.public_id: person.pk for person in list_students(lesson)}
    unknown = {
        "steps": set(values["steps"]) - steps,
        "quiet_steps": set(values["quiet_steps"]) - steps,
        "groups": set(values["groups"]) - groups,
        "learners": set(values["learners"]) - learners.keys(),
    }
    if problems := [
        Problem(name, gettext("It is not in this lesson any more."))
        for name, missing in unknown.items()
        if missing
    ]:
        raise InvalidRuleError(problems)
    return parse_spec(values | {"learners": [learners[each] for each in values["learners"]]})


def preview_answer(preview: Preview, spec: RuleSpec) -> dict[str, Any]:
    return {
        "source": preview.source,
        "withheld": preview.withheld,
        "sentence": describe_rule(spec),
        "notes": preview.notes,
        "learners": preview.learners,
        "minutes": preview.minutes,
        "fired": preview.fired,
        "spoken_to": preview.spoken_to,
        "group": preview.group,
        "places": preview.places,
        "silent": preview.silent,
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


def groups_answer(lesson: Lesson) -> dict[str, Any]:
    """The groups of the lesson's course with who of them is in it now; nothing else of anybody."""
    learners = list(list_students(lesson))
    here = {person.pk for person in learners}
    rules = get_rules_by_group(lesson.course_id)
    groups = _groups_of(lesson).prefetch_related("members").order_by("title", "pk")
    return {
        "groups": [
            group_answer(group, here) | {"rules": [rule.title for rule in rules.get(group.pk, ())]}
            for group in groups
        ],
        "learners": _people(learners),
    }


def group_answer(group: LearnerGroup, here: Container[int] | None = None) -> dict[str, Any]:
    members = [
        person.public_id for person in group.members.all() if here is None or person.pk in here
    ]
    return {"id": group.pk, "title": group.title, "members": members, "rules": []}


def _people(people: Iterable[User]) -> list[dict[str, Any]]:
    return [
        {"id": person.public_id, "title": person.get_full_name() or person.username}
        for person in people
    ]


def _groups_of(lesson: Lesson) -> QuerySet[LearnerGroup]:
    return LearnerGroup.objects.filter(course=lesson.course_id)


def _named(pairs: Any) -> list[dict[str, str]]:
    return [{"id": str(pk), "title": str(title)} for pk, title in pairs]
