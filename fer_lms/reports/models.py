import secrets

from django.db import models
from django.utils import timezone

from fer_lms.engagement.models import ObservationWindow
from fer_lms.lessons.models import LessonSession


def generate_key() -> str:
    """Create a digest key. Migrations refer to this name."""
    return secrets.token_hex(16)


class LessonReport(models.Model):
    """The report of an ended session, frozen once every window is closed.

    It contains figures of groups only (fer_lms.disclosure) and no learner's id. It is never
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
    """Release state of a session's camera figures, and digests of whom they describe."""

    class Live(models.TextChoices):
        """The one decision on live figures."""

        UNDECIDED = "undecided"
        NONE = "none", "too few students opened the lesson within ten minutes"
        FEW = "few", "too few of them shared their camera"
        SHOWN = "shown"
        RELATIVE = "relative", "changes only"

    class Stopped(models.TextChoices):
        """Why no further camera figures are released."""

        CHANGED_GROUP = "changed_group"
        EARLIER_VERSION = "earlier_version"
        WITHDRAWN = "withdrawn"

    session = models.OneToOneField(LessonSession, on_delete=models.CASCADE, related_name="release")
    cadence_index = models.PositiveIntegerField(
        null=True, help_text="Last release interval that was processed."
    )
    live = models.CharField(max_length=12, choices=Live, default=Live.UNDECIDED)
    live_cohort = models.JSONField(default=list, help_text="Digests: learners in live figures.")
    live_present = models.JSONField(
        default=list, help_text="Digests: learners in the lesson when live figures were decided."
    )
    live_rows = models.JSONField(default=list, help_text="Released live figures, by bin.")
    stopped = models.CharField(max_length=16, choices=Stopped, blank=True)
    camera_contributors = models.JSONField(
        default=list, help_text="Digests: learners in any figure from the camera."
    )
    activity_contributors = models.JSONField(
        default=list, help_text="Digests: learners in any other figure."
    )
    live_activity = models.JSONField(
        default=dict, blank=True, help_text="Released state of the live view, without a camera."
    )
    activity_index = models.PositiveIntegerField(
        null=True, help_text="Last release interval of the live view that was processed."
    )
    model = models.CharField(max_length=64, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"release: live {self.live}"


class CohortKey(models.Model):
    """The key of the digests of learners in cohorts and releases; there is one."""

    key = models.CharField(max_length=32, default=generate_key)

    def __str__(self) -> str:
        return "key of cohort digests"


class ReleasedCohort(models.Model):
    """A group of learners who were present where levels were released, in one session or several.

    New figures are compared with it (fer_lms.disclosure.cohort). It stays after an erasure, because
    without it a later group could be subtracted from the earlier one. Who of them shares a camera
    is not stored.
    """

    fingerprint = models.CharField(max_length=32, unique=True, help_text="Digest of all members.")
    released_at = models.DateTimeField(help_text="When figures of it were last released.")
    session = models.ForeignKey(
        LessonSession,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The last session with final figures of it.",
    )
    level = models.JSONField(
        default=list, help_text="The group's levels in that session, without rounding."
    )

    def __str__(self) -> str:
        return f"cohort of {self.released_at:%Y-%m-%d %H:%M}"


class CohortMember(models.Model):
    """A keyed digest of one learner who was present in a released cohort's lesson."""

    cohort = models.ForeignKey(ReleasedCohort, on_delete=models.CASCADE, related_name="members")
    digest = models.CharField(max_length=32)

    class Meta:
        indexes = [models.Index(fields=["digest"], name="cohort_members_by_digest")]
        constraints = [
            models.UniqueConstraint(fields=["cohort", "digest"], name="one_member_a_cohort")
        ]

    def __str__(self) -> str:
        return f"member of cohort {self.cohort_id}"


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
