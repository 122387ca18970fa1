from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def create_activities(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give every link an activity, in the order of the links: the first has the old sessions."""
    Activity = apps.get_model("lessons", "Activity")
    for link in apps.get_model("lti", "LtiResourceLink").objects.order_by("pk"):
        if link.lesson is None:
            continue
        link.activity = Activity.objects.create(lesson=link.lesson)
        link.save(update_fields=["activity"])


class Migration(migrations.Migration):
    dependencies = [
        ("lti", "0007_link_activity"),
    ]

    operations = [
        migrations.RunPython(create_activities, migrations.RunPython.noop),
    ]
