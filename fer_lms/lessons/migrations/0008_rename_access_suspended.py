from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lessons", "0001_release_0_1_0"),
    ]

    operations = [
        migrations.RenameField("course", "deployment_off", "access_suspended"),
        migrations.AlterField(
            model_name="course",
            name="access_suspended",
            field=models.BooleanField(
                default=False,
                help_text="The source of the course was switched off: open sockets close. Switching the source on again clears this.",
            ),
        ),
    ]
