import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    # What release 0.1.0 had applied; remove after the next release.
    replaces = [
        ("lessons", "0001_initial"),
        ("lessons", "0002_lessons_that_adapt"),
        ("lessons", "0003_self_report_says_fine"),
        ("lessons", "0004_step_revision"),
        ("lessons", "0005_preset_head_only"),
        ("lessons", "0006_supporters"),
        ("lessons", "0007_deployment_off"),
    ]
    initial = True

    dependencies = [
        ("people", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Course",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                (
                    "deployment_off",
                    models.BooleanField(
                        default=False,
                        help_text="The learning platform's deployment that it came from was switched off: open sockets close. Switching it on again takes this back.",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LearnerProfile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "hint_form",
                    models.CharField(
                        choices=[
                            ("text", "text"),
                            ("simple_text", "simple text"),
                            ("symbol", "symbols"),
                            ("audio", "read aloud"),
                        ],
                        default="text",
                        max_length=16,
                    ),
                ),
                (
                    "reading_level",
                    models.CharField(
                        choices=[
                            ("standard", "as the teacher wrote it"),
                            ("easy", "easier, where there is an easier form"),
                        ],
                        default="standard",
                        max_length=8,
                    ),
                ),
                (
                    "no_camera",
                    models.BooleanField(
                        default=False, help_text="Never ask this learner about a camera."
                    ),
                ),
                (
                    "expressions_do_not_fit",
                    models.BooleanField(
                        default=False, help_text="What a face shows has no weight for this learner."
                    ),
                ),
                (
                    "hints_muted",
                    models.BooleanField(
                        default=False,
                        help_text="No hints come by themselves; asking for one still works.",
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="learner_profile",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Lesson",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("summary", models.TextField(blank=True)),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(
                        default=20, help_text="How long it usually takes."
                    ),
                ),
                (
                    "engagement_preset",
                    models.CharField(
                        choices=[
                            ("transparent", "ours, transparent"),
                            ("sharma2019", "Sharma et al. 2019"),
                            ("head_only", "the direction of the head alone, nothing of the face"),
                        ],
                        default="transparent",
                        max_length=16,
                    ),
                ),
                (
                    "course",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lessons",
                        to="lessons.course",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LessonSession",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "engagement_preset",
                    models.CharField(
                        choices=[
                            ("transparent", "ours, transparent"),
                            ("sharma2019", "Sharma et al. 2019"),
                            ("head_only", "the direction of the head alone, nothing of the face"),
                        ],
                        max_length=16,
                    ),
                ),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "lesson",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to="lessons.lesson",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Participant",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("student", "student"), ("teacher", "teacher")], max_length=8
                    ),
                ),
                ("joined_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("left_at", models.DateTimeField(blank=True, null=True)),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="participants",
                        to="lessons.lessonsession",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="participations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("title", models.CharField(max_length=200)),
                ("body", models.TextField(blank=True, help_text="Markdown.")),
                (
                    "easy_body",
                    models.TextField(
                        blank=True,
                        help_text="The same step in an easier form, in Markdown; empty: there is none.",
                    ),
                ),
                (
                    "embed_url",
                    models.URLField(
                        blank=True, help_text="A page or a film shown in the step.", max_length=500
                    ),
                ),
                (
                    "embed_title",
                    models.CharField(blank=True, help_text="What it shows.", max_length=200),
                ),
                (
                    "revision",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="Rises with every change, so that two authors notice each other.",
                    ),
                ),
                (
                    "lesson",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="lessons.lesson",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="Question",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("choice", "choose one"),
                            ("text", "a short text"),
                            ("number", "a number"),
                        ],
                        max_length=8,
                    ),
                ),
                ("prompt", models.CharField(max_length=500)),
                (
                    "choices",
                    models.JSONField(
                        blank=True, default=list, help_text='[{"text": "...", "right": true}, ...]'
                    ),
                ),
                (
                    "accepted",
                    models.JSONField(
                        blank=True, default=list, help_text="Texts that count as right."
                    ),
                ),
                ("number", models.FloatField(blank=True, null=True)),
                ("tolerance", models.FloatField(default=0.0)),
                ("when_right", models.CharField(blank=True, max_length=500)),
                ("when_wrong", models.CharField(blank=True, max_length=500)),
                (
                    "step",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="question",
                        to="lessons.step",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="InteractionEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("step_opened", "Step Opened"),
                            ("answered", "Answered"),
                            ("self_report", "Self Report"),
                            ("hint_asked", "Hint Asked"),
                            ("idle", "Idle"),
                            ("returned", "Returned"),
                        ],
                        max_length=16,
                    ),
                ),
                ("value", models.CharField(blank=True, max_length=32)),
                (
                    "attempts",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="answered: which try at this question it was, from 1",
                        null=True,
                    ),
                ),
                (
                    "seconds",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="answered: since the step was opened; idle: how long",
                        null=True,
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        blank=True,
                        help_text="The client's; sent twice, stored once.",
                        max_length=36,
                    ),
                ),
                ("occurred_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="lessons.participant",
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="lessons.step",
                    ),
                ),
            ],
            options={
                "ordering": ["occurred_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="StepHint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "rung",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "a nudge"), (2, "an explanation"), (3, "a worked example")]
                    ),
                ),
                ("text", models.TextField(help_text="Plain text.")),
                (
                    "simple_text",
                    models.TextField(blank=True, help_text="The same in short, easy sentences."),
                ),
                (
                    "symbol",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("look_again", "look again"),
                            ("draw", "draw it"),
                            ("compare", "compare"),
                            ("count", "count"),
                            ("split", "cut it into parts"),
                            ("read", "read slowly"),
                            ("ask", "ask somebody"),
                            ("pause", "take a short break"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hints",
                        to="lessons.step",
                    ),
                ),
            ],
            options={
                "ordering": ["rung"],
            },
        ),
        migrations.CreateModel(
            name="StepPicture",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("alternative_text", models.CharField(max_length=500)),
                ("media_type", models.CharField(max_length=16)),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("data", models.BinaryField()),
                (
                    "step",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="picture",
                        to="lessons.step",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Supporter",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "since",
                    models.DateTimeField(
                        default=django.utils.timezone.now,
                        editable=False,
                        help_text="A yes given before this is no yes to it.",
                    ),
                ),
                (
                    "until",
                    models.DateTimeField(
                        blank=True, help_text="Empty: until it is ended.", null=True
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "course",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="supporters",
                        to="lessons.course",
                    ),
                ),
                (
                    "learner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="supporters",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "named_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "supporter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="supports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Enrolment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("student", "student"), ("teacher", "teacher")], max_length=8
                    ),
                ),
                ("active", models.BooleanField(default=True)),
                (
                    "course",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="enrolments",
                        to="lessons.course",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="enrolments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("course", "user"), name="one_enrolment_a_person"
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="lessonsession",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at__isnull", True),
                    ("ended_at__gte", models.F("started_at")),
                    _connector="OR",
                ),
                name="session_ends_after_it_starts",
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.UniqueConstraint(
                fields=("session", "user"), name="one_participant_a_person"
            ),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.UniqueConstraint(
                fields=("lesson", "position"), name="one_step_a_position"
            ),
        ),
        migrations.AddIndex(
            model_name="interactionevent",
            index=models.Index(
                fields=["participant", "occurred_at"], name="lessons_int_partici_b2d53f_idx"
            ),
        ),
        migrations.AddConstraint(
            model_name="interactionevent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("key", ""), _negated=True),
                fields=("participant", "key"),
                name="one_event_a_key",
            ),
        ),
        migrations.AddConstraint(
            model_name="stephint",
            constraint=models.UniqueConstraint(fields=("step", "rung"), name="one_hint_a_rung"),
        ),
        migrations.AddConstraint(
            model_name="supporter",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("course", "supporter", "learner"),
                name="one_open_support_a_pair_and_course",
            ),
        ),
        migrations.AddConstraint(
            model_name="supporter",
            constraint=models.CheckConstraint(
                condition=models.Q(("supporter", models.F("learner")), _negated=True),
                name="nobody_supports_themselves",
            ),
        ),
        migrations.AddConstraint(
            model_name="supporter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("named_by__isnull", True),
                    models.Q(("named_by", models.F("supporter")), _negated=True),
                    _connector="OR",
                ),
                name="nobody_names_themselves_supporter",
            ),
        ),
        migrations.AddConstraint(
            model_name="supporter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until__isnull", True), ("until__gt", models.F("since")), _connector="OR"
                ),
                name="support_ends_after_it_starts",
            ),
        ),
    ]
