import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    STUDENT = "student", _("student")
    TEACHER = "teacher", _("teacher")


class EngagementPreset(models.TextChoices):
    """Which formula of `fer_lms.engagement.scoring` a lesson uses."""

    TRANSPARENT = "transparent", _("ours, transparent")
    SHARMA2019 = "sharma2019", _("Sharma et al. 2019")


class Course(models.Model):
    title = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.title


class Enrolment(models.Model):
    """What one person may do in one course."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="enrolments")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="enrolments"
    )
    role = models.CharField(max_length=8, choices=Role)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "user"], name="one_enrolment_a_person")
        ]

    def __str__(self) -> str:
        return f"{self.role} in course {self.course_id}"


class Lesson(models.Model):
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="lessons")
    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    minutes = models.PositiveSmallIntegerField(default=20, help_text="How long it usually takes.")
    engagement_preset = models.CharField(
        max_length=16, choices=EngagementPreset, default=EngagementPreset.TRANSPARENT
    )

    def __str__(self) -> str:
        return self.title


class Step(models.Model):
    """One page of a lesson."""

    lesson = models.ForeignKey(Lesson, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    body = models.TextField(help_text="Plain text; blank lines part paragraphs.")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["lesson", "position"], name="one_step_a_position")
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.title}"


class LessonSession(models.Model):
    """One sitting of a lesson. The formula is frozen with it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lesson = models.ForeignKey(Lesson, on_delete=models.CASCADE, related_name="sessions")
    engagement_preset = models.CharField(max_length=16, choices=EngagementPreset)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="session_ends_after_it_starts",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=models.F("started_at")),
            )
        ]

    def __str__(self) -> str:
        return f"sitting of {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        return self.ended_at is None


class Participant(models.Model):
    """One person in one sitting."""

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
    """Something a learner did in the lesson: evidence that needs no camera."""

    class Kind(models.TextChoices):
        STEP_OPENED = "step_opened"
        SELF_REPORT = "self_report"
        HINT_ASKED = "hint_asked"
        IDLE = "idle"
        RETURNED = "returned"

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=16, choices=Kind)
    step = models.ForeignKey(Step, on_delete=models.SET_NULL, null=True, blank=True)
    value = models.CharField(max_length=32, blank=True)
    occurred_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["occurred_at", "id"]
        indexes = [models.Index(fields=["participant", "occurred_at"])]

    def __str__(self) -> str:
        return f"{self.kind} at {self.occurred_at:%H:%M:%S}"
