import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from fer_lms.lessons.models import Course, LessonSession

MAX_NAME_CHARACTERS = 60
MAX_URL_CHARACTERS = 500


class ApiToken(models.Model):
    """The digest of a bearer token by which a program reads one course as its maker may.

    A revoked token has no row; the audit log has who made and who revoked it.
    """

    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens"
    )
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=MAX_NAME_CHARACTERS, help_text="What the token is for.")
    scopes = models.JSONField(default=list, help_text="Values of Scope.")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"token {self.pk} of course {self.course_id}"


class Webhook(models.Model):
    """An address that is told when a report of a course is ready.

    Its secret is derived from its id and the installation's secret key, and stored nowhere.
    """

    class Stopped(models.TextChoices):
        GONE = "gone", "the address answered 410 Gone"
        FAILED = "failed", "no delivery succeeded within the time of all attempts"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhooks"
    )
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="webhooks")
    url = models.URLField(max_length=MAX_URL_CHARACTERS)
    made_at = models.DateTimeField(default=timezone.now)
    stopped = models.CharField(max_length=8, choices=Stopped, blank=True)

    def __str__(self) -> str:
        return f"webhook of course {self.course_id}"


class WebhookDelivery(models.Model):
    """A message to a webhook with its attempts; it holds nothing of a person.

    The key is the message's id, by which a receiver recognises one that is sent twice.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    session = models.ForeignKey(LessonSession, on_delete=models.CASCADE, related_name="+")
    queued_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(
        null=True, default=timezone.now, help_text="Empty: no further attempt."
    )
    outcome = models.CharField(
        max_length=32, blank=True, help_text="Of the last attempt: a status or a reason."
    )
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["next_attempt_at"], name="due_webhook_deliveries")]

    def __str__(self) -> str:
        return f"delivery of {self.queued_at:%Y-%m-%d %H:%M}"
