from django.db import migrations


class Migration(migrations.Migration):
    """A sentence on one learner's hint, said to others, is read by nobody and kept nowhere."""

    dependencies = [("rules", "0003_answers_may_change")]

    operations = [migrations.RemoveField(model_name="hint", name="why_teacher")]
