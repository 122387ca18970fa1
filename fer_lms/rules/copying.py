"""Copies of a lesson's rules and switches, for a copy of the lesson in another course."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import Q

from fer_lms.lessons.models import Course, Lesson
from fer_lms.people.models import User
from fer_lms.rules.actions import create_rule, set_switch
from fer_lms.rules.engine.spec import RuleSpec, validate_spec
from fer_lms.rules.models import InteractionRule
from fer_lms.rules.queries import Switches, get_rules_by_version, list_latest_versions


@dataclass(frozen=True, slots=True)
class RuleCopies:
    """Result of `copy_rules`.

    Attributes:
        copied: The new rules.
        for_learners: Rules left out because they name students or groups of the old course.
        unusable: Rules left out because the steps that they name were deleted, or their latest
            version is not valid in this release.
    """

    copied: tuple[InteractionRule, ...] = ()
    for_learners: tuple[InteractionRule, ...] = ()
    unusable: tuple[InteractionRule, ...] = ()

    @property
    def left_out(self) -> tuple[InteractionRule, ...]:
        return self.for_learners + self.unusable


@transaction.atomic
def copy_rules(*, lessons: Mapping[Lesson, Lesson], user: User) -> RuleCopies:
    """Copy the latest versions of the rules of lessons, and what is switched off, to their copies.

    Rules of the whole course become rules of each copied lesson. Switches for single learners stay
    behind, as rules for learners or groups do: the copy has other students.

    Args:
        lessons: Copy by original; the steps of both have the same positions.
        user: The teacher who copies, as author of the copies.
    """
    copied: list[InteractionRule] = []
    for_learners: dict[int, InteractionRule] = {}
    unusable: dict[int, InteractionRule] = {}
    switches = Switches()
    for original, copy in lessons.items():
        steps = _map_steps(original, copy)
        copies: dict[int, InteractionRule] = {}
        for rule, spec in _list_rules_with_specs(original):
            if spec is not None and (spec.learners or spec.groups):
                for_learners[rule.pk] = rule
                continue
            moved = _move_spec(spec, steps) if spec is not None else None
            if moved is None:
                # A rule of the course may name steps of other lessons only.
                if spec is None or rule.lesson_id is not None:
                    unusable[rule.pk] = rule
                continue
            copies[rule.pk] = create_rule(
                lesson=copy, title=rule.title, spec=moved, user=user, template=rule.template
            )
        copied += copies.values()
        _copy_switches(switches, original, copy, copies, user)
    return RuleCopies(tuple(copied), tuple(for_learners.values()), tuple(unusable.values()))


def get_source_lessons(copies: Iterable[Lesson], source: Course) -> dict[Lesson, Lesson]:
    """Return the copies by the lessons of the source course that they were made from."""
    by_origin = {lesson.origin_key or lesson.pk: lesson for lesson in source.lessons.all()}
    return {by_origin[copy.origin_key]: copy for copy in copies if copy.origin_key in by_origin}


def _list_rules_with_specs(lesson: Lesson) -> list[tuple[InteractionRule, RuleSpec | None]]:
    """List the rules of a lesson and its course with their latest content, if it can be parsed."""
    versions = list_latest_versions().filter(
        Q(rule__lesson=lesson) | Q(rule__course=lesson.course_id, rule__lesson=None),
        rule__retired_at=None,
    )
    active = get_rules_by_version([version.pk for version in versions])
    return [
        (version.rule, active[version.pk].spec if version.pk in active else None)
        for version in versions.order_by("rule")
    ]


def _map_steps(original: Lesson, copy: Lesson) -> dict[int, int]:
    positions = dict(copy.steps.values_list("position", "pk"))
    steps = original.steps.values_list("position", "pk")
    return {pk: positions[position] for position, pk in steps if position in positions}


def _move_spec(spec: RuleSpec, steps: Mapping[int, int]) -> RuleSpec | None:
    """Name the copied steps; None if that leaves no valid rule.

    A rule for steps that were deleted must not become one for all steps.
    """
    moved = replace(
        spec,
        steps=tuple(steps[pk] for pk in spec.steps if pk in steps),
        quiet_steps=tuple(steps[pk] for pk in spec.quiet_steps if pk in steps),
    )
    if bool(moved.steps) != bool(spec.steps) or validate_spec(moved):
        return None
    return moved


def _copy_switches(
    switches: Switches,
    original: Lesson,
    copy: Lesson,
    copies: Mapping[int, InteractionRule],
    user: User,
) -> None:
    """Switch off in the copy what is off in the original for everybody, built-in rules too."""
    if switches.is_off(lesson=original.pk):
        set_switch(off=True, user=user, lesson=copy)
    built_in = InteractionRule.objects.filter(course=None, lesson=None, retired_at=None)
    off = {rule.pk: rule for rule in built_in if switches.is_off(lesson=original.pk, rule=rule.pk)}
    off |= {
        pk: rule
        for pk, rule in copies.items()
        if any(switches.is_off(lesson=lesson, rule=pk) for lesson in (original.pk, None))
    }
    for rule in off.values():
        set_switch(off=True, user=user, lesson=copy, rule=rule)
