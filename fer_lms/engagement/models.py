from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fer_lms.engagement.observations import LOST, REFUSED, SCALE
from fer_lms.lessons.models import Participant
from inference.results import LABELS


def no_counts() -> dict[str, int]:
    return {}


def no_sums() -> list[int]:
    return []


class ObservationWindow(models.Model):
    """Ten seconds of one participant. All sums are integers (value x 10^4)."""

    class State(models.TextChoices):
        PROVISIONAL = "provisional", _("provisional")
        CLOSED = "closed", _("closed")

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="windows")
    start_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State, default=State.PROVISIONAL)
    consent_epoch = models.PositiveIntegerField()
    model = models.CharField(max_length=64, blank=True, help_text="sha256 of the classifier")

    # Only while the window is open; dropped when it closes, so no per-frame trace is kept.
    counted_steps = models.BigIntegerField(null=True, default=0)
    usable_steps = models.BigIntegerField(null=True, default=0)
    feeds = models.JSONField(null=True, default=dict, help_text="counts by connection")

    accepted = models.PositiveIntegerField(default=0)
    processed = models.PositiveIntegerField(default=0)
    refused = models.JSONField(default=no_counts)
    lost = models.JSONField(default=no_counts)
    no_face = models.PositiveIntegerField(default=0)
    many_faces = models.PositiveIntegerField(default=0)
    low_quality = models.PositiveIntegerField(default=0)
    scored = models.PositiveIntegerField(default=0)
    score_sums = models.JSONField(default=no_sums)
    engagement_count = models.PositiveIntegerField(default=0)
    engagement_sum = models.BigIntegerField(default=0)
    sign_count = models.PositiveIntegerField(default=0)
    sign_sums = models.JSONField(default=no_sums)
    sign_square_sums = models.JSONField(default=no_sums)
    seen_seconds = models.PositiveSmallIntegerField(
        default=0, help_text="seconds of the ten with at least one usable reading"
    )
    hidden_ms = models.PositiveIntegerField(default=0)
    paused_ms = models.PositiveIntegerField(default=0)

    # Written by the rules, never by the counting; a replay goes by them.
    evaluated_at = models.DateTimeField(
        null=True, blank=True, help_text="when the rules took it in; empty while they have not"
    )
    face_counted = models.BooleanField(
        default=False, help_text="its face was evidence: consent and policy held at that moment"
    )

    class Meta:
        ordering = ["start_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "start_at"], name="one_window_a_participant_and_start"
            )
        ]
        indexes = [
            models.Index(
                fields=["start_at"],
                name="windows_still_open",
                condition=models.Q(state="provisional"),
            ),
            models.Index(
                fields=["start_at"],
                name="windows_not_taken_in",
                condition=models.Q(state="closed", evaluated_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"window {self.start_at:%H:%M:%S} {self.state}"

    @property
    def received(self) -> int:
        refused: int = sum(self.refused.values())
        return self.accepted + refused

    @property
    def in_flight(self) -> int:
        lost: int = sum(self.lost.values())
        return self.accepted - self.processed - lost

    @property
    def coverage(self) -> float:
        """Seconds with a usable reading, of ten: 0..1."""
        return self.seen_seconds / 10

    @property
    def engagement(self) -> float | None:
        if not self.engagement_count:
            return None
        return self.engagement_sum / (self.engagement_count * SCALE)

    @property
    def expressions(self) -> dict[str, float] | None:
        """Mean probability of each label over the scored frames, or None without one."""
        if not self.scored:
            return None
        divisor = self.scored * SCALE
        return {
            label: total / divisor for label, total in zip(LABELS, self.score_sums, strict=True)
        }

    def counts_are_consistent(self) -> bool:
        """Every accepted frame has exactly one fate, and every reason is a known one."""
        return (
            self.in_flight >= 0
            and (self.state != self.State.CLOSED or self.in_flight == 0)
            and set(self.refused) <= set(REFUSED)
            and set(self.lost) <= set(LOST)
            and self.processed == self.scored + self.no_face + self.many_faces + self.low_quality
        )


class LearnerBaseline(models.Model):
    """How one learner usually looks in one sitting: what everything after is relative to.

    Sums over the first seen windows (value x 10^4, squares x 10^8). Never shared with anybody,
    erased with the windows, and of no use after `expires_at`.
    """

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="baselines")
    consent_epoch = models.PositiveIntegerField()
    from_at = models.DateTimeField(help_text="start of the first window it was made from")
    until_at = models.DateTimeField(help_text="end of the last")
    expires_at = models.DateTimeField()
    seen_seconds = models.PositiveSmallIntegerField()
    readings = models.PositiveIntegerField()
    sign_sums = models.JSONField()
    sign_square_sums = models.JSONField()
    scored = models.PositiveIntegerField()
    negative_sum = models.BigIntegerField()
    retired_at = models.DateTimeField(
        null=True, blank=True, help_text="when a newer one took its place"
    )

    class Meta:
        ordering = ["from_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "from_at"], name="one_baseline_a_beginning"
            )
        ]

    def __str__(self) -> str:
        return f"baseline of {self.from_at:%H:%M:%S}"


class BaselineReset(models.Model):
    """The learner asked to create_state anew, for instance to calibrate calmly."""

    participant = models.ForeignKey(
        Participant, on_delete=models.CASCADE, related_name="baseline_resets"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    evaluated_at = models.DateTimeField(
        null=True, blank=True, help_text="when the rules took it in; a replay goes by it"
    )

    class Meta:
        ordering = ["asked_at"]
        indexes = [
            models.Index(
                fields=["asked_at"],
                name="resets_not_taken_in",
                condition=models.Q(evaluated_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"reset of {self.asked_at:%H:%M:%S}"
