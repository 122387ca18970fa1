import secrets

from django.db import models
from django.utils import timezone

from fer_lms.engagement.models import ObservationWindow
from fer_lms.lessons.models import LessonSession, Step


def fresh_key() -> str:
    return secrets.token_hex(16)


class LessonReport(models.Model):
    """The report of an ended sitting, frozen once every window is closed.

    It holds figures of groups only (fer_lms.reports.summary) and no learner's id. It is never made
    again with fewer learners: after an erasure it stands, or is withdrawn whole.
    """

    session = models.OneToOneField(LessonSession, on_delete=models.CASCADE, related_name="report")
    body = models.JSONField()
    base = models.CharField(
        max_length=64, blank=True, help_text="Digest of all that a rule could be tried on then."
    )
    finalised_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"report of {self.finalised_at:%Y-%m-%d %H:%M}"


class Release(models.Model):
    """How far the figures of a sitting have been released, and of whom, in digests."""

    session = models.OneToOneField(LessonSession, on_delete=models.CASCADE, related_name="release")
    key = models.CharField(
        max_length=32, default=fresh_key, help_text="Of this sitting's digests only."
    )
    through = models.BigIntegerField(
        default=0, help_text="Ten-second bins before this one are made, or never will be."
    )
    tick = models.PositiveIntegerField(
        null=True, help_text="Which beat of the cadence was looked at last."
    )
    cohort = models.JSONField(default=list, help_text="Digests: in the newest release.")
    seen = models.JSONField(default=list, help_text="Digests: in any figure from the camera.")
    took_part = models.JSONField(default=list, help_text="Digests: in any other figure.")
    model = models.CharField(max_length=64, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"release through bin {self.through}"


class FigureCell(models.Model):
    """One released cell (fer_lms.reports.released_cells) of a session without a final report."""

    session = models.ForeignKey(LessonSession, on_delete=models.CASCADE, related_name="cells")
    number = models.BigIntegerField(help_text="ten-second bin since the Unix epoch")
    step = models.ForeignKey(Step, on_delete=models.SET_NULL, null=True, related_name="+")
    moments = models.PositiveIntegerField()
    seen_seconds = models.PositiveIntegerField()
    scored = models.PositiveIntegerField()
    expression_sums = models.JSONField()
    engagement_count = models.PositiveIntegerField()
    engagement_sum = models.BigIntegerField()
    levels = models.JSONField()

    class Meta:
        ordering = ["number", "id"]

    def __str__(self) -> str:
        return f"cell of bin {self.number}"


class Correction(models.Model):
    """A learner's own word on ten seconds of theirs; it stands beside the figure, and goes with
    it."""

    class Said(models.TextChoices):
        THINKING = "thinking"
        INTERESTED = "interested"
        FINE = "fine"
        TIRED = "tired"
        STUCK = "stuck"
        OTHER = "other"

    window = models.OneToOneField(
        ObservationWindow, on_delete=models.CASCADE, related_name="correction"
    )
    said = models.CharField(max_length=16, choices=Said)
    words = models.CharField(max_length=200, blank=True)
    said_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"correction of {self.said_at:%Y-%m-%d %H:%M}"
