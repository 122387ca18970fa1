"""Who looked at whose data: in the audit log once an hour for the same look, so that a page that
asks again and again, or who leafs through lists, does not drown everything else."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from fer_lms.audit.actions import NO_DETAILS, record_event
from fer_lms.audit.chain import Detail
from fer_lms.audit.models import AuditEvent
from fer_lms.people.models import User

ONCE_IN = timedelta(hours=1)
WAYS = ("user", "person", "learner", "participant", "hint", "window", "event")
"""Fields that lead from a row to the person whom it is about, at once or over other rows."""


def record_read_access(
    *,
    actor: User,
    action: str,
    subject: User | None,
    details: Mapping[str, Detail] = NO_DETAILS,
) -> None:
    """Tell the log, unless it was told the same within the hour."""
    lately = AuditEvent.objects.filter(
        at__gte=timezone.now() - ONCE_IN,
        actor=actor.public_id,
        action=action,
        subject=str(subject.public_id) if subject else "",
        details=dict(details),
    )
    if not lately.exists():
        record_event(actor=actor, action=action, subject=subject, details=details)


def log_admin_read_access(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: every page of the administration that shows somebody's rows is in the log, or is
    not shown."""

    def answered(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        entrance = reverse("admin:index")
        if response.status_code == 200 and request.path.startswith(entrance):
            _record(request, request.path.removeprefix(entrance).strip("/").split("/"))
        return response

    return answered


def _record(request: HttpRequest, parts: list[str]) -> None:
    """`parts`: of the path: app, model, and for one row its id and mostly a page's name."""
    actor = request.user
    if len(parts) < 2 or not isinstance(actor, User) or not actor.is_staff:
        return
    try:
        model = apps.get_model(parts[0], parts[1])
    except LookupError:
        return  # no model's page: the index of an app, a password form
    if not has_personal_data(model):
        return
    row = _row(model, parts[2]) if len(parts) > 2 else None
    page = parts[3] if len(parts) > 3 else "list" if row is None else "change"
    details = {"model": model._meta.label_lower, "page": page}
    record_read_access(actor=actor, action="admin.viewed", subject=_person_of(row), details=details)


def has_personal_data(model: type[Model], depth: int = 0) -> bool:
    """Whether its rows are about people: by one of WAYS, or as a list of them."""
    if model is User or any(field.related_model is User for field in model._meta.many_to_many):
        return True
    related = [each.related_model for each in model._meta.concrete_fields if each.name in WAYS]
    return depth < 4 and any(
        isinstance(each, type) and has_personal_data(each, depth + 1) for each in related
    )


def _row(model: type[Model], key: str) -> Model | None:
    try:
        return model._base_manager.filter(pk=unquote(key)).first()
    except (ValueError, ValidationError):
        return None  # "add" and the like


def _person_of(row: Any, depth: int = 0) -> User | None:
    if row is None or isinstance(row, User) or depth > 4:
        return row if isinstance(row, User) else None
    names = {field.name for field in row._meta.concrete_fields}
    found = (_person_of(getattr(row, way), depth + 1) for way in WAYS if way in names)
    return next((person for person in found if person), None)
