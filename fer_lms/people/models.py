import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext

from fer_lms.display_text import clean_name

GENERATED_USERNAME_PREFIX = "lti-"
"""Of user names that nobody chose and that are not displayed."""
MAX_DISPLAY_NAME_LENGTH = 301


class User(AbstractUser):
    """A user account. Names are stored in this table only and never appear in logs or reports."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    demo = models.BooleanField(
        default=False, help_text="Created by the demonstration; never a person from an LMS."
    )
    simulated = models.BooleanField(
        default=False, help_text="Not a person: a simulated learner of the demonstration."
    )
    is_placeholder = models.BooleanField(
        default=False,
        help_text="Not a person: a learning platform's test account for the student's view. "
        "Excluded from every report.",
    )
    access_suspended = models.BooleanField(
        default=False,
        help_text="The source of the account was switched off or removed: open sockets close. "
        "Switching the source on again clears this.",
    )

    course_limit: int | None = None
    """No column. The only course in which `lessons.access` finds rows for this instance: set where
    the person did not come in a browser but a program, with a token of one course."""

    @property
    def display_name(self) -> str:
        """Name of a student on pages; where the platform sent none, a number tells them apart."""
        return self._get_known_name() or gettext("Student %(number)d") % {"number": self.pk}

    @property
    def staff_display_name(self) -> str:
        """Name of a teacher or support person on pages."""
        return self._get_known_name() or gettext("Person %(number)d") % {"number": self.pk}

    def _get_known_name(self) -> str:
        """Return the name, or a user name that somebody chose."""
        name = clean_name(self.get_full_name(), MAX_DISPLAY_NAME_LENGTH)
        is_generated = self.username.startswith(GENERATED_USERNAME_PREFIX)
        return name or ("" if is_generated else self.username)


class RequestKey(models.Model):
    """A request that was executed, with its response for repetitions of it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="request_keys")
    key = models.CharField(max_length=64)
    request = models.CharField(max_length=64, help_text="SHA-256 of method and address.")
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="one_request_a_key"),
        ]

    def __str__(self) -> str:
        return f"request of person {self.user_id}"
