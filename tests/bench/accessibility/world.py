"""The people and rows whose pages are looked at, in a running demonstration of their own."""

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from fer_lms.consent.guardians import create_link_token, request_guardian_consent
from fer_lms.consent.models import GRANTS
from fer_lms.consent.queries import get_current_text_version
from fer_lms.demo.actions import ensure_demo_lessons, ensure_open_session, ensure_person
from fer_lms.demo.support import ensure_demo_supporter
from fer_lms.integrations.tokens import Scope, create_token
from fer_lms.lessons.actions import end_session, enter_as_student, join_session
from fer_lms.lessons.models import LessonSession, Role
from fer_lms.lti.launch.sessions import LAUNCH_KEY, SessionLaunch
from fer_lms.lti.models import Deployment, LtiContext, LtiResourceLink, Platform
from fer_lms.people.models import User
from fer_lms.stack import Stack
from tests.bench.accessibility.pages import (
    ADMINISTRATOR,
    ANYBODY,
    GUARDIAN,
    STUDENT,
    SUPPORT,
    TEACHER,
)

BACKEND = "django.contrib.auth.backends.ModelBackend"
FILE = "accessibility.json"


def make_world_of(stack: Stack) -> dict[str, Any]:
    """Create the people in the stack's database; return `keys` by role, and `values` of URLs."""
    return _run(stack, write_world)


def make_administrator_of(stack: Stack) -> str:
    """Create an administrator in the stack's database; return the key of their session."""
    return str(_run(stack, write_administrator)["keys"][ADMINISTRATOR])


def _run(stack: Stack, write: Callable[[], None]) -> dict[str, Any]:
    code = f"from {write.__module__} import {write.__name__}; {write.__name__}()"
    stack.run_command("shell", "--no-imports", "-c", code)
    made: dict[str, Any] = json.loads(
        (Path(stack.environment["FER_VAR_DIR"]) / FILE).read_text(encoding="utf-8")
    )
    return made


def write_world() -> None:
    """Create people and rows, and write what the browser needs; runs inside the stack."""
    session = ensure_open_session()
    course = session.lesson.course
    student, teacher = (ensure_person(name="Axe", role=role) for role in (Role.STUDENT, "teacher"))
    enter_as_student(session=session, user=student)
    join_session(session=session, user=teacher, role=Role.TEACHER)
    ended = LessonSession.objects.create(
        lesson=ensure_demo_lessons(), started_at=timezone.now() - timedelta(days=1)
    )
    enter_as_student(session=ended, user=student)
    end_session(session=ended)
    link = ensure_demo_supporter(name="Axe supporter", session=session)
    asked, given = (
        request_guardian_consent(
            person=ensure_person(name=name, role=Role.STUDENT),
            grants=GRANTS,
            text_version=get_current_text_version(),
        )
        for name in ("Axe", "Axe guarded")
    )
    given.given, given.state, given.answered_at = list(GRANTS), given.State.GIVEN, timezone.now()
    given.way, given.signed_name = given.Way.LINK, "A guardian"
    given.save()
    create_token(maker=teacher, course=course, name="Timetable", scopes=Scope.values, days=30)
    platform = Platform.objects.create(
        name="School", issuer="https://lms.example", client_id="1", active=True
    )
    deployment = Deployment.objects.create(platform=platform, deployment_id="1")
    context = LtiContext.objects.create(deployment=deployment, context_id="1", course=course)
    empty_link = LtiResourceLink.objects.create(
        context=context, resource_link_id="1", title="Activity", lesson_key=0
    )
    launch = SessionLaunch(platform.pk, deployment.pk, context.pk)
    world = {
        "keys": {
            STUDENT: sign_in(student),
            TEACHER: sign_in(teacher, **{LAUNCH_KEY: asdict(launch)}),
            SUPPORT: sign_in(link.supporter),
            ADMINISTRATOR: sign_in(create_administrator()),
            ANYBODY: "",
            GUARDIAN: "",
        },
        "values": {
            "session_id": str(session.pk),
            "ended_id": str(ended.pk),
            "lesson_id": session.lesson_id,
            "link_id": str(link.pk),
            "lti_link_id": empty_link.pk,
            "guardian": create_link_token(asked, "answer"),
            "guardian_back": create_link_token(given, "withdraw"),
        },
    }
    write_file(world)


def write_administrator() -> None:
    """Create an administrator only, and write the key; runs inside the stack."""
    write_file({"keys": {ADMINISTRATOR: sign_in(create_administrator())}})


def create_administrator() -> User:
    return User.objects.create_superuser("axe-admin", password=None)


def write_file(world: dict[str, Any]) -> None:
    path = Path(os.environ["FER_VAR_DIR"]) / FILE
    path.write_text(json.dumps(world), encoding="utf-8")


def sign_in(user: User, **data: object) -> str:
    """Create a browser session of a person; return its key, the value of the cookie."""
    store = SessionStore()
    store.update(
        {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: BACKEND,
            HASH_SESSION_KEY: user.get_session_auth_hash(),
            **data,
        }
    )
    store.create()
    return str(store.session_key)


def get_path(route: str, values: dict[str, Any]) -> str:
    """Return the address of a route of `pages.PAGES` in this world."""
    if route == "sessions/<uuid:session_id>/closed/":
        return f"sessions/{values['ended_id']}/closed/"
    if route == "support/<uuid:link_id>/":
        return f"support/{values['link_id']}/"
    return (
        route.replace("<uuid:session_id>", values["session_id"])
        .replace("<int:lesson_id>", str(values["lesson_id"]))
        .replace("<int:link_id>", str(values["lti_link_id"]))
        .replace("take-back/<str:token>", f"take-back/{values['guardian_back']}")
        .replace("<str:token>", values["guardian"])
    )
