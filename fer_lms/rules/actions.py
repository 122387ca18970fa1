"""Writes of rules, switches, groups, hints and answers, each in one transaction."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from fer_lms import notifications
from fer_lms.audit.actions import record_event
from fer_lms.lessons.actions import SessionClosedError
from fer_lms.lessons.models import Course, Lesson, Participant, Step
from fer_lms.lessons.queries import get_profile
from fer_lms.people.models import User
from fer_lms.revisions import RevisionConflictError, check_revision
from fer_lms.rules.engine.spec import RuleSpec, SpecError, validate_spec
from fer_lms.rules.engine.stored_state import InvalidStateError, parse_state, serialize_state
from fer_lms.rules.models import (
    Hint,
    HintAnswer,
    InteractionRule,
    LearnerGroup,
    RuleState,
    RuleSwitch,
    RuleVersion,
    TeacherNotification,
    ThresholdShift,
)
from fer_lms.rules.offers import Offer, build_step_offer, get_fallback_text
from fer_lms.rules.queries import (
    CONFIRMED_PREFIX,
    REQUESTED_PREFIX,
    find_snoozed_users,
    get_group_values,
    get_shown_levels,
)
from fer_lms.rules.statements import send_hint_answered, send_hints_shown

PREFERENCE_SHIFT_LIMITS = (-0.2, 0.3)
"""Range of a learner's preferred threshold shift."""
MAX_REQUESTS_PER_MINUTE = 12
MAX_ID = 2**63 - 1


class InvalidRuleError(Exception):
    """A rule cannot be saved; `errors` lists the invalid fields with a message each."""

    def __init__(self, errors: list[SpecError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors


class DuplicateGroupError(Exception):
    """The course has another group of this name."""


class UnknownHintError(Exception):
    """The hint does not exist or was not shown to this learner."""


class TooManyHintRequests(Exception):
    """The learner has requested `MAX_REQUESTS_PER_MINUTE` hints in the last minute."""


class InvalidAnswerError(Exception):
    """The hint exists, but does not accept this answer."""


# --- Teachers -----------------------------------------------------------------------------------


@transaction.atomic
def create_rule(
    *, lesson: Lesson, title: str, spec: RuleSpec, user: User, template: str = ""
) -> InteractionRule:
    """Create a rule of one lesson, with its first version.

    Raises:
        InvalidRuleError: The spec is invalid.
    """
    rule = InteractionRule.objects.create(
        lesson=lesson, course=lesson.course, title=title, template=template, made_by=user
    )
    add_version(rule=rule, spec=spec, user=user)
    return rule


@transaction.atomic
def add_version(
    *, rule: InteractionRule, spec: RuleSpec, user: User | None, base: int | None = None
) -> RuleVersion:
    """Add a version, which replaces the previous one; that stays readable.

    Raises:
        InvalidRuleError: The spec is invalid.
        RevisionConflictError: There is a newer version than number `base`.
    """
    if errors := validate_spec(spec):
        raise InvalidRuleError(errors)
    InteractionRule.objects.select_for_update().get(pk=rule.pk)
    latest = rule.versions.order_by("-number").first()
    if base is not None and latest is not None and latest.number != base:
        raise RevisionConflictError
    values = asdict(spec)
    del values["face_only"]
    version = RuleVersion.objects.create(
        rule=rule, number=latest.number + 1 if latest else 1, made_by=user, **values
    )
    record_event(
        actor=user, action="rule.version", subject=rule, details={"number": version.number}
    )
    return version


@transaction.atomic
def retire_rule(*, rule: InteractionRule, user: User) -> None:
    """Remove a rule from use; its hints keep their reasons."""
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
    """Switch hints off or on, for the installation or a lesson, rule, learner or combination.

    Switching off also withholds hints that are due and not shown yet.
    """
    switch = RuleSwitch.objects.create(
        off=off, set_by=user, lesson=lesson, rule=rule, learner=learner
    )
    if off:
        _withhold_due_hints(lesson=lesson, rule=rule, learner=learner)
    record_event(
        actor=user,
        action="rule.switched_off" if off else "rule.switched_on",
        subject=rule or lesson or RuleSwitch._meta.label_lower,
        details={
            "lesson": lesson.pk if lesson else None,
            "rule": rule.pk if rule else None,
            "learner": str(learner.public_id) if learner else None,
        },
    )
    return switch


def _withhold_due_hints(
    *, lesson: Lesson | None, rule: InteractionRule | None, learner: User | None
) -> None:
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
    """Create a group of learners of a course, to which rules can be limited.

    Raises:
        DuplicateGroupError: The course has a group of this name.
    """
    _check_group_title(course, title)
    group = LearnerGroup.objects.create(course=course, title=title)
    group.members.set(members)
    record_event(
        actor=user, action="rule.group_made", subject=group, details={"members": len(members)}
    )
    return group


@transaction.atomic
def update_group(
    *, group: LearnerGroup, title: str, members: Sequence[User], user: User, base: str | None = None
) -> None:
    """Change name and members; rules for the group apply to its present members.

    Raises:
        DuplicateGroupError: The course has another group of this name.
        RevisionConflictError: `base` is not the revision of the stored group.
    """
    group = LearnerGroup.objects.select_for_update().get(pk=group.pk)
    check_revision(base, get_group_values(group))
    _check_group_title(group.course, title, exclude=group)
    group.title = title
    group.save(update_fields=["title"])
    group.members.set(members)
    record_event(
        actor=user, action="rule.group_changed", subject=group, details={"members": len(members)}
    )


def _check_group_title(course: Course, title: str, exclude: LearnerGroup | None = None) -> None:
    groups = LearnerGroup.objects.filter(course=course, title__iexact=title)
    if exclude is not None:
        groups = groups.exclude(pk=exclude.pk)
    if groups.exists():
        raise DuplicateGroupError(title)


@transaction.atomic
def delete_group(*, group: LearnerGroup, user: User) -> None:
    """Delete a group; a rule for it alone then applies to nobody."""
    record_event(actor=user, action="rule.group_dissolved", subject=group)
    group.delete()


def mark_notification_seen(*, notification: TeacherNotification) -> None:
    if notification.seen_at is None:
        notification.seen_at = timezone.now()
        notification.save(update_fields=["seen_at"])


# --- Learners -----------------------------------------------------------------------------------


@transaction.atomic
def answer_hint(*, participant_id: uuid.UUID, hint_id: int, answer: str) -> HintAnswer:
    """Store a learner's answer to a hint; repeating the latest answer changes nothing.

    Raises:
        UnknownHintError: The hint does not exist or was not shown to this learner.
        InvalidAnswerError: The hint does not accept this answer.
    """
    if not 0 < hint_id <= MAX_ID:
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
    latest = hint.answers.order_by("pk").last()
    if latest is not None and latest.answer == answer:
        return latest
    if hint.kind == Hint.Kind.TELL_TEACHER:
        _update_teacher_notification(hint, answer)
    if hint.kind == Hint.Kind.QUESTION and answer == HintAnswer.Answer.YES:
        _create_confirmed_hint(hint)
    if answer == HintAnswer.Answer.LEAVE_ME_ALONE:
        due = Hint.objects.filter(participant__user=hint.participant.user_id, rule__isnull=False)
        due.filter(state=Hint.State.DUE).update(state=Hint.State.WITHHELD, withheld_because="muted")
    send_hint_answered(hint, answer)
    return HintAnswer.objects.create(hint=hint, answer=answer)


def rate_timing(*, hint: Hint, timing: str) -> None:
    """Store a learner's answer to "Was this the right moment?"; no rule uses it."""
    hint.timing = timing
    hint.save(update_fields=["timing"])


def _update_teacher_notification(hint: Hint, answer: str) -> None:
    """Notify the teacher after a yes; after a no, cancel a notification that was not read."""
    if answer == HintAnswer.Answer.YES:
        TeacherNotification.objects.get_or_create(hint=hint)
    elif answer == HintAnswer.Answer.NO:
        TeacherNotification.objects.filter(hint=hint, seen_at=None).delete()
    session_id = hint.participant.session_id
    transaction.on_commit(lambda: notifications.notify_session_changed(session_id))


def _create_confirmed_hint(question: Hint) -> None:
    """Offer the next hint level once, after the question whether the step is hard."""
    participant, occasion = question.participant, f"{CONFIRMED_PREFIX}{question.pk}"
    if not participant.session.is_open or participant.hints.filter(occasion=occasion).exists():
        return
    why = gettext("You said that it is hard right now.")
    _create_step_hint(participant, question.step, occasion=occasion, why=why)
    transaction.on_commit(lambda: notifications.notify_hint_due(participant.pk))


@transaction.atomic
def resume_hints(*, user: User) -> None:
    """Cancel a snooze ("leave me alone today"), in whichever session it was answered."""
    if user.pk not in find_snoozed_users({user.pk}, now=timezone.now()):
        return
    snooze = HintAnswer.objects.filter(
        hint__participant__user=user, answer=HintAnswer.Answer.LEAVE_ME_ALONE
    ).latest("answered_at", "pk")
    send_hint_answered(snooze.hint, HintAnswer.Answer.HINTS_AGAIN)
    HintAnswer.objects.create(hint=snooze.hint, answer=HintAnswer.Answer.HINTS_AGAIN)


@transaction.atomic
def request_hint(*, participant: Participant, step: Step) -> Hint:
    """Create the next hint level of a step at the learner's request.

    The limits of rules do not apply.

    Raises:
        SessionClosedError: The session is closed.
        TooManyHintRequests: More than `MAX_REQUESTS_PER_MINUTE`.
    """
    if not participant.session.is_open:
        raise SessionClosedError
    # The lock keeps two concurrent requests from creating the same level twice.
    Participant.objects.select_for_update().get(pk=participant.pk)
    now = timezone.now()
    recent = participant.hints.filter(rule=None, fired_at__gt=now - timedelta(minutes=1))
    if recent.count() >= MAX_REQUESTS_PER_MINUTE:
        raise TooManyHintRequests
    hint = _create_step_hint(
        participant,
        step,
        occasion=f"{REQUESTED_PREFIX}{uuid.uuid4()}",
        state=Hint.State.SHOWN,
        shown_at=now,
    )
    send_hints_shown([hint.pk])
    return hint


def _create_step_hint(participant: Participant, step: Step | None, **fields: Any) -> Hint:
    """Create a hint of the step's next level, or of the fallback text."""
    shown = get_shown_levels([participant.pk]).get((participant.pk, step.pk if step else 0), set())
    offer = build_step_offer(step, shown, get_profile(participant.user)) or Offer(
        Hint.Kind.HINT, "", get_fallback_text()
    )
    return Hint.objects.create(
        participant=participant,
        step=step,
        fired_at=timezone.now(),
        **offer.to_fields(),
        **fields,
    )


def set_threshold_shift(*, user: User, evidence: str, shift: float) -> None:
    """Store a learner's preference for earlier or later hints, within limits; 0 deletes it."""
    low, high = PREFERENCE_SHIFT_LIMITS
    shift = min(max(shift, low), high)
    if shift == 0:
        ThresholdShift.objects.filter(user=user, evidence=evidence).delete()
        return
    ThresholdShift.objects.update_or_create(user=user, evidence=evidence, defaults={"shift": shift})


@transaction.atomic
def mark_shown(*, hint_ids: list[int]) -> None:
    """Record that due hints were sent to the learner's page."""
    due = Hint.objects.select_for_update().filter(pk__in=hint_ids, state=Hint.State.DUE)
    send_hints_shown(list(due.values_list("pk", flat=True)))
    due.update(state=Hint.State.SHOWN, shown_at=timezone.now())


# --- Consent ------------------------------------------------------------------------------------


def erase_face_evidence(*, participant_id: uuid.UUID, through_epoch: int) -> int:
    """Erase the face from hints and state after a withdrawal; hints and answers stay.

    The caller holds the lock of the consent row.

    Returns:
        The number of hints whose reasons were erased.
    """
    for stored in RuleState.objects.select_for_update().filter(participant_id=participant_id):
        if (body := _remove_face(stored.body, through_epoch)) is not None:
            stored.body = body
            stored.save(update_fields=["body"])
    hints = Hint.objects.filter(participant_id=participant_id, consent_epoch__lte=through_epoch)
    return hints.update(why="", parts={}, sources={}, consent_epoch=None)


def _remove_face(body: dict[str, Any], through_epoch: int) -> dict[str, Any] | None:
    """Return the state to store, or None where nothing changes.

    A state that cannot be parsed is erased entirely; the next evaluation creates a new one.
    """
    try:
        state = parse_state(body)
    except InvalidStateError:
        return {}
    if state.face_epoch is not None and state.face_epoch > through_epoch:
        return None
    state.erase_face()
    return serialize_state(state)
