"""Authentication of people in a browser, and of programs by a token of one course."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy
from rest_framework.authentication import (
    BaseAuthentication,
    SessionAuthentication,
    get_authorization_header,
)
from rest_framework.exceptions import APIException, Throttled
from rest_framework.request import Request

from fer_lms.integrations.models import ApiToken
from fer_lms.integrations.tokens import find_token, mark_token_used
from fer_lms.people.login_limits import WINDOW_S, AttemptCounter, get_address
from fer_lms.people.models import User
from fer_lms.people.page_person import compute_page_person

MAX_REQUESTS = 900
"""With one token in a quarter of an hour: one a second."""
MAX_INVALID_TOKENS = 30
"""From one address in a quarter of an hour."""
requests = AttemptCounter()


class OtherPerson(APIException):
    """The page was made for one person, and another has signed in on the same computer."""

    status_code = 409
    default_code = "other_person"
    default_detail = gettext_lazy(
        "Somebody else has signed in on this computer. Nothing was saved."
    )


class PageAuthentication(SessionAuthentication):
    """Compare the person named by the header `X-Page-Person`, where a page sends it.

    A request with a token is not authenticated by its cookie.
    """

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        if get_bearer_token(request) is not None:
            return None
        found: tuple[User, None] | None = super().authenticate(request)
        named = request.headers.get("X-Page-Person")
        if found is not None and named and named != compute_page_person(found[0]):
            raise OtherPerson
        return found


class InvalidToken(APIException):
    """The token does not exist, has ended, or its maker's rights have."""

    status_code = 401
    default_code = "invalid_token"
    default_detail = gettext_lazy("Invalid or ended token. Make a new one.")
    auth_header = "Bearer"


class TokenNotAccepted(APIException):
    """The operation is for people in a browser only."""

    status_code = 403
    default_code = "token_not_accepted"
    default_detail = gettext_lazy("This operation accepts no token.")


class ScopeMissing(APIException):
    status_code = 403
    default_code = "scope_missing"
    default_detail = gettext_lazy("The token was not made for this.")


class ApiTokenAuthentication(BaseAuthentication):
    """Authenticate the maker of a token by `Authorization: Bearer`, in the token's course only.

    A view accepts tokens for the methods in its attribute `token_scopes`, with the scope named
    there; every other view refuses them.
    """

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        value = get_bearer_token(request)
        if value is None:
            return None
        token = find_token(value)
        if token is None:
            if not requests.add(("address", get_address(request._request)), MAX_INVALID_TOKENS):
                raise Throttled(wait=WINDOW_S)
            raise InvalidToken
        if not requests.add(("token", str(token.pk)), MAX_REQUESTS):
            raise Throttled(wait=WINDOW_S)
        scope = get_token_scope(request.parser_context["view"], request.method)
        if scope is None:
            raise TokenNotAccepted
        if scope not in token.scopes:
            raise ScopeMissing
        mark_token_used(token)
        token.maker.course_limit = token.course_id
        return token.maker, token


def get_token_scope(view: Any, method: str | None) -> str | None:
    """Return the scope with which a view accepts tokens for a method, or None."""
    scopes: Mapping[str, str] = getattr(view, "token_scopes", {})
    return scopes.get((method or "").upper())


def get_bearer_token(request: Request) -> str | None:
    scheme, _, value = get_authorization_header(request).decode("latin-1").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else None
