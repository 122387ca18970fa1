from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("rules", "0005_standard_names"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="ruleversion",
            name="rule_calms_below_its_threshold",
        ),
        migrations.RemoveConstraint(
            model_name="ruleversion",
            name="rule_looks_at_enough_windows",
        ),
        migrations.RemoveConstraint(
            model_name="ruleversion",
            name="rule_caps_are_hard",
        ),
        migrations.RemoveConstraint(
            model_name="ruleversion",
            name="rule_needs_half_of_the_time_seen",
        ),
        migrations.RenameIndex(
            model_name="hint",
            new_name="due_hints_by_fired_at",
            old_name="hints_to_be_shown",
        ),
        migrations.RenameIndex(
            model_name="hintanswer",
            new_name="unevaluated_hint_answers",
            old_name="answers_not_taken_in",
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("release__lte", models.F("threshold"))),
                name="rule_release_at_most_threshold",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("over_windows__gte", 1), ("over_windows__lte", models.F("of_windows"))
                ),
                name="rule_over_windows_in_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("cooldown_seconds__gte", 300), ("max_per_lesson__lte", 4)),
                name="rule_hard_limits",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("minimum_coverage__gte", 0.5)),
                name="rule_minimum_coverage_limit",
            ),
        ),
    ]
