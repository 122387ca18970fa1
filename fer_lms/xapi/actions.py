"""Queue statements in the transaction of what they tell of: both are stored or neither.

Nothing is asked of the record store here; fer_lms.xapi.delivery sends later. Off by default: then
nothing is queued. People of a demonstration, simulated learners and a platform's stand-in for a
student are never spoken of.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from fer_lms.people.models import User
from fer_lms.xapi.models import Statement
from fer_lms.xapi.statements import Body, Profile, Sitting


@dataclass(frozen=True, slots=True)
class StepView:
    """`key` is the client's own of the event: the same one twice makes one statement."""

    step_id: int
    title: str
    at: datetime
    key: str = ""


def queue_lesson_opened(*, user: User, sitting: Sitting) -> None:
    if _speaks_of(user):
        _queue(user, _profile().lesson_opened(user.public_id, sitting, timezone.now()))


def queue_steps_viewed(*, user: User, sitting: Sitting, views: Iterable[StepView]) -> None:
    if not _speaks_of(user):
        return
    rows = []
    for view in views:
        body = _profile().step_viewed(user.public_id, sitting, view.step_id, view.title, view.at)
        same = f"{sitting.session_id}:{user.public_id}:{view.key}"
        identifier = uuid.uuid5(uuid.NAMESPACE_URL, same) if view.key else uuid.uuid4()
        rows.append(Statement(id=identifier, user=user, body=body))
    Statement.objects.bulk_create(rows, ignore_conflicts=True)


def queue_hint_shown(*, user: User, sitting: Sitting, hint_id: object) -> None:
    if _speaks_of(user):
        _queue(user, _profile().hint_shown(user.public_id, sitting, hint_id, timezone.now()))


def queue_hint_answered(*, user: User, sitting: Sitting, hint_id: object, answer: str) -> None:
    if _speaks_of(user):
        now = timezone.now()
        _queue(user, _profile().hint_answered(user.public_id, sitting, hint_id, answer, now))


def queue_report_opened(*, user: User, sitting: Sitting) -> None:
    if _speaks_of(user):
        _queue(user, _profile().report_opened(user.public_id, sitting, timezone.now()))


def queue_class_figures(
    *, sitting: Sitting, figures: Mapping[str, float | int | None], permitted: bool
) -> bool:
    """Figures of a group that is large enough (fer_lms.reports); only where the policy permits.
    Returns whether they are told."""
    if not permitted or not is_on():
        return False
    body = _profile().class_figures(sitting, figures, timezone.now())
    Statement.objects.create(id=class_figures_id(sitting.session_id), body=body)
    return True


def void_class_figures(*, session_id: uuid.UUID) -> None:
    """Take figures of a class back: what was never sent is forgotten; what may have arrived the
    store is asked to void, which in xAPI leaves it there and out of every answer."""
    told = class_figures_id(session_id)
    unsent = Statement.objects.filter(pk=told, attempts=0).delete()[0]
    if not unsent and is_on():
        _queue(None, _profile().voided(told, timezone.now()))


def class_figures_id(session_id: uuid.UUID) -> uuid.UUID:
    """The statement's id follows from the sitting's: it can be named without being kept."""
    return uuid.uuid5(session_id, "class figures")


def is_on() -> bool:
    return bool(settings.XAPI_URL) and not settings.DEMO


def _speaks_of(user: User) -> bool:
    return is_on() and not (user.demo or user.simulated or user.is_placeholder)


def _profile() -> Profile:
    return Profile(settings.PUBLIC_URL)


def _queue(user: User | None, body: Body) -> None:
    Statement.objects.create(user=user, body=body)
