from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("rules", "0002_rules_that_come_with_the_product"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="hintanswer",
            name="one_answer_of_a_kind",
        ),
        migrations.AlterField(
            model_name="hintanswer",
            name="answer",
            field=models.CharField(
                choices=[
                    ("helped", "That helped"),
                    ("not_now", "Not now"),
                    ("not_hard", "I'm fine"),
                    ("leave_me_alone", "Leave me alone today"),
                    ("yes", "Yes"),
                    ("no", "No"),
                    ("hints_again", "Hints may come again"),
                ],
                max_length=16,
            ),
        ),
    ]
