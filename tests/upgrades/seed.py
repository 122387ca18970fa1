"""Fill a migrated database with at least one row of every model of this project.

Read by `manage.py shell` once per release, in a checkout of that release (see
`scripts/make-upgrade-fixture`). It uses as little of the project's own code as possible, since
names change between releases:

1. `manage.py setup_demo` has made people, lessons, consents, windows, hints and an open session.
2. The session is ended and its report frozen by the release's own code.
3. Every model that is still empty gets one row, its fields filled by their types.
"""

import datetime
import json
import os
import uuid
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.utils import timezone

NOW = timezone.now()
CONSTRAINED: dict[str, dict[str, Any]] = {
    "rules.ThresholdShift": {"shift": 0.1},
    "lti.LtiContext": {"context_id": "course-1"},
}
"""Values that a check constraint asks for, by model."""


def end_sessions() -> None:
    """End what setup_demo opened, and freeze its reports."""
    session_model = apps.get_model("lessons", "LessonSession")
    session_model.objects.filter(ended_at=None).update(
        ended_at=NOW - datetime.timedelta(seconds=30)
    )
    from fer_lms.celery import app

    app.loader.import_default_modules()
    app.tasks["reports.finalise"].apply(throw=True)


def value_for(field: models.Field[Any, Any]) -> Any:
    """Return a value that the field's own validators accept."""
    if field.choices:
        return next(value for value, _ in field.flatchoices)
    if isinstance(field, models.UUIDField):
        return uuid.uuid4()
    if isinstance(field, models.DateTimeField):
        return NOW
    if isinstance(field, models.DateField):
        return NOW.date()
    if isinstance(field, models.BooleanField):
        return False
    if isinstance(field, models.JSONField):
        return {}
    if isinstance(field, models.BinaryField):
        return b"\x00"
    if isinstance(field, models.FloatField | models.IntegerField | models.DecimalField):
        return 1
    if isinstance(field, models.URLField):
        return "https://lms.example.edu/"
    return f"x{uuid.uuid4().hex}"[: field.max_length or 40]


def fill(model: type[models.Model]) -> None:
    """Create one row, with the newest row of every model that it refers to, each row once."""
    values = dict(CONSTRAINED.get(model._meta.label, {}))
    for field in model._meta.concrete_fields:
        if (
            field.name in values
            or field.has_default()
            or (field.primary_key and isinstance(field, models.AutoField))
        ):
            continue
        if isinstance(field, models.ForeignKey):
            if field.null:
                continue
            target = field.related_model
            if not target._default_manager.exists():
                fill(target)
            taken = [value.pk for value in values.values() if isinstance(value, target)]
            rows = target._default_manager.exclude(pk__in=taken).order_by("-pk")
            values[field.name] = rows.first()
        elif not field.null and not (field.blank and field.empty_strings_allowed):
            values[field.name] = value_for(field)
    with transaction.atomic():
        model._default_manager.create(**values)


def ours() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("fer_lms.")]


end_sessions()
for model in ours():
    if not model._default_manager.exists():
        try:
            fill(model)
        except Exception as error:
            raise SystemExit(f"{model._meta.label}: {error}") from error
apps.get_model("people", "User").objects.update(password="!")  # no password hash in a repository
with connection.cursor() as cursor:
    counts = {}
    for table in sorted(connection.introspection.table_names(cursor)):
        cursor.execute(f'SELECT COUNT(*) FROM "{table}"')
        counts[table] = cursor.fetchone()[0]
Path(os.environ["FIXTURE_COUNTS"]).write_text(json.dumps(counts, indent=1) + "\n")
