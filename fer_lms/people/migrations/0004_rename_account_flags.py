from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_release_0_1_0"),
        # Reads the old name, so it has to run first.
        ("lti", "0001_release_0_1_0"),
    ]

    operations = [
        migrations.RenameField("user", "stand_in", "is_placeholder"),
        migrations.RenameField("user", "platform_off", "access_suspended"),
        migrations.AlterField(
            model_name="user",
            name="demo",
            field=models.BooleanField(
                default=False,
                help_text="Created by the demonstration; never a person from an LMS.",
            ),
        ),
        migrations.AlterField(
            model_name="user",
            name="simulated",
            field=models.BooleanField(
                default=False,
                help_text="Not a person: a simulated learner of the demonstration.",
            ),
        ),
        migrations.AlterField(
            model_name="user",
            name="is_placeholder",
            field=models.BooleanField(
                default=False,
                help_text="Not a person: a learning platform's test account for the student's view. Excluded from every report.",
            ),
        ),
        migrations.AlterField(
            model_name="user",
            name="access_suspended",
            field=models.BooleanField(
                default=False,
                help_text="The source of the account was switched off or removed: open sockets close. Switching the source on again clears this.",
            ),
        ),
    ]
