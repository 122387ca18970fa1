import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fer_lms.lessons.choices import EngagementPreset as EngagementPreset
from fer_lms.lessons.choices import HintForm as HintForm
from fer_lms.lessons.choices import Role as Role
from fer_lms.lessons.support_models import Supporter as Supporter


class Course(models.Model):
    title = models.CharField(max_length=200)
    access_suspended = models.BooleanField(
        default=False,
        help_text="The source of the course was switched off: open sockets close. Switching the "
        "source on again clears this.",
    )

    def __str__(self) -> str:
        return self.title


class Enrolment(models.Model):
    """A person's role in a course."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="enrolments")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="enrolments"
    )
    role = models.CharField(max_length=8, choices=Role)
    active = models.BooleanField(default=True)
    has_taught = models.BooleanField(
        default=False,
        editable=False,
        help_text="Has been a teacher of the course: in no figure of its students.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "user"], name="one_enrolment_a_person")
        ]

    def __str__(self) -> str:
        return f"{self.role} in course {self.course_id}"

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        if self.role == Role.TEACHER:
            self.has_taught = True
            update_fields = None if update_fields is None else {*update_fields, "has_taught"}
        super().save(*args, update_fields=update_fields, **options)


class Lesson(models.Model):
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="lessons")
    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    minutes = models.PositiveSmallIntegerField(default=20, help_text="How long it usually takes.")
    language = models.CharField(
        max_length=35, blank=True, help_text="Language tag such as de or ar; empty: not stated."
    )
    engagement_preset = models.CharField(
        max_length=16, choices=EngagementPreset, default=EngagementPreset.TRANSPARENT
    )
    origin_key = models.BigIntegerField(
        null=True,
        blank=True,
        editable=False,
        db_index=True,
        help_text="Key of the first lesson that this is a copy of, which links of copied courses "
        "name; it may be deleted.",
    )

    def __str__(self) -> str:
        return self.title


class Activity(models.Model):
    """An entrance to a lesson, such as an activity of an LMS: its students have own sessions."""

    lesson = models.ForeignKey(Lesson, on_delete=models.CASCADE, related_name="activities")
    title = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name_plural = "activities"

    def __str__(self) -> str:
        return self.title or f"activity {self.pk}"


class Step(models.Model):
    """One page of a lesson."""

    lesson = models.ForeignKey(Lesson, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True, help_text="Markdown.")
    easy_body = models.TextField(
        blank=True, help_text="The same step in an easier form, in Markdown; empty: there is none."
    )
    embed_url = models.URLField(
        max_length=500, blank=True, help_text="A page or a film shown in the step."
    )
    embed_title = models.CharField(max_length=200, blank=True, help_text="What it shows.")
    revision = models.PositiveIntegerField(
        default=0, help_text="Rises with every change; detects concurrent edits by two authors."
    )

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["lesson", "position"], name="one_step_a_position")
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.title}"


class StepPicture(models.Model):
    """The picture of a step, stored in the database so that backups and exports include it."""

    step = models.OneToOneField(Step, on_delete=models.CASCADE, related_name="picture")
    alternative_text = models.CharField(max_length=500)
    media_type = models.CharField(max_length=16)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    data = models.BinaryField()

    def __str__(self) -> str:
        return f"picture of step {self.step_id}"


class Question(models.Model):
    """The question of a step. Learners never receive its solution before they have answered."""

    class Kind(models.TextChoices):
        CHOICE = "choice", _("choose one")
        TEXT = "text", _("a short text")
        NUMBER = "number", _("a number")

    step = models.OneToOneField(Step, on_delete=models.CASCADE, related_name="question")
    kind = models.CharField(max_length=8, choices=Kind)
    prompt = models.CharField(max_length=500)
    choices = models.JSONField(
        default=list, blank=True, help_text='[{"text": "...", "right": true}, ...]'
    )
    accepted = models.JSONField(default=list, blank=True, help_text="Texts that count as right.")
    number = models.FloatField(null=True, blank=True)
    tolerance = models.FloatField(default=0.0)
    when_right = models.CharField(max_length=500, blank=True)
    when_wrong = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"question of step {self.step_id}"


class StepHint(models.Model):
    """One hint level of a step, in several forms. For audio the browser reads the text aloud."""

    class Level(models.IntegerChoices):
        NUDGE = 1, _("a nudge")
        EXPLANATION = 2, _("an explanation")
        WORKED_EXAMPLE = 3, _("a worked example")

    class Symbol(models.TextChoices):
        LOOK_AGAIN = "look_again", _("look again")
        DRAW = "draw", _("draw it")
        COMPARE = "compare", _("compare")
        COUNT = "count", _("count")
        SPLIT = "split", _("cut it into parts")
        READ = "read", _("read slowly")
        ASK = "ask", _("ask somebody")
        PAUSE = "pause", _("take a short break")

    step = models.ForeignKey(Step, on_delete=models.CASCADE, related_name="hints")
    level = models.PositiveSmallIntegerField(choices=Level)
    text = models.TextField(help_text="Plain text.")
    simple_text = models.TextField(blank=True, help_text="The same in short, easy sentences.")
    symbol = models.CharField(max_length=16, choices=Symbol, blank=True)

    class Meta:
        ordering = ["level"]
        constraints = [
            models.UniqueConstraint(fields=["step", "level"], name="unique_hint_level_per_step"),
        ]

    def __str__(self) -> str:
        return f"hint {self.level} of step {self.step_id}"

    def get_text_in_form(self, form: str) -> str:
        """Return the text for a hint form, falling back to the standard text."""
        easier = form in (HintForm.SIMPLE_TEXT, HintForm.SYMBOL)
        return (self.simple_text or self.text) if easier else self.text


class LearnerProfile(models.Model):
    """A learner's preferences. A row exists only where a value differs from its default."""

    class ReadingLevel(models.TextChoices):
        STANDARD = "standard", _("as the teacher wrote it")
        EASY = "easy", _("easier, where there is an easier form")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="learner_profile"
    )
    hint_form = models.CharField(max_length=16, choices=HintForm, default=HintForm.TEXT)
    reading_level = models.CharField(
        max_length=8, choices=ReadingLevel, default=ReadingLevel.STANDARD
    )
    no_camera = models.BooleanField(
        default=False, help_text="Never ask this learner about a camera."
    )
    expressions_do_not_fit = models.BooleanField(
        default=False, help_text="What a face shows has no weight for this learner."
    )
    hints_muted = models.BooleanField(
        default=False, help_text="No hints come by themselves; asking for one still works."
    )

    def __str__(self) -> str:
        return f"profile of person {self.user_id}"


class LessonSession(models.Model):
    """One run of a lesson with a class; its engagement formula is fixed at the start."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lesson = models.ForeignKey(Lesson, on_delete=models.CASCADE, related_name="sessions")
    activity = models.ForeignKey(
        Activity,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="sessions",
        help_text="Whose students come into this session; empty: those of the first activity.",
    )
    engagement_preset = models.CharField(max_length=16, choices=EngagementPreset)
    started_at = models.DateTimeField(default=timezone.now)
    closes_at = models.DateTimeField(
        null=True, blank=True, help_text="When the session closes by itself; empty: never."
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="session_ends_after_it_starts",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=models.F("started_at")),
            ),
            models.CheckConstraint(
                name="session_closes_after_it_starts",
                condition=Q(closes_at__isnull=True) | Q(closes_at__gt=models.F("started_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"session of {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def closed_at(self) -> datetime | None:
        """When the session closed; None while it is open.

        A closing time that has passed counts at once, before the beat task stores `ended_at`.
        """
        if (
            self.ended_at is None
            and self.closes_at is not None
            and self.closes_at <= timezone.now()
        ):
            return self.closes_at
        return self.ended_at

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class Participant(models.Model):
    """A person's participation in a session."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(
        LessonSession, on_delete=models.CASCADE, related_name="participants"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="participations"
    )
    role = models.CharField(max_length=8, choices=Role)
    joined_at = models.DateTimeField(default=timezone.now)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "user"], name="one_participant_a_person")
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.id}"


class InteractionEvent(models.Model):
    """A learner's action in a lesson: evidence that needs no camera."""

    class Kind(models.TextChoices):
        STEP_OPENED = "step_opened"
        ANSWERED = "answered"
        SELF_REPORT = "self_report"
        HINT_ASKED = "hint_asked"
        IDLE = "idle"
        RETURNED = "returned"

    class Answer(models.TextChoices):
        """The `value` of an ANSWERED event."""

        RIGHT = "right"
        WRONG = "wrong"

    class SelfReport(models.TextChoices):
        """The `value` of a SELF_REPORT event."""

        EASY = "easy"
        FINE = "fine"
        HARD = "hard"

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=16, choices=Kind)
    step = models.ForeignKey(Step, on_delete=models.SET_NULL, null=True, blank=True)
    value = models.CharField(max_length=32, blank=True)
    attempts = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="answered: which try at this question it was, from 1"
    )
    seconds = models.PositiveIntegerField(
        null=True, blank=True, help_text="answered: since the step was opened; idle: how long"
    )
    key = models.CharField(max_length=36, blank=True, help_text="Idempotency key of the client.")
    occurred_at = models.DateTimeField(default=timezone.now)
    received_at = models.DateTimeField(
        default=timezone.now, null=True, help_text="Null for events of release 0.1.0."
    )

    class Meta:
        ordering = ["occurred_at", "id"]
        indexes = [models.Index(fields=["participant", "occurred_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "key"], condition=~Q(key=""), name="one_event_a_key"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.occurred_at:%H:%M:%S}"
