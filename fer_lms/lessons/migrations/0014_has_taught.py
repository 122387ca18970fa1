from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Exists, OuterRef, Q


def mark_teachers(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Mark who teaches a course, and who has taught one of its sessions."""
    taught = apps.get_model("lessons", "Participant").objects.filter(
        user=OuterRef("user"), session__lesson__course=OuterRef("course"), role="teacher"
    )
    enrolments = apps.get_model("lessons", "Enrolment").objects
    enrolments.filter(Q(role="teacher") | Exists(taught)).update(has_taught=True)


class Migration(migrations.Migration):
    dependencies = [
        ("lessons", "0013_lesson_language"),
    ]

    operations = [
        migrations.AddField(
            model_name="enrolment",
            name="has_taught",
            field=models.BooleanField(
                default=False,
                editable=False,
                help_text="Has been a teacher of the course: in no figure of its students.",
            ),
        ),
        migrations.RunPython(mark_teachers, migrations.RunPython.noop),
    ]
