"""Errors of launches and registrations: a short code for the page, an exact reason for the log.

The page shows only the code and what to do: the reason would reveal to an attacker which check a
forged message failed. docs/integrator/lti-errors.md explains every code.
"""

from enum import Enum
from typing import Any


class ErrorKind(Enum):
    """Published code and HTTP status; templates/lti/error.html has the texts."""

    INVALID_REQUEST = ("LTI-01", 400)
    UNKNOWN_PLATFORM = ("LTI-02", 403)
    EXPIRED = ("LTI-03", 403)
    BROWSER_MISMATCH = ("LTI-04", 403)
    INVALID_TOKEN = ("LTI-05", 403)
    INVALID_TIME = ("LTI-06", 403)
    INVALID_MESSAGE = ("LTI-07", 400)
    UNKNOWN_DEPLOYMENT = ("LTI-08", 403)
    KEY_SET_UNAVAILABLE = ("LTI-09", 403)
    ACCOUNT_DISABLED = ("LTI-10", 403)
    INVALID_TARGET = ("LTI-11", 400)
    PLATFORM_ERROR = ("LTI-12", 400)
    OTHER_USER = ("LTI-13", 403)
    NOT_A_TEACHER = ("LTI-14", 403)
    INVALID_INVITE = ("LTI-15", 403)
    REGISTRATION_FAILED = ("LTI-16", 400)
    ANONYMOUS_LAUNCH = ("LTI-17", 403)

    def __init__(self, code: str, status: int) -> None:
        self.code = code
        self.status = status


class LtiError(Exception):
    """A launch or registration that fails validation.

    Args:
        kind: What the error page shows.
        reason: Exact cause, for the log only. docs/integrator/lti-errors.md lists all of them.
        details: Ids for the log; never claims about a person.
    """

    def __init__(self, kind: ErrorKind, reason: str, **details: Any) -> None:
        super().__init__(f"{kind.code} {reason}")
        self.kind = kind
        self.reason = reason
        self.details = details
