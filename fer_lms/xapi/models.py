import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


class Statement(models.Model):
    """A statement to be sent to the learning record store (LRS); deleted once it is accepted.

    The key is the statement's id, by which the LRS recognises one that is sent twice.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        related_name="statements",
        help_text="The person it is about; empty for metrics of a class.",
    )
    body = models.JSONField()
    queued_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    refusal = models.CharField(max_length=32, blank=True, help_text="Why the LRS rejected it.")

    class Meta:
        indexes = [models.Index(fields=["refusal", "next_attempt_at"])]

    def __str__(self) -> str:
        return f"statement of {self.queued_at:%Y-%m-%d %H:%M}"
