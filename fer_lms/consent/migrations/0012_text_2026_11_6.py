from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from fer_lms.consent.texts import load_texts

VERSION = "2026-11-6"


def add_texts(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    consent_text = apps.get_model("consent", "ConsentText")
    for locale, form, body in load_texts(VERSION):
        consent_text.objects.create(version=VERSION, locale=locale, form=form, body=body)


class Migration(migrations.Migration):
    """The text has the questions, and names steps and hints in a support person's view."""

    dependencies = [("consent", "0011_text_2026_11_5")]

    operations = [migrations.RunPython(add_texts, migrations.RunPython.noop)]
