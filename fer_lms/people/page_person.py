"""The mark by which a page names the person that it was made for."""

from typing import Any

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from fer_lms.people.models import User


def compute_page_person(user: User) -> str:
    """Return an opaque value that differs between people and does not lead to the account."""
    digest: str = salted_hmac("page-person", str(user.public_id), algorithm="sha256").hexdigest()
    return digest[:20]


def page_person(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the mark of the person who is signed in, or an empty text."""
    user = getattr(request, "user", None)
    return {"page_person": compute_page_person(user) if isinstance(user, User) else ""}
