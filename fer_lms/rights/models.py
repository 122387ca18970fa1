from django.db import models
from django.utils import timezone

from fer_lms.lti.models import Platform


class PlatformToken(models.Model):
    """The digest of a bearer token by which an LMS's privacy tools export or erase its people."""

    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="rights_tokens")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"token {self.pk} of platform {self.platform_id}"


class PurgeRun(models.Model):
    """A completed purge, with the number of deleted rows by class of data."""

    finished_at = models.DateTimeField(default=timezone.now, db_index=True)
    counts = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"purge of {self.finished_at:%Y-%m-%d %H:%M}"
