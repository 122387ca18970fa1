"""Named reads: which rules hold where, what was shown to whom, what is switched off."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from fer_lms.lessons.models import Lesson, LessonSession, Participant, Role
from fer_lms.people.models import User
from fer_lms.rules.engine.learner import ActiveRule, parse_state
from fer_lms.rules.engine.matching import Verdict
from fer_lms.rules.models import (
    Hint,
    HintAnswer,
    InteractionRule,
    RuleState,
    RuleSwitch,
    RuleVersion,
    SettingsSeen,
    TeacherWord,
)

AFTER_YES = "yes-"
"""Begins the occasion of a hint that comes because a question was answered with yes."""
SHOWN_AGAIN_FOR = timedelta(minutes=10)
"""A hint that nobody has answered is shown again to a page that is opened within this time."""


def list_lesson_rules(lesson: Lesson) -> QuerySet[InteractionRule]:
    """Every rule that holds in a lesson, switched off or not: its own, the course's, ours."""
    return InteractionRule.objects.filter(
        Q(lesson=lesson) | Q(course_id=lesson.course_id, lesson=None) | Q(course=None, lesson=None),
        retired_at=None,
    )


def list_students(lesson: Lesson) -> QuerySet[User]:
    """Who is in the lesson's course as a student now, by name."""
    people = User.objects.filter(
        enrolments__course=lesson.course_id,
        enrolments__role=Role.STUDENT,
        enrolments__active=True,
    )
    return people.order_by("last_name", "first_name", "username")


def get_rules_by_group(course_id: int) -> dict[int, list[InteractionRule]]:
    """Rules of a course, by the groups that they are for now."""
    newest = RuleVersion.objects.filter(rule=OuterRef("rule")).order_by("-number")
    versions = RuleVersion.objects.filter(
        rule__course=course_id, rule__retired_at=None, pk=Subquery(newest.values("pk")[:1])
    ).select_related("rule")
    rules: dict[int, list[InteractionRule]] = {}
    for version in versions:
        for group in version.groups:
            rules.setdefault(group, []).append(version.rule)
    return rules


def get_active_rules(lesson_id: int, course_id: int) -> tuple[ActiveRule, ...]:
    """The newest versions in the order in which they may speak: those that need no persistence
    first, then the lesson's own, the course's, ours."""
    newest = RuleVersion.objects.filter(rule=OuterRef("rule")).order_by("-number")
    versions = (
        RuleVersion.objects.filter(
            Q(rule__lesson=lesson_id)
            | Q(rule__course=course_id, rule__lesson=None)
            | Q(rule__course=None, rule__lesson=None),
            rule__retired_at=None,
            pk=Subquery(newest.values("pk")[:1]),
        )
        .select_related("rule")
        .order_by(
            F("rule__lesson").asc(nulls_last=True), F("rule__course").asc(nulls_last=True), "rule"
        )
    )
    active = [ActiveRule(version.rule_id, version.pk, version.spec) for version in versions]
    return tuple(sorted(active, key=lambda each: each.spec.held_windows > 0))


def get_rules_by_version(version_ids: Collection[int]) -> dict[int, ActiveRule]:
    """The rules as these versions say them, by version."""
    versions = RuleVersion.objects.in_bulk(version_ids)
    return {pk: ActiveRule(each.rule_id, pk, each.spec) for pk, each in versions.items()}


class Switches:
    """Every switch in force, read once for many learners."""

    def __init__(self) -> None:
        newest: dict[tuple[int | None, int | None, int | None], bool] = {}
        rows = RuleSwitch.objects.order_by("pk").values_list("lesson", "rule", "learner", "off")
        for lesson, rule, learner, off in rows:
            newest[lesson, rule, learner] = off
        self._off = {scope for scope, off in newest.items() if off}

    def is_off(
        self, *, lesson: int | None, rule: int | None = None, learner: int | None = None
    ) -> bool:
        """Exactly this switch: everywhere (nothing given), or of a lesson, a rule, a learner."""
        return (lesson, rule, learner) in self._off

    def all_off(self, *, lesson: int, learner: int) -> bool:
        """Off for this learner in this lesson, whatever the rule."""
        scopes = ((None, None, None), (lesson, None, None), (None, None, learner))
        return any(scope in self._off for scope in (*scopes, (lesson, None, learner)))

    def rules_off(self, *, lesson: int, learner: int) -> frozenset[int]:
        """Rules that are off by themselves for this learner in this lesson."""
        return frozenset(
            rule
            for off_lesson, rule, off_learner in self._off
            if rule is not None and off_lesson in (None, lesson) and off_learner in (None, learner)
        )


def list_hints(participant: Participant) -> QuerySet[Hint]:
    """What this learner was shown or is about to be, in order."""
    return (
        participant.hints.exclude(state=Hint.State.WITHHELD)
        .select_related("step", "rule")
        .prefetch_related("answers")
    )


def list_verdicts(participant: Participant) -> list[tuple[InteractionRule, float, Verdict]]:
    """What each rule said last of this learner, and when."""
    stored = RuleState.objects.filter(participant=participant).first()
    verdicts = parse_verdicts(stored) if stored else {}
    rules = InteractionRule.objects.in_bulk(verdicts)
    return [(rules[pk], at, said) for pk, (at, said) in verdicts.items() if pk in rules]


def parse_verdicts(stored: RuleState) -> dict[int, tuple[float, Verdict]]:
    """Each rule's last word on one learner, and when."""
    try:
        return parse_state(stored.body).verdicts
    except KeyError:  # of an older release; the next evaluation makes a new one
        return {}


def list_hints_to_show(participant_ids: Collection[uuid.UUID], *, now: datetime) -> list[Hint]:
    """Hints that an open page of these learners should show: recent ones without an answer. One
    that was asked for is on the page that asked."""
    return list(
        Hint.objects.filter(
            Q(rule__isnull=False) | Q(occasion__startswith=AFTER_YES),
            participant_id__in=participant_ids,
            fired_at__gte=now - SHOWN_AGAIN_FOR,
            answers__isnull=True,
        )
        .exclude(state=Hint.State.WITHHELD)
        .order_by("fired_at", "pk")
    )


def get_shown_levels(
    participant_ids: Iterable[uuid.UUID],
) -> Mapping[tuple[uuid.UUID, int], set[int]]:
    """{(participant, step): rungs} of the ladders, as far as these learners have climbed them. A
    hint that was withheld was never shown."""
    shown: dict[tuple[uuid.UUID, int], set[int]] = {}
    rows = Hint.objects.filter(participant_id__in=participant_ids, rung__isnull=False)
    rows = rows.exclude(state=Hint.State.WITHHELD)
    for participant, step, rung in rows.values_list("participant_id", "step_id", "rung"):
        if step is not None and rung is not None:
            shown.setdefault((participant, step), set()).add(rung)
    return shown


def find_snoozed_users(user_ids: Collection[int], *, now: datetime) -> set[int]:
    """People who asked today to be left alone, and have not changed their mind: in whichever
    sitting, by the day of the installation's time zone. The only place that says so."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    answers = HintAnswer.objects.filter(
        hint__participant__user_id__in=user_ids,
        answered_at__gte=midnight,
        answered_at__lte=now,
        answer__in=(HintAnswer.Answer.LEAVE_ME_ALONE, HintAnswer.Answer.HINTS_AGAIN),
    ).order_by("answered_at", "pk")
    newest = dict(answers.values_list("hint__participant__user_id", "answer"))
    return {user for user, answer in newest.items() if answer == HintAnswer.Answer.LEAVE_ME_ALONE}


def list_teacher_notifications(session: LessonSession) -> QuerySet[TeacherWord]:
    """Learners of a sitting who wanted their teacher to know; the newest first."""
    return (
        TeacherWord.objects.filter(hint__participant__session=session)
        .select_related("hint__participant__user", "hint__step")
        .order_by("-said_at")
    )


# --- what is kept too long -----------------------------------------------------------------------


def list_hints_before(event: datetime) -> QuerySet[Hint]:
    """With their answers, and the word to the teacher that came of them."""
    return Hint.objects.filter(fired_at__lt=event)


def list_face_reasons_before(event: datetime) -> QuerySet[Hint]:
    """Hints that say what a face looked like: that goes with the face's figures."""
    return Hint.objects.filter(fired_at__lt=event, consent_epoch__isnull=False)


def list_states_before(event: datetime) -> QuerySet[RuleState]:
    return RuleState.objects.filter(active_until__lt=event)


def list_settings_before(event: datetime) -> QuerySet[SettingsSeen]:
    return SettingsSeen.objects.filter(from_at__lt=event)
