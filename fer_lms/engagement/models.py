from dataclasses import fields

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fer_lms.engagement.observations import LOST, REFUSED, SCALE
from fer_lms.engagement.window_summary import WindowSummary
from fer_lms.lessons.models import Participant
from inference.results import LABELS

SUMMARY_FIELDS = tuple(field.name for field in fields(WindowSummary) if field.name != "start")
SUMMARY_COLUMNS = ("participant_id", "start_at", *SUMMARY_FIELDS)
"""Columns that `ObservationWindow.summary` reads."""


def build_empty_counts() -> dict[str, int]:
    return {}


def build_empty_sums() -> list[int]:
    return []


class ObservationWindow(models.Model):
    """Counts and sums of one participant's frames in ten seconds; sums are of value x 10^4."""

    class State(models.TextChoices):
        PROVISIONAL = "provisional", _("provisional")
        CLOSED = "closed", _("closed")

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="windows")
    start_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State, default=State.PROVISIONAL)
    consent_epoch = models.PositiveIntegerField()
    model = models.CharField(max_length=64, blank=True, help_text="sha256 of the classifier")

    # Only while the window is open; cleared when it closes, so that no per-frame trace is stored.
    counted_steps = models.BigIntegerField(null=True, default=0)
    usable_steps = models.BigIntegerField(null=True, default=0)
    feeds = models.JSONField(null=True, default=dict, help_text="counts by connection")

    accepted = models.PositiveIntegerField(default=0)
    processed = models.PositiveIntegerField(default=0)
    refused = models.JSONField(default=build_empty_counts)
    lost = models.JSONField(default=build_empty_counts)
    no_face = models.PositiveIntegerField(default=0)
    many_faces = models.PositiveIntegerField(default=0)
    low_quality = models.PositiveIntegerField(default=0)
    scored = models.PositiveIntegerField(default=0)
    score_sums = models.JSONField(default=build_empty_sums)
    engagement_count = models.PositiveIntegerField(default=0)
    engagement_sum = models.BigIntegerField(default=0)
    sign_count = models.PositiveIntegerField(default=0)
    sign_sums = models.JSONField(default=build_empty_sums)
    sign_square_sums = models.JSONField(default=build_empty_sums)
    seen_seconds = models.PositiveSmallIntegerField(
        default=0, help_text="seconds of the ten with at least one usable reading"
    )
    hidden_ms = models.PositiveIntegerField(default=0)
    paused_ms = models.PositiveIntegerField(default=0)

    # Written by live evaluation of the rules, read by replays.
    evaluated_at = models.DateTimeField(
        null=True, blank=True, help_text="when the rules evaluated it; empty until then"
    )
    face_counted = models.BooleanField(
        default=False, help_text="its face was used as evidence under consent and policy"
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
                name="open_windows_by_start",
                condition=models.Q(state="provisional"),
            ),
            models.Index(
                fields=["start_at"],
                name="unevaluated_windows_by_start",
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
        """Share of the ten seconds with a usable reading, 0..1."""
        return self.seen_seconds / 10

    @property
    def summary(self) -> WindowSummary:
        values = {name: getattr(self, name) for name in SUMMARY_FIELDS}
        return WindowSummary(start=int(self.start_at.timestamp()), **values)

    @property
    def engagement(self) -> float | None:
        if not self.engagement_count:
            return None
        return self.engagement_sum / (self.engagement_count * SCALE)

    @property
    def expressions(self) -> dict[str, float] | None:
        """Mean probability of each label over the scored frames; None without any."""
        if not self.scored:
            return None
        divisor = self.scored * SCALE
        return {
            label: total / divisor for label, total in zip(LABELS, self.score_sums, strict=True)
        }

    def has_consistent_counts(self) -> bool:
        """Return whether each accepted frame has exactly one outcome, each with a known reason."""
        return (
            self.in_flight >= 0
            and (self.state != self.State.CLOSED or self.in_flight == 0)
            and set(self.refused) <= set(REFUSED)
            and set(self.lost) <= set(LOST)
            and self.processed == self.scored + self.no_face + self.many_faces + self.low_quality
        )


class LearnerBaseline(models.Model):
    """Neutral baseline of one learner in one session, as sums (value x 10^4, squares x 10^8).

    It is never shown to anybody, is erased with the windows, and expires at `expires_at`.
    """

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="baselines")
    consent_epoch = models.PositiveIntegerField()
    from_at = models.DateTimeField(help_text="start of the first window in it")
    until_at = models.DateTimeField(help_text="end of the last window in it")
    expires_at = models.DateTimeField()
    seen_seconds = models.PositiveSmallIntegerField()
    readings = models.PositiveIntegerField()
    sign_sums = models.JSONField()
    sign_square_sums = models.JSONField()
    scored = models.PositiveIntegerField()
    negative_sum = models.BigIntegerField()
    retired_at = models.DateTimeField(
        null=True, blank=True, help_text="when a newer one replaced it"
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
    """A learner's request to calibrate again."""

    participant = models.ForeignKey(
        Participant, on_delete=models.CASCADE, related_name="baseline_resets"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    evaluated_at = models.DateTimeField(
        null=True, blank=True, help_text="when the rules evaluated it; empty until then"
    )

    class Meta:
        ordering = ["asked_at"]
        indexes = [
            models.Index(
                fields=["asked_at"],
                name="unevaluated_baseline_resets",
                condition=models.Q(evaluated_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"reset of {self.asked_at:%H:%M:%S}"
