"""Read a migrated database with today's code; read by `manage.py shell` from the upgrade test.

Every row of every model is loaded, every list and first row of the administration is rendered, and
the commands that answer for stored data are run. Prints the number of rows by table and the schema.
"""

import io
import json
import sys

from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.upgrades.schema import describe_schema

user_model = get_user_model()
administrator = user_model.objects.get(is_superuser=True)
client = Client(SERVER_NAME="localhost")
client.force_login(administrator, backend="django.contrib.auth.backends.ModelBackend")
for model in apps.get_models():
    rows = list(model._default_manager.all())
    if model not in admin.site._registry:
        continue
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    pages = [reverse(f"{name}_changelist")]
    pages += [reverse(f"{name}_change", args=[row.pk]) for row in rows[:1]]
    for page in pages:
        status = client.get(page).status_code
        # 302: the administration leads away from a form that this person may not open.
        assert status in (200, 302, 403), f"{page} answered {status}"

learner = user_model.objects.get(username="demo-simulated-1")
session = apps.get_model("lessons", "LessonSession").objects.earliest("started_at")
for command in (
    ["audit_verify"],
    ["export_person", learner.username],
    ["purge_expired", "--dry-run"],
    ["replay_rules", str(session.pk), "--json"],
):
    call_command(*command, stdout=io.StringIO())
client.force_login(administrator, backend="django.contrib.auth.backends.ModelBackend")
report = client.get(f"/api/v1/sessions/{session.pk}/report")
assert report.status_code in (200, 403, 404), report.status_code

with connection.cursor() as cursor:
    tables = connection.introspection.table_names(cursor)
    counts, schema = {}, describe_schema(cursor)
    for table in tables:
        cursor.execute(f'SELECT COUNT(*) FROM "{table}"')
        counts[table] = cursor.fetchone()[0]
sys.stdout.write(json.dumps({"rows": counts, "schema": schema}))
