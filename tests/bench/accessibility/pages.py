"""The pages of each role, by route; tests/access/test_pages.py fails for a route without a row."""

from collections.abc import Mapping
from typing import Final

from django.contrib.admin import site

ANYBODY, STUDENT, TEACHER, SUPPORT, GUARDIAN, ADMINISTRATOR = (
    "anybody",
    "student",
    "teacher",
    "support",
    "guardian",
    "administrator",
)
PAGES: Final[Mapping[str, str]] = {
    "": ANYBODY,
    "demo/": ANYBODY,
    "privacy/": ANYBODY,
    "retention/": ANYBODY,
    "lti/no-role": ANYBODY,
    "lti/launch": ANYBODY,  # the page of an error
    "lti/window": ANYBODY,
    "api/docs/": ANYBODY,
    "sessions/<uuid:session_id>/": STUDENT,
    "sessions/<uuid:session_id>/closed/": STUDENT,
    "sessions/<uuid:session_id>/me/": STUDENT,
    "me/": STUDENT,
    "my-data/": STUDENT,
    "my-data/export.html": STUDENT,
    "lessons/": TEACHER,
    "lessons/<int:lesson_id>/edit/": TEACHER,
    "lessons/<int:lesson_id>/rules/": TEACHER,
    "lessons/<int:lesson_id>/groups/": TEACHER,
    "sessions/<uuid:session_id>/report/": TEACHER,
    "sessions/<uuid:session_id>/live/": TEACHER,
    "api-access/": TEACHER,
    "lti/roster": TEACHER,
    "lti/link/<int:link_id>": TEACHER,
    "support/": SUPPORT,
    "support/<uuid:link_id>/": SUPPORT,
    "guardian/<str:token>/": GUARDIAN,
    "guardian/take-back/<str:token>/": GUARDIAN,
}
"""Role that looks at the page of a route."""

NO_PAGES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("healthz", "readyz", "metrics", "lti/jwks.json", "api/schema/"), "a file"),
    **dict.fromkeys(("jsi18n/", "my-data/export.json"), "a file"),
    **dict.fromkeys(("language/", "demo/enter", "demo/support", "my-data/erase"), "no GET"),
    **dict.fromkeys(("api-access/tokens/", "api-access/webhooks/"), "no GET"),
    "api-access/tokens/<int:token_id>/revoke": "no GET",
    "api-access/webhooks/<uuid:webhook_id>/remove": "no GET",
    "lti/login": "a redirect; its error is that of lti/launch",
    "lti/window/<str:secret>": "a redirect; its error is that of lti/launch",
    "lti/register": "needs a platform's answer; not looked at",
    "lti/deep-link": "needs a signed request; its page is the scene `selection`",
}
"""Routes without a page, or with one that the check cannot open, and why."""

ADMIN_PAGES: Final = (
    *("", "ready/", "status/", "models/", "retention/", "password_change/"),
    *("people/user/1/change/", "people/user/1/erase/", "lessons/lesson/1/change/"),
    *("lessons/lesson/1/delete/", "lessons/course/1/history/"),
)
ADMIN_FORMS: Final = (
    *("people/user", "auth/group", "lessons/course", "lessons/lesson", "lessons/enrolment"),
    *("lessons/supporter", "policy/deploymentpolicy"),
)


def list_admin_paths() -> list[str]:
    """List the addresses of the administration: every list, every form to add, other pages."""
    labels = [model._meta.label_lower.replace(".", "/") for model in site._registry]
    lists, forms = (f"{label}/" for label in labels), (f"{label}/add/" for label in ADMIN_FORMS)
    return [f"admin/{path}" for path in (*ADMIN_PAGES, *lists, *forms)]
