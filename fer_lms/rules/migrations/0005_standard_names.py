import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("rules", "0001_release_0_1_0"),
    ]

    operations = [
        migrations.RenameModel(old_name="TeacherWord", new_name="TeacherNotification"),
        migrations.RenameModel(old_name="SettingsSeen", new_name="SettingsSnapshot"),
        migrations.RenameField(model_name="hint", old_name="rung", new_name="level"),
        migrations.AlterField(
            model_name="hint",
            name="consent_epoch",
            field=models.PositiveIntegerField(
                blank=True, help_text="of its face evidence; empty where there is none", null=True
            ),
        ),
        migrations.AlterField(
            model_name="hint",
            name="occasion",
            field=models.CharField(help_text="key of the event it was offered at", max_length=48),
        ),
        migrations.AlterField(
            model_name="hint",
            name="parts",
            field=models.JSONField(blank=True, default=dict, help_text="evidence by part"),
        ),
        migrations.AlterField(
            model_name="hint",
            name="rule",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty: requested by the learner.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="hints",
                to="rules.interactionrule",
            ),
        ),
        migrations.AlterField(
            model_name="hint",
            name="why",
            field=models.TextField(blank=True, help_text="reason in a sentence, to the learner"),
        ),
        migrations.AlterField(
            model_name="hintanswer",
            name="evaluated_at",
            field=models.DateTimeField(
                blank=True, help_text="when the rules evaluated it; empty until then", null=True
            ),
        ),
        migrations.AlterField(
            model_name="interactionrule",
            name="retired_at",
            field=models.DateTimeField(
                blank=True, help_text="when it was removed from use", null=True
            ),
        ),
        migrations.AlterField(
            model_name="interactionrule",
            name="template",
            field=models.CharField(
                blank=True, help_text="template it was created from", max_length=32
            ),
        ),
        migrations.AlterField(
            model_name="rulestate",
            name="active_until",
            field=models.DateTimeField(
                help_text="without an event, no window is evaluated after this"
            ),
        ),
        migrations.AlterField(
            model_name="rulestate",
            name="cursor_at",
            field=models.DateTimeField(help_text="everything up to here is evaluated"),
        ),
        migrations.AlterField(
            model_name="teachernotification",
            name="hint",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="teacher_notification",
                to="rules.hint",
            ),
        ),
    ]
