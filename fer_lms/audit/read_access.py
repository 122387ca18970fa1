"""The read-access log: who viewed whose data, in the audit log.

A repeated access is recorded once an hour, so that pages that poll add few rows.
"""

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

DEDUPLICATION_PERIOD = timedelta(hours=1)
PERSON_FIELDS = ("user", "person", "learner", "participant", "hint", "window", "event")
"""Fields that refer to the person a row is about, or to another row with such a field."""
MAX_RELATION_DEPTH = 4


def record_read_access(
    *,
    actor: User,
    action: str,
    subject: User | str,
    details: Mapping[str, Detail] = NO_DETAILS,
) -> None:
    """Record a read access, unless an equal one was recorded within the last hour."""
    recent = AuditEvent.objects.filter(
        at__gte=timezone.now() - DEDUPLICATION_PERIOD,
        actor=actor.public_id,
        action=action,
        subject=str(subject.public_id) if isinstance(subject, User) else subject,
        details=dict(details),
    )
    if not recent.exists():
        record_event(actor=actor, action=action, subject=subject, details=details)


def log_admin_read_access(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Record every admin page about people; if that fails, the page is not shown."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        admin_root = reverse("admin:index")
        if response.status_code == 200 and request.path.startswith(admin_root):
            _record_page(request, request.path.removeprefix(admin_root).strip("/").split("/"))
        return response

    return middleware


def _record_page(request: HttpRequest, parts: list[str]) -> None:
    """Record an admin page; `parts` of its path are app, model, a row's id and the page's name."""
    actor = request.user
    if len(parts) < 2 or not isinstance(actor, User) or not actor.is_staff:
        return
    try:
        model = apps.get_model(parts[0], parts[1])
    except LookupError:
        return  # not a model's page, such as the index of an app
    if not has_personal_data(model):
        return
    row = _find_row(model, parts[2]) if len(parts) > 2 else None
    page = parts[3] if len(parts) > 3 else "list" if row is None else "change"
    details = {"model": model._meta.label_lower, "page": page}
    record_read_access(
        actor=actor,
        action="admin.viewed",
        subject=_find_person(row) or model._meta.label_lower,
        details=details,
    )


def has_personal_data(model: type[Model], depth: int = 0) -> bool:
    """Return whether its rows are about people: by PERSON_FIELDS or a many-to-many field."""
    if model is User or any(field.related_model is User for field in model._meta.many_to_many):
        return True
    related = [
        field.related_model for field in model._meta.concrete_fields if field.name in PERSON_FIELDS
    ]
    return depth < MAX_RELATION_DEPTH and any(
        isinstance(other, type) and has_personal_data(other, depth + 1) for other in related
    )


def _find_row(model: type[Model], key: str) -> Model | None:
    try:
        return model._base_manager.filter(pk=unquote(key)).first()
    except (ValueError, ValidationError):
        return None  # "add" and the like


def _find_person(row: Any, depth: int = 0) -> User | None:
    if row is None or isinstance(row, User) or depth > MAX_RELATION_DEPTH:
        return row if isinstance(row, User) else None
    names = {field.name for field in row._meta.concrete_fields}
    found = (_find_person(getattr(row, name), depth + 1) for name in PERSON_FIELDS if name in names)
    return next((person for person in found if person), None)
