"""Language of a page: the reader's own choice, else the LMS's locale, else the browser's.

The choice is kept in the session: on a shared computer it ends with it. Visitors without a session
have a cookie that ends with the browser, so that their requests write no row.
"""

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.translation.trans_real import get_supported_language_variant
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

CHOICE_KEY = "language"
LAUNCH_LOCALE_KEY = "launch_locale"


class PageLanguageMiddleware(LocaleMiddleware):
    """Activate the language of a request. Placed below the session's middleware."""

    def process_request(self, request: HttpRequest) -> None:
        language = get_session_language(request.session)
        if language is None:
            super().process_request(request)
            return
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language()


def get_session_language(session: SessionBase) -> str | None:
    """Return the language that a session states; None leaves it to the browser."""
    for key in (CHOICE_KEY, LAUNCH_LOCALE_KEY):
        language = find_language(session.get(key, ""))
        if language is not None:
            return language
    return None


def find_language(locale: str) -> str | None:
    """Return the language of the interface for a locale such as "de_AT"; None without one."""
    try:
        return get_supported_language_variant(locale.replace("_", "-").lower())
    except LookupError:
        return None


@csrf_exempt  # pages of people who are not signed in have no token; the origin is checked instead
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Store the reader's choice (`language` of the form; empty: as the LMS or browser has it)."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return HttpResponse(status=403)
    chosen = request.POST.get("language", "")
    language = find_language(chosen)
    if chosen and language is None:
        return HttpResponse(status=400)
    response = HttpResponse(status=204)
    if not language:
        request.session.pop(CHOICE_KEY, None)
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
    elif request.session.is_empty():
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, httponly=True, samesite="Lax")
    else:
        request.session[CHOICE_KEY] = language
    return response
