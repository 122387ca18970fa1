"""Session authentication that refuses requests of a page made for somebody else."""

from django.utils.translation import gettext_lazy
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from fer_lms.people.models import User
from fer_lms.people.page_person import compute_page_person


class OtherPerson(APIException):
    """The page was made for one person, and another has signed in on the same computer."""

    status_code = 409
    default_code = "other_person"
    default_detail = gettext_lazy(
        "Somebody else has signed in on this computer. Nothing was saved."
    )


class PageAuthentication(SessionAuthentication):
    """Compare the person named by the header `X-Page-Person`, where a page sends it."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        found: tuple[User, None] | None = super().authenticate(request)
        named = request.headers.get("X-Page-Person")
        if found is not None and named and named != compute_page_person(found[0]):
            raise OtherPerson
        return found
