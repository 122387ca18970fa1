"""Access matrix: who may request what at every address; docs/administrator/security.md shows it.

A new route fails tests/access until it has a row here:

    "path as in urls.py": {"METHOD": who may},

`who may` is a set of `tests.access.actors`. Everybody else has to be refused (401, 403, 404, 405,
410, or redirected to the login), and so has every method not listed. A parameter with a new
name needs a value in `World.values` (tests/access/world.py).
"""

import sys
from collections.abc import Mapping

from tests.access.actors import (
    ADMINISTRATOR,
    EVER_LEARNERS,
    EVERYONE,
    LEARNERS,
    MEMBERS,
    NOBODY,
    PLATFORM,
    SIGNED_IN,
    SUPPORT,
    SUPPORTERS,
    TEACHER,
    TEACHERS,
    THE_LEARNER,
    TOKEN,
    TOKENS,
    Actor,
)

Row = Mapping[str, frozenset[Actor]]

SESSION = "api/v1/sessions/<uuid:session_id>/"
MATRIX: dict[str, Row] = {
    # --- for everybody: nothing of anybody is in them --------------------------------------------
    "": {"GET": SIGNED_IN},  # others are sent to the entrance
    "healthz": {"GET": EVERYONE},
    "readyz": {"GET": EVERYONE},
    # From this machine, and not signed in; others need a token.
    "metrics": {"GET": EVERYONE - SIGNED_IN},
    "privacy/": {"GET": EVERYONE},
    "jsi18n/": {"GET": EVERYONE},
    "language/": {"POST": EVERYONE},
    "api/schema/": {"GET": EVERYONE},
    "api/docs/": {"GET": EVERYONE},
    "lti/jwks.json": {"GET": EVERYONE},
    "lti/no-role": {"GET": EVERYONE},
    # --- pages of a lesson -----------------------------------------------------------------------
    "sessions/<uuid:session_id>/": {"GET": LEARNERS},
    "sessions/<uuid:session_id>/closed/": {"GET": MEMBERS},
    "sessions/<uuid:session_id>/me/": {"GET": EVER_LEARNERS},
    "sessions/<uuid:session_id>/live/": {"GET": TEACHER},
    "sessions/<uuid:session_id>/report/": {"GET": TEACHER},
    "lessons/": {"GET": SIGNED_IN},  # own lessons only
    "lessons/<int:lesson_id>/edit/": {"GET": TEACHER},
    "lessons/<int:lesson_id>/rules/": {"GET": TEACHER},
    "lessons/<int:lesson_id>/groups/": {"GET": TEACHER},
    "me/": {"GET": SIGNED_IN},
    "api-access/": {"GET": TEACHERS},  # own tokens and webhooks only
    "api-access/tokens/": {"POST": TEACHERS},
    "api-access/tokens/<int:token_id>/revoke": {"POST": SIGNED_IN},  # own ones only
    "api-access/webhooks/": {"POST": TEACHERS},
    "api-access/webhooks/<uuid:webhook_id>/remove": {"POST": SIGNED_IN},
    # --- of a support person ---------------------------------------------------------------------
    "support/": {"GET": SIGNED_IN},  # own links only
    "support/<uuid:link_id>/": {"GET": SUPPORTERS},
    "api/v1/support/": {"GET": SIGNED_IN},
    "api/v1/support/<uuid:link_id>/": {"GET": SUPPORTERS},
    "api/v1/support/<uuid:link_id>/sessions/<uuid:session_id>/report": {"GET": SUPPORT},
    # --- REST ------------------------------------------------------------------------------------
    SESSION: {"GET": MEMBERS | TOKEN, "PATCH": TEACHER},
    SESSION + "consent": {
        "GET": EVER_LEARNERS,
        "POST": LEARNERS,
        "PATCH": LEARNERS,
        "DELETE": EVER_LEARNERS,
    },
    SESSION + "events": {"POST": LEARNERS},
    SESSION + "answers": {"POST": LEARNERS},
    SESSION + "hints": {"GET": LEARNERS, "POST": LEARNERS},
    SESSION + "hints/<int:hint_id>/answer": {"POST": THE_LEARNER},
    SESSION + "hints/<int:hint_id>/timing": {"POST": THE_LEARNER},
    SESSION + "why": {"GET": LEARNERS},
    SESSION + "baseline": {"GET": LEARNERS, "DELETE": LEARNERS},
    SESSION + "teacher-notifications": {"GET": TEACHER},
    SESSION + "teacher-notifications/<int:notification_id>/seen": {"POST": TEACHER},
    SESSION + "words": {"GET": TEACHER},
    SESSION + "words/<int:notification_id>/seen": {"POST": TEACHER},
    SESSION + "leave": {"POST": LEARNERS},
    SESSION + "my-report": {"GET": EVER_LEARNERS},
    SESSION + "my-report/correction": {"POST": EVER_LEARNERS},
    SESSION + "my-report/word": {"POST": EVER_LEARNERS},
    SESSION + "capture-ticket": {"POST": LEARNERS},
    SESSION + "end": {"POST": TEACHER},
    SESSION + "report": {"GET": TEACHER | TOKEN},
    SESSION + "report.csv": {"GET": TEACHER | TOKEN},
    SESSION + "report.json": {"GET": TEACHER | TOKEN},
    SESSION + "report.pdf": {"GET": TEACHER | TOKEN},
    SESSION + "report.xlsx": {"GET": TEACHER | TOKEN},
    "api/v1/lessons/": {"GET": SIGNED_IN | TOKENS},
    "api/v1/lessons/<int:lesson_id>/sessions/": {"POST": TEACHER},
    "api/v1/lessons/<int:lesson_id>/": {"GET": TEACHER | TOKEN, "PUT": TEACHER, "DELETE": TEACHER},
    "api/v1/lessons/<int:lesson_id>/export": {"GET": TEACHER | TOKEN},
    "api/v1/lessons/<int:lesson_id>/steps/": {"POST": TEACHER, "PUT": TEACHER},
    "api/v1/lessons/<int:lesson_id>/rules/": {"GET": TEACHER, "POST": TEACHER},
    "api/v1/lessons/<int:lesson_id>/rules/preview": {"POST": TEACHER},
    "api/v1/lessons/<int:lesson_id>/rules/switch": {"POST": TEACHER},
    "api/v1/lessons/<int:lesson_id>/rules/<int:rule_id>": {"DELETE": TEACHER},
    "api/v1/lessons/<int:lesson_id>/rules/<int:rule_id>/versions": {
        "GET": TEACHER,
        "POST": TEACHER,
    },
    "api/v1/lessons/<int:lesson_id>/groups/": {"GET": TEACHER, "POST": TEACHER},
    "api/v1/lessons/<int:lesson_id>/groups/<int:group_id>": {"PUT": TEACHER, "DELETE": TEACHER},
    "api/v1/rules/switch": {"POST": ADMINISTRATOR},
    "api/v1/courses/": {"GET": SIGNED_IN | TOKENS},
    "api/v1/courses/<int:course_id>/lessons/": {"POST": TEACHER},
    "api/v1/courses/<int:course_id>/lessons/import": {"POST": TEACHER},
    "api/v1/steps/<int:step_id>/": {"PUT": TEACHER, "DELETE": TEACHER},
    "api/v1/steps/<int:step_id>/picture": {
        "GET": MEMBERS,
        "PUT": TEACHER,
        "PATCH": TEACHER,
        "DELETE": TEACHER,
    },
    "api/v1/markdown": {"POST": SIGNED_IN},
    "api/v1/me/profile": {"GET": SIGNED_IN, "PATCH": SIGNED_IN},
    "api/v1/me/snooze": {"GET": SIGNED_IN, "DELETE": SIGNED_IN},
    "api/v1/me/left-alone": {"GET": SIGNED_IN, "DELETE": SIGNED_IN},
    "api/v1/me/thresholds": {"GET": SIGNED_IN, "PUT": SIGNED_IN},
    "api/v1/device-reader": {"GET": SIGNED_IN},
    "api/v1/device-reader/<sha256:sha256>": {"GET": SIGNED_IN},
    # --- rights ----------------------------------------------------------------------------------
    "my-data/": {"GET": SIGNED_IN},
    "my-data/export.json": {"GET": SIGNED_IN},
    "my-data/export.html": {"GET": SIGNED_IN},
    "my-data/erase": {"POST": SIGNED_IN},
    "retention/": {"GET": EVERYONE},
    "api/v1/platform/export": {"POST": PLATFORM},
    "api/v1/platform/erase": {"POST": PLATFORM},
    # --- only in a demonstration -----------------------------------------------------------------
    "demo/": {"GET": EVERYONE},
    "demo/enter": {"POST": EVERYONE},
    "demo/support": {"POST": EVERYONE},
}

BY_PROOF: dict[str, str] = {
    "lti/login": "tests/lti",
    "lti/launch": "tests/lti",
    "lti/window": "tests/lti",
    "lti/window/<str:secret>": "tests/lti",
    "lti/register": "tests/lti_services",
    "lti/deep-link": "tests/lti_services",
    "lti/link/<int:link_id>": "tests/lti",
    "lti/roster": "tests/lti_services",
    "guardian/<str:token>/": "tests/consent",
    "guardian/take-back/<str:token>/": "tests/consent",
}
"""Routes that need a proof in the request (a signed token, a personal link), whoever sends it.
Without a proof every actor is refused; valid proofs are tested in the named folder."""

ADMINISTRATION = "admin/"
"""Routes of Django's admin: for administrators only, except login and logout."""
FOR_EVERYONE_IN_ADMINISTRATION = {"admin/login/", "admin/logout/", "admin/jsi18n/"}

SOCKETS: dict[str, frozenset[Actor]] = {
    # A socket needs a ticket, which the route above issues.
    "ws/capture/": NOBODY,
}
"""Actors that need no ticket."""

MAY_IDENTIFY_LEARNER: frozenset[Actor] = THE_LEARNER | ADMINISTRATOR | PLATFORM
"""Only these actors may receive the learner's name, address or identifiers, except in: """
NAMES_LEARNERS: dict[str, frozenset[Actor]] = {
    # The learner agreed to be named to the teacher.
    SESSION + "teacher-notifications": TEACHER,
    SESSION + "words": TEACHER,
    "api/v1/lessons/<int:lesson_id>/rules/": TEACHER,  # whom a rule can be made for
    "api/v1/lessons/<int:lesson_id>/groups/": TEACHER,
    "api/v1/lessons/<int:lesson_id>/groups/<int:group_id>": TEACHER,
    # A support person knows whom they support, with or without a yes to anything.
    "support/": SUPPORTERS,
    "support/<uuid:link_id>/": SUPPORTERS,
    "api/v1/support/": SUPPORTERS,
    "api/v1/support/<uuid:link_id>/": SUPPORTERS,
}


def size_in_words() -> str:
    """Return its size as docs/administrator/security.md states it."""
    methods = sum(len(row) for row in MATRIX.values())
    requests = methods * len(Actor)
    return (
        f"{len(MATRIX)} rows, with {methods} methods by {len(Actor)} kinds of people: {requests} "
        f"requests; {len(BY_PROOF)} more that need a proof"
    )


if __name__ == "__main__":
    sys.stdout.write(f"{size_in_words()}\n")
