from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("engagement", "0004_standard_names"),
    ]

    operations = [
        migrations.RenameIndex(
            model_name="baselinereset",
            new_name="unevaluated_baseline_resets",
            old_name="resets_not_taken_in",
        ),
        migrations.RenameIndex(
            model_name="observationwindow",
            new_name="open_windows_by_start",
            old_name="windows_still_open",
        ),
        migrations.RenameIndex(
            model_name="observationwindow",
            new_name="unevaluated_windows_by_start",
            old_name="windows_not_taken_in",
        ),
    ]
