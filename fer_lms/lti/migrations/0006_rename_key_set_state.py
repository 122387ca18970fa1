from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lti", "0001_release_0_1_0"),
    ]

    operations = [
        migrations.RenameField("keyset", "asked_at", "requested_at"),
        migrations.RenameField("keyset", "busy_until", "leased_until"),
        migrations.AlterField(
            model_name="deeplinkrequest",
            name="data",
            field=models.JSONField(
                blank=True, help_text="Opaque value of the platform; returned unchanged.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="keyset",
            name="attempts",
            field=models.JSONField(default=list, help_text="Times of fetches in the last minute."),
        ),
        migrations.AlterField(
            model_name="keyset",
            name="keys",
            field=models.JSONField(default=dict, help_text="RSA signature keys by key id."),
        ),
        migrations.AlterField(
            model_name="keyset",
            name="requested_at",
            field=models.JSONField(
                default=dict, help_text="Time of the last fetch by unknown key id."
            ),
        ),
        migrations.AlterField(
            model_name="ltiuser",
            name="administrator_at",
            field=models.DateTimeField(
                blank=True,
                help_text="Time of the last launch if it was as a teacher who administers the platform.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="ltiuser",
            name="test_user",
            field=models.BooleanField(
                default=False, help_text="A test account for the student's view, not a person."
            ),
        ),
        migrations.AlterField(
            model_name="platform",
            name="local",
            field=models.BooleanField(
                default=False, help_text="Allow plain http and private addresses."
            ),
        ),
        migrations.AlterField(
            model_name="platform",
            name="page_origins",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="Further origins that may embed our pages, besides the issuer's and the login address's.",
            ),
        ),
        migrations.AlterField(
            model_name="platform",
            name="token_audience",
            field=models.CharField(
                blank=True, help_text="If it differs from the token address.", max_length=500
            ),
        ),
        migrations.AlterField(
            model_name="windowpass",
            name="launch",
            field=models.JSONField(help_text="The launch that the session keeps."),
        ),
        migrations.AlterModelOptions(
            name="windowpass",
            options={"verbose_name_plural": "window passes"},
        ),
        migrations.AlterModelOptions(
            name="lticontext",
            options={"verbose_name": "LTI context"},
        ),
        migrations.AlterModelOptions(
            name="ltiresourcelink",
            options={"verbose_name": "LTI resource link"},
        ),
        migrations.AlterModelOptions(
            name="ltiuser",
            options={"verbose_name": "LTI user"},
        ),
    ]
