"""Outbox for xAPI statements: stored in the transaction of what they report, sent by `delivery`.

Without a configured learning record store (LRS) nothing is stored. Users of the demonstration,
simulated learners and placeholder users are never reported.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from fer_lms.people.models import User
from fer_lms.xapi.models import Statement
from fer_lms.xapi.queries import is_enabled
from fer_lms.xapi.statements import Body, Profile, SessionInfo


@dataclass(frozen=True, slots=True)
class ViewedStep:
    """A step that a learner opened. Events with the same client `key` make one statement."""

    step_id: int
    title: str
    at: datetime
    key: str = ""


def queue_lesson_opened(*, user: User, session: SessionInfo) -> None:
    if _is_reported(user):
        _queue(user, _get_profile().build_lesson_opened(user.public_id, session, timezone.now()))


def queue_steps_viewed(*, user: User, session: SessionInfo, steps: Iterable[ViewedStep]) -> None:
    if not _is_reported(user):
        return
    profile, statements = _get_profile(), []
    for step in steps:
        body = profile.build_step_viewed(user.public_id, session, step.step_id, step.title, step.at)
        name = f"{session.session_id}:{user.public_id}:{step.key}"
        identifier = uuid.uuid5(uuid.NAMESPACE_URL, name) if step.key else uuid.uuid4()
        statements.append(Statement(id=identifier, user=user, body=body))
    Statement.objects.bulk_create(statements, ignore_conflicts=True)


def queue_hint_shown(*, user: User, session: SessionInfo, hint_id: object) -> None:
    if _is_reported(user):
        _queue(
            user, _get_profile().build_hint_shown(user.public_id, session, hint_id, timezone.now())
        )


def queue_hint_answered(*, user: User, session: SessionInfo, hint_id: object, answer: str) -> None:
    if _is_reported(user):
        now = timezone.now()
        _queue(
            user, _get_profile().build_hint_answered(user.public_id, session, hint_id, answer, now)
        )


def queue_report_opened(*, user: User, session: SessionInfo) -> None:
    if _is_reported(user):
        _queue(user, _get_profile().build_report_opened(user.public_id, session, timezone.now()))


def queue_class_metrics(
    *, session: SessionInfo, metrics: Mapping[str, float | int | None], permitted: bool
) -> bool:
    """Queue the released metrics of a class, if permitted; return whether they were queued."""
    if not permitted or not is_enabled():
        return False
    body = _get_profile().build_class_metrics(session, metrics, timezone.now())
    Statement.objects.create(id=_get_metrics_statement_id(session.session_id), body=body)
    return True


def void_metrics_statement(*, session_id: uuid.UUID) -> None:
    """Withdraw the metrics of a class: delete the statement if it was never sent, else void it.

    A voided statement stays in the LRS but is left out of query results (xAPI 1.0.3, part 2,
    section 2.3.2).
    """
    identifier = _get_metrics_statement_id(session_id)
    deleted_count = Statement.objects.filter(pk=identifier, attempts=0).delete()[0]
    if not deleted_count and is_enabled():
        _queue(None, _get_profile().build_voiding(identifier, timezone.now()))


def _get_metrics_statement_id(session_id: uuid.UUID) -> uuid.UUID:
    """Derive the id from the session's, so that it need not be stored to void the statement."""
    return uuid.uuid5(session_id, "class figures")  # part of ids that were sent


def _is_reported(user: User) -> bool:
    return is_enabled() and not (user.demo or user.simulated or user.is_placeholder)


def _get_profile() -> Profile:
    return Profile(settings.PUBLIC_URL)


def _queue(user: User | None, body: Body) -> None:
    Statement.objects.create(user=user, body=body)
