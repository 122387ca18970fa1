"""What people do to rules and hints: teachers write and switch, learners answer and ask."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from fer_lms import push
from fer_lms.audit.actions import record_event
from fer_lms.lessons.models import Course, Lesson, Participant, Step
from fer_lms.lessons.queries import get_profile
from fer_lms.people.models import User
from fer_lms.rules.engine.learner import parse_state
from fer_lms.rules.engine.spec import Problem, RuleSpec, validate_spec
from fer_lms.rules.models import (
    Hint,
    HintAnswer,
    InteractionRule,
    LearnerGroup,
    RuleState,
    RuleSwitch,
    RuleVersion,
    TeacherWord,
    ThresholdShift,
)
from fer_lms.rules.offers import build_level_offer, get_fallback_text, get_next_level
from fer_lms.rules.queries import AFTER_YES, find_snoozed_users, get_shown_levels
from fer_lms.rules.statements import queue_hint_answered_statement, queue_hints_shown_statements

WISHES = (-0.2, 0.3)
"""How far a learner may move compute_thresholds by wish."""


MOST_ASKED_A_MINUTE = 12
LARGEST_ID = 2**63


class InvalidRuleError(Exception):
    """The rule says something impossible; `problems` say what, in words."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.words for problem in problems))
        self.problems = problems


class DuplicateGroupError(Exception):
    """Two groups of one name could not be told apart where a rule is made."""


class UnknownHintError(Exception):
    """No such hint was shown to this learner."""


class TooManyHintRequests(Exception):
    """More hints were asked for in a short time than anybody can read."""


class InvalidAnswerError(Exception):
    """The hint exists; this is no answer to it."""


# --- teachers ----------------------------------------------------------------------------------


@transaction.atomic
def create_rule(
    *, lesson: Lesson, title: str, spec: RuleSpec, user: User, template: str = ""
) -> InteractionRule:
    """A new rule of one lesson. Raises InvalidRuleError."""
    rule = InteractionRule.objects.create(
        lesson=lesson, course=lesson.course, title=title, template=template, made_by=user
    )
    add_version(rule=rule, spec=spec, user=user)
    return rule


@transaction.atomic
def add_version(*, rule: InteractionRule, spec: RuleSpec, user: User | None) -> RuleVersion:
    """Say something else from now on; what it said before stays readable. Raises InvalidRuleError.

    Who is being evaluated at this event meets the old version or the new one, whole.
    """
    if problems := validate_spec(spec):
        raise InvalidRuleError(problems)
    InteractionRule.objects.select_for_update().get(pk=rule.pk)
    newest = rule.versions.order_by("-number").first()
    values = asdict(spec)
    del values["face_only"]
    version = RuleVersion.objects.create(
        rule=rule, number=newest.number + 1 if newest else 1, made_by=user, **values
    )
    record_event(
        actor=user, action="rule.version", subject=rule, details={"number": version.number}
    )
    return version


@transaction.atomic
def retire_rule(*, rule: InteractionRule, user: User) -> None:
    """Take a rule away; hints that it gave keep their reason."""
    rule.retired_at = timezone.now()
    rule.save(update_fields=["retired_at"])
    record_event(actor=user, action="rule.retired", subject=rule)


@transaction.atomic
def set_switch(
    *,
    off: bool,
    user: User,
    lesson: Lesson | None = None,
    rule: InteractionRule | None = None,
    learner: User | None = None,
) -> RuleSwitch:
    """Switch hints off or on: everywhere, in a lesson, of a rule, for a learner.

    Off holds at once: a hint that is due and not yet shown is withheld.
    """
    switch = RuleSwitch.objects.create(
        off=off, set_by=user, lesson=lesson, rule=rule, learner=learner
    )
    if off:
        _withhold(lesson=lesson, rule=rule, learner=learner)
    record_event(
        actor=user,
        action="rule.switched_off" if off else "rule.switched_on",
        subject=rule or lesson,
        details={
            "lesson": lesson.pk if lesson else None,
            "rule": rule.pk if rule else None,
            "learner": str(learner.public_id) if learner else None,
        },
    )
    return switch


def _withhold(*, lesson: Lesson | None, rule: InteractionRule | None, learner: User | None) -> None:
    due = Hint.objects.filter(state=Hint.State.DUE)
    if lesson is not None:
        due = due.filter(participant__session__lesson=lesson)
    if rule is not None:
        due = due.filter(rule=rule)
    if learner is not None:
        due = due.filter(participant__user=learner)
    due.update(state=Hint.State.WITHHELD, withheld_because="switched_off")


@transaction.atomic
def create_group(
    *, course: Course, title: str, members: Sequence[User], user: User
) -> LearnerGroup:
    """A group of learners of a course that rules can be for. Raises DuplicateGroupError."""
    _refuse_same_name(course, title)
    group = LearnerGroup.objects.create(course=course, title=title)
    group.members.set(members)
    record_event(
        actor=user, action="rule.group_made", subject=group, details={"members": len(members)}
    )
    return group


@transaction.atomic
def update_group(*, group: LearnerGroup, title: str, members: Sequence[User], user: User) -> None:
    """Another name, other members: a rule for the group is for those who are in it now.

    Raises DuplicateGroupError.
    """
    _refuse_same_name(group.course, title, besides=group)
    group.title = title
    group.save(update_fields=["title"])
    group.members.set(members)
    record_event(
        actor=user, action="rule.group_changed", subject=group, details={"members": len(members)}
    )


def _refuse_same_name(course: Course, title: str, besides: LearnerGroup | None = None) -> None:
    alike = LearnerGroup.objects.filter(course=course, title__iexact=title)
    if besides is not None:
        alike = alike.exclude(pk=besides.pk)
    if alike.exists():
        raise DuplicateGroupError(title)


@transaction.atomic
def delete_group(*, group: LearnerGroup, user: User) -> None:
    """Take a group away; a rule for it alone then holds for nobody."""
    record_event(actor=user, action="rule.group_dissolved", subject=group)
    group.delete()


def mark_notification_seen(*, word: TeacherWord) -> None:
    if word.seen_at is None:
        word.seen_at = timezone.now()
        word.save(update_fields=["seen_at"])


# --- learners ----------------------------------------------------------------------------------


@transaction.atomic
def answer_hint(*, participant_id: uuid.UUID, hint_id: int, answer: str) -> HintAnswer:
    """Keep what the learner said to a hint; the same twice is once.

    Raises UnknownHintError, InvalidAnswerError.
    """
    if not 0 < hint_id < LARGEST_ID:
        raise UnknownHintError(hint_id)
    hint = (
        Hint.objects.select_for_update()
        .filter(pk=hint_id, participant_id=participant_id)
        .exclude(state=Hint.State.WITHHELD)
        .first()
    )
    if hint is None:
        raise UnknownHintError(hint_id)
    if answer not in (*hint.allowed_answers, HintAnswer.Answer.HINTS_AGAIN):
        raise InvalidAnswerError(answer)
    newest = hint.answers.order_by("pk").last()
    if newest is not None and newest.answer == answer:
        return newest
    if hint.kind == Hint.Kind.TELL_TEACHER:
        _tell_teacher(hint, answer)
    if hint.kind == Hint.Kind.QUESTION and answer == HintAnswer.Answer.YES:
        _help_at_once(hint)
    if answer == HintAnswer.Answer.LEAVE_ME_ALONE:
        due = Hint.objects.filter(participant__user=hint.participant.user_id, rule__isnull=False)
        due.filter(state=Hint.State.DUE).update(state=Hint.State.WITHHELD, withheld_because="muted")
    queue_hint_answered_statement(hint, answer)
    return HintAnswer.objects.create(hint=hint, answer=answer)


def _tell_teacher(hint: Hint, answer: str) -> None:
    """A yes passes the word on; a no after it takes it back, as long as nobody has read it."""
    if answer == HintAnswer.Answer.YES:
        TeacherWord.objects.get_or_create(hint=hint)
    elif answer == HintAnswer.Answer.NO:
        TeacherWord.objects.filter(hint=hint, seen_at=None).delete()
    session_id = hint.participant.session_id
    transaction.on_commit(lambda: push.notify_session_changed(session_id))


def _help_at_once(question: Hint) -> None:
    """Yes, it is hard: that is asking. The next rung comes by the way hints come, once."""
    participant, occasion = question.participant, f"{AFTER_YES}{question.pk}"
    if participant.session.ended_at or participant.hints.filter(occasion=occasion).exists():
        return
    hint = _of_ladder(participant, question.step, timezone.now())
    hint.occasion, hint.why = occasion, gettext("You said that it is hard right now.")
    hint.save()
    transaction.on_commit(lambda: push.notify_hint_due(participant.pk))


@transaction.atomic
def resume_hints(*, user: User) -> None:
    """Takes "leave me alone today" back, in whichever sitting it was said."""
    if user.pk not in find_snoozed_users({user.pk}, now=timezone.now()):
        return
    said = HintAnswer.objects.filter(
        hint__participant__user=user, answer=HintAnswer.Answer.LEAVE_ME_ALONE
    ).latest("answered_at", "pk")
    queue_hint_answered_statement(said.hint, HintAnswer.Answer.HINTS_AGAIN)
    HintAnswer.objects.create(hint=said.hint, answer=HintAnswer.Answer.HINTS_AGAIN)


@transaction.atomic
def request_hint(*, participant: Participant, step: Step) -> Hint:
    """The next rung of the ladder, because the learner asked. Asking is not capped as rules are.

    Raises TooManyHintRequests.
    """
    # The learner's own row keeps two quick presses from giving the same rung twice.
    Participant.objects.select_for_update().get(pk=participant.pk)
    now = timezone.now()
    asked_lately = participant.hints.filter(rule=None, fired_at__gt=now - timedelta(minutes=1))
    if asked_lately.count() >= MOST_ASKED_A_MINUTE:
        raise TooManyHintRequests
    asked = _of_ladder(participant, step, now)
    asked.occasion, asked.state, asked.shown_at = f"asked-{uuid.uuid4()}", Hint.State.SHOWN, now
    asked.save()
    queue_hints_shown_statements([asked.pk])
    return asked


def _of_ladder(participant: Participant, step: Step | None, now: datetime) -> Hint:
    """The next rung of a step's ladder as a hint, not saved yet; words of ours without one."""
    shown = get_shown_levels([participant.pk]).get((participant.pk, step.pk if step else 0), set())
    rung = get_next_level(step, shown)
    hint = Hint(
        participant=participant,
        step=step,
        kind=Hint.Kind.HINT,
        fired_at=now,
        title="",
        body=get_fallback_text(),
    )
    if rung is not None:
        offer = build_level_offer(rung, get_profile(participant.user))
        hint.title, hint.body, hint.rung = offer.title, offer.body, offer.rung
        hint.symbol, hint.form = offer.symbol, offer.form
    return hint


def set_threshold_shift(*, user: User, evidence: str, shift: float) -> None:
    """Hints sooner or later, by the learner's wish, within limits; 0 forgets the wish."""
    low, high = WISHES
    shift = min(max(shift, low), high)
    if shift == 0:
        ThresholdShift.objects.filter(user=user, evidence=evidence).delete()
        return
    ThresholdShift.objects.update_or_create(user=user, evidence=evidence, defaults={"shift": shift})


# --- consent -----------------------------------------------------------------------------------


def erase_face_evidence(*, participant_id: uuid.UUID, through_epoch: int) -> int:
    """What a withdrawal takes back from the rules: the face's part in reasons, and in the state
    that evaluation carries on. That hints came, and what was answered, stays. Returns how many
    hints lost their reasons. The caller holds the consent row's lock.
    """
    for stored in RuleState.objects.select_for_update().filter(participant_id=participant_id):
        if (body := _without_face(stored.body, through_epoch)) is not None:
            stored.body = body
            stored.save(update_fields=["body"])
    touched = Hint.objects.filter(participant_id=participant_id, consent_epoch__lte=through_epoch)
    return touched.update(why="", parts={}, consent_epoch=None)


def _without_face(body: dict[str, Any], through_epoch: int) -> dict[str, Any] | None:
    """None where nothing of the face is to go. A state that cannot be read, such as one of another
    release, goes whole: the next evaluation begins a new one."""
    try:
        state = parse_state(body)
    except (KeyError, TypeError, ValueError):
        return {}
    if state.epoch is not None and state.epoch > through_epoch:
        return None
    state.forget_face()
    return state.as_json()


@transaction.atomic
def mark_shown(*, hint_ids: list[int]) -> None:
    """These went out to the learner's page."""
    due = Hint.objects.select_for_update().filter(pk__in=hint_ids, state=Hint.State.DUE)
    queue_hints_shown_statements(list(due.values_list("pk", flat=True)))
    due.update(state=Hint.State.SHOWN, shown_at=timezone.now())
