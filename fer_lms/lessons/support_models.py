import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Supporter(models.Model):
    """A support person of a learner in a course.

    The row alone gives no access to data: the learner decides with the consent `support_view`.
    Rows are never edited, only ended, because they document who had access.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    course = models.ForeignKey(
        "lessons.Course", on_delete=models.CASCADE, related_name="supporters"
    )
    supporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="supports"
    )
    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="supporters"
    )
    since = models.DateTimeField(
        default=timezone.now,
        editable=False,
        help_text="Consent given before this does not cover the link.",
    )
    until = models.DateTimeField(null=True, blank=True, help_text="Empty: until ended.")
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    named_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["course", "supporter", "learner"],
                name="one_open_support_a_pair_and_course",
                condition=Q(ended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="nobody_supports_themselves", condition=~Q(supporter=models.F("learner"))
            ),
            models.CheckConstraint(
                name="nobody_names_themselves_supporter",
                condition=Q(named_by__isnull=True) | ~Q(named_by=models.F("supporter")),
            ),
            models.CheckConstraint(
                name="support_ends_after_it_starts",
                condition=Q(until__isnull=True) | Q(until__gt=models.F("since")),
            ),
        ]

    def __str__(self) -> str:
        return f"support {self.id}"
