import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models


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
