from typing import Any

from django.db import migrations


def mark(apps: Any, schema_editor: Any) -> None:
    """Accounts that a platform has called its test user already."""
    users = apps.get_model("people", "User").objects
    users.filter(lti_identities__test_user=True).update(stand_in=True)


class Migration(migrations.Migration):
    dependencies = [("lti", "0002_key_sets"), ("people", "0002_stand_in")]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
