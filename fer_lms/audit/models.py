from typing import Any, NoReturn

from django.db import models
from django.utils import timezone

from fer_lms.audit.chain import FIRST_PREVIOUS_DIGEST, compute_row_digest

TRUNCATION_ACTION = "audit.cut"
"""`action` of a row that records the deletion of all earlier rows."""


class AppendOnlyError(Exception):
    """The audit log accepts new rows only."""


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    """Rejects changes to rows; database triggers reject changes that bypass this class."""

    def _reject_change(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise AppendOnlyError

    update = delete = bulk_update = update_or_create = _reject_change


class AuditEvent(models.Model):
    """An action of a user on a subject, in opaque ids, with the digest of the previous row.

    There is no foreign key, so that an erasure leaves every row as it was.
    """

    number = models.PositiveBigIntegerField(primary_key=True, help_text="1, 2, 3 without gaps")
    at = models.DateTimeField(default=timezone.now)
    actor = models.UUIDField(
        null=True, help_text="public id of the actor; empty for the program itself"
    )
    action = models.CharField(max_length=64)
    subject_kind = models.CharField(max_length=64, blank=True)
    subject = models.CharField(max_length=200, blank=True, help_text="opaque id")
    details = models.JSONField(default=dict)
    previous = models.CharField(max_length=64, default=FIRST_PREVIOUS_DIGEST)
    digest = models.CharField(max_length=64)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        base_manager_name = "objects"
        indexes = [models.Index(fields=["subject_kind", "subject"], name="audit_subject")]

    def __str__(self) -> str:
        return f"{self.number} {self.action}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError
        super().save(*args, **(kwargs | {"force_insert": True}))

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError

    def compute_digest(self) -> str:
        return compute_row_digest(
            number=self.number,
            at=self.at,
            actor=self.actor,
            action=self.action,
            subject_kind=self.subject_kind,
            subject=self.subject,
            details=self.details,
            previous=self.previous,
        )


class ChainCheck(models.Model):
    """When the chain was last verified: a single row, for monitoring."""

    verified_at = models.DateTimeField(default=timezone.now)
    number = models.PositiveBigIntegerField(help_text="number of the last row at that time")

    def __str__(self) -> str:
        return f"chain intact at {self.verified_at:%Y-%m-%d %H:%M}"
