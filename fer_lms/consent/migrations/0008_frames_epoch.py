from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def begin_at_the_epoch(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """What was kept until now was kept under the consent's epoch itself."""
    apps.get_model("consent", "Consent").objects.update(frames_epoch=models.F("epoch"))


class Migration(migrations.Migration):
    dependencies = [("consent", "0007_told_numbers_and_later_wishes")]

    operations = [
        migrations.AddField(
            model_name="consent",
            name="frames_epoch",
            field=models.PositiveIntegerField(
                default=0,
                help_text="The epoch of the last change to the camera: what was captured before it "
                "is dropped.",
            ),
        ),
        migrations.RunPython(begin_at_the_epoch, migrations.RunPython.noop),
    ]
