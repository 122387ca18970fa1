from typing import Any

import django.utils.timezone
from django.db import migrations, models

from fer_lms.audit import triggers


def refuse_changes(apps: Any, schema_editor: Any) -> None:
    triggers.create_triggers(schema_editor.connection)


def allow_changes(apps: Any, schema_editor: Any) -> None:
    triggers.drop_triggers(schema_editor.connection)


class Migration(migrations.Migration):
    # What release 0.1.0 had applied; remove after the next release.
    replaces = [("audit", "0001_initial"), ("audit", "0002_chaincheck")]
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="ChainCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("verified_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("number", models.PositiveBigIntegerField(help_text="of the last row then")),
            ],
        ),
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                (
                    "number",
                    models.PositiveBigIntegerField(
                        help_text="1, 2, 3 without a gap", primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "actor",
                    models.UUIDField(
                        help_text="public id of who did it; empty where the product did it by itself",
                        null=True,
                    ),
                ),
                ("action", models.CharField(max_length=64)),
                ("subject_kind", models.CharField(blank=True, max_length=64)),
                ("subject", models.CharField(blank=True, help_text="opaque id", max_length=200)),
                ("details", models.JSONField(default=dict)),
                (
                    "previous",
                    models.CharField(
                        default="0000000000000000000000000000000000000000000000000000000000000000",
                        max_length=64,
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
            ],
            options={
                "ordering": ["number"],
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["subject_kind", "subject"], name="audit_subject")],
            },
        ),
        migrations.RunPython(refuse_changes, allow_changes),
    ]
