from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def say_fine(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    events = apps.get_model("lessons", "InteractionEvent").objects
    events.filter(kind="self_report", value="all_right").update(value="fine")


class Migration(migrations.Migration):
    dependencies = [("lessons", "0002_lessons_that_adapt")]

    operations = [migrations.RunPython(say_fine, migrations.RunPython.noop)]
