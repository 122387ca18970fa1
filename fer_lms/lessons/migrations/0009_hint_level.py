import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lessons", "0008_rename_access_suspended")]

    operations = [
        migrations.RemoveConstraint("stephint", "one_hint_a_rung"),
        migrations.RenameField("stephint", "rung", "level"),
        migrations.AlterModelOptions("stephint", {"ordering": ["level"]}),
        migrations.AddConstraint(
            "stephint",
            models.UniqueConstraint(fields=("step", "level"), name="unique_hint_level_per_step"),
        ),
        migrations.AlterField(
            "interactionevent",
            "key",
            models.CharField(blank=True, help_text="Idempotency key of the client.", max_length=36),
        ),
        migrations.AlterField(
            "step",
            "revision",
            models.PositiveIntegerField(
                default=0,
                help_text="Rises with every change; detects concurrent edits by two authors.",
            ),
        ),
        migrations.AlterField(
            "supporter",
            "since",
            models.DateTimeField(
                default=django.utils.timezone.now,
                editable=False,
                help_text="Consent given before this does not cover the link.",
            ),
        ),
        migrations.AlterField(
            "supporter",
            "until",
            models.DateTimeField(blank=True, help_text="Empty: until ended.", null=True),
        ),
    ]
