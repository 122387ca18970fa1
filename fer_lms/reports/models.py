import secrets

from django.db import models
from django.utils import timezone

from fer_lms.engagement.models import ObservationWindow
from fer_lms.lessons.models import LessonSession, Step


def generate_key() -> str:
    """Create a digest key. Migrations refer to this name."""
    return secrets.token_hex(16)


class LessonReport(models.Model):
    """The report of an ended session, frozen once every window is closed.

    It contains metrics of groups only (fer_lms.reports.summary) and no learner's id. It is never
    recomputed with fewer learners: after an erasure it stays or is withdrawn completely.
    """

    session = models.OneToOneField(LessonSession, on_delete=models.CASCADE, related_name="report")
    body = models.JSONField()
    input_digest = models.CharField(
        max_length=64, blank=True, help_text="Digest of the data that a rule trial would use."
    )
    finalised_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"report of {self.finalised_at:%Y-%m-%d %H:%M}"


class Release(models.Model):
    """Release state of a session's metrics: the next bin and digests of the contributors."""

    session = models.OneToOneField(LessonSession, on_delete=models.CASCADE, related_name="release")
    key = models.CharField(
        max_length=32, default=generate_key, help_text="Key of this session's digests."
    )
    next_bin = models.BigIntegerField(
        default=0, help_text="First ten-second bin that no release has covered."
    )
    cadence_index = models.PositiveIntegerField(
        null=True, help_text="Last release interval that was processed."
    )
    latest_contributors = models.JSONField(
        default=list, help_text="Digests: learners in the latest release."
    )
    camera_contributors = models.JSONField(
        default=list, help_text="Digests: learners in any metric from the camera."
    )
    activity_contributors = models.JSONField(
        default=list, help_text="Digests: learners in any other metric."
    )
    model = models.CharField(max_length=64, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"release up to bin {self.next_bin}"


class ReleasedCell(models.Model):
    """A cell (fer_lms.reports.released_cells) of a session without a final report."""

    session = models.ForeignKey(LessonSession, on_delete=models.CASCADE, related_name="cells")
    bin_number = models.BigIntegerField(help_text="Ten-second bins since the Unix epoch.")
    step = models.ForeignKey(Step, on_delete=models.SET_NULL, null=True, related_name="+")
    learner_bins = models.PositiveIntegerField()
    seen_seconds = models.PositiveIntegerField()
    scored = models.PositiveIntegerField()
    expression_sums = models.JSONField()
    engagement_count = models.PositiveIntegerField()
    engagement_sum = models.BigIntegerField()
    levels = models.JSONField()

    class Meta:
        ordering = ["bin_number", "id"]

    def __str__(self) -> str:
        return f"cell of bin {self.bin_number}"


class Correction(models.Model):
    """A learner's correction of one window, shown beside its values and deleted with it."""

    class ReportedState(models.TextChoices):
        THINKING = "thinking"
        INTERESTED = "interested"
        FINE = "fine"
        TIRED = "tired"
        STUCK = "stuck"
        OTHER = "other"

    window = models.OneToOneField(
        ObservationWindow, on_delete=models.CASCADE, related_name="correction"
    )
    said = models.CharField(max_length=16, choices=ReportedState)
    words = models.CharField(max_length=200, blank=True)
    said_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"correction of {self.said_at:%Y-%m-%d %H:%M}"
