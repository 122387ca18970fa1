import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


class Statement(models.Model):
    """A statement that waits for the learning record store; deleted once it is there.

    Its id is the statement's own, so that the store knows one that comes twice.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        related_name="statements",
        help_text="Whom it is about, so that erasing a person erases it; empty for class figures.",
    )
    body = models.JSONField()
    queued_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    refusal = models.CharField(
        max_length=32, blank=True, help_text="Why the store will never take it."
    )

    class Meta:
        indexes = [models.Index(fields=["refusal", "next_attempt_at"])]

    def __str__(self) -> str:
        return f"statement of {self.queued_at:%Y-%m-%d %H:%M}"
