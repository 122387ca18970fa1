import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lessons", "0010_session_closing_time")]

    operations = [
        # Without a default first: events that are stored already keep null.
        migrations.AddField(
            model_name="interactionevent",
            name="received_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="interactionevent",
            name="received_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now,
                help_text="Null for events of release 0.1.0.",
                null=True,
            ),
        ),
    ]
