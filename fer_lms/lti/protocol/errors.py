"""Errors of launches and registrations: a short code for people, an exact reason for the log.

The page shows only the code and what to do: the reason would tell an attacker which check a forged
message failed. docs/integrator/lms.md explains every code.
"""

from enum import Enum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class ErrorKind(Enum):
    """Published code, HTTP status, and the text that the error page shows."""

    INVALID_REQUEST = (
        "LTI-01",
        400,
        _("This page opens from a course of your learning platform. Go there and open it again."),
    )
    UNKNOWN_PLATFORM = (
        "LTI-02",
        403,
        _(
            "This learning platform is not registered here, or not switched on yet. "
            "Ask whoever looks after it."
        ),
    )
    EXPIRED = (
        "LTI-03",
        403,
        _(
            "This way in was used already, or it waited too long. "
            "Go back to your course and open the link again."
        ),
    )
    BROWSER_MISMATCH = (
        "LTI-04",
        403,
        _(
            "Your browser kept no note that it was you who opened this. Open the link again, "
            "in a new window where your course offers it, or allow cookies for this page."
        ),
    )
    INVALID_TOKEN = (
        "LTI-05",
        403,
        _(
            "What your learning platform sent could not be verified. Open the link once more; "
            "if that does not help, tell whoever looks after it this code."
        ),
    )
    INVALID_TIME = (
        "LTI-06",
        403,
        _(
            "What your learning platform sent is too old, or its clock is wrong. Open the link "
            "once more; if that does not help, tell whoever looks after it this code."
        ),
    )
    INVALID_MESSAGE = (
        "LTI-07",
        400,
        _(
            "Your learning platform asked for something that we do not understand. "
            "Tell whoever looks after it this code."
        ),
    )
    UNKNOWN_DEPLOYMENT = (
        "LTI-08",
        403,
        _(
            "This place of your learning platform is not registered here yet. "
            "Tell whoever looks after it this code."
        ),
    )
    KEY_SET_UNAVAILABLE = (
        "LTI-09",
        403,
        _(
            "We could not ask your learning platform for its keys just now. "
            "Wait a minute and open the link again."
        ),
    )
    ACCOUNT_DISABLED = (
        "LTI-10",
        403,
        _("This account is closed here. Your teacher can tell you whom to ask."),
    )
    INVALID_TARGET = (
        "LTI-11",
        400,
        _(
            "This link leads to a place that we do not have. "
            "Ask your teacher to add it to the course again."
        ),
    )
    PLATFORM_ERROR = (
        "LTI-12",
        400,
        _(
            "Your learning platform broke off. Log in there again, "
            "then open the link from your course."
        ),
    )
    OTHER_USER = (
        "LTI-13",
        403,
        _("You can only open your own data here, not another person's."),
    )
    NOT_A_TEACHER = (
        "LTI-14",
        403,
        _("Only teachers of the course can choose a lesson for it."),
    )
    INVALID_INVITE = (
        "LTI-15",
        403,
        _(
            "This registration address was used already, or is older than an hour. "
            "Ask the administrator of fer-lms for a new one."
        ),
    )
    REGISTRATION_FAILED = (
        "LTI-16",
        400,
        _(
            "Your learning platform could not be registered: it did not answer as it must. "
            "Ask the administrator of fer-lms for a new address, and tell them this code."
        ),
    )
    ANONYMOUS_LAUNCH = (
        "LTI-17",
        403,
        _(
            "Your learning platform did not say who you are. Log in to your learning platform "
            "first, then open the link from your course."
        ),
    )

    def __init__(self, code: str, status: int, text: Promise) -> None:
        self.code = code
        self.status = status
        self.text = text


class LtiError(Exception):
    """A launch or registration that fails validation.

    Args:
        kind: What the error page shows.
        reason: Exact cause, for the log only. docs/integrator/lms.md lists all of them.
        details: Ids for the log; never claims about a person.
    """

    def __init__(self, kind: ErrorKind, reason: str, **details: Any) -> None:
        super().__init__(f"{kind.code} {reason}")
        self.kind = kind
        self.reason = reason
        self.details = details
