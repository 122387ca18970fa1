import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person known to this installation. Names stay here and appear in no log and no report."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    demo = models.BooleanField(
        default=False, help_text="Made by the demonstration entry; never one who came from an LMS."
    )
    simulated = models.BooleanField(
        default=False, help_text="Not a person: a learner played by the demonstration."
    )
    stand_in = models.BooleanField(
        default=False,
        help_text="Not a person: by this account a learning platform shows teachers what students "
        "see. It sees its own view and counts nowhere.",
    )
    platform_off = models.BooleanField(
        default=False,
        help_text="The learning platform they came from was switched off or removed: open sockets "
        "close. Switching it on again takes this back.",
    )
