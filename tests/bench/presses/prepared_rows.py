"""Rows that scenes need and that no page makes, written inside the demonstration's Django.

`World.take` runs `write_pages` in a process of its own; each page is the start of one scene.
"""

import itertools
import json
import logging
import secrets
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from fer_lms.consent.actions import grant_consent
from fer_lms.consent.guardian_actions import answer_by_link
from fer_lms.consent.guardians import create_link_token, request_guardian_consent
from fer_lms.consent.models import GuardianConsent
from fer_lms.consent.queries import get_current_text_version
from fer_lms.demo.actions import ensure_open_session, ensure_person
from fer_lms.engagement.models import LearnerBaseline
from fer_lms.lessons.actions import enrol_person, enter_as_student
from fer_lms.lessons.models import Course, Lesson, LessonSession, Role
from fer_lms.lessons.support_actions import assign_supporter
from fer_lms.lti.launch.sessions import SessionLaunch, create_window_pass
from fer_lms.lti.models import (
    DeepLinkRequest,
    Deployment,
    LtiContext,
    LtiResourceLink,
    Platform,
    WindowPass,
)
from fer_lms.people.models import User

CAMERA_GRANTS = ("capture", "server_processing", "own_view")
WINDOWS = 6
PASS_LEAD = timedelta(days=1)
"""Passes are written ahead and expire five minutes after this."""
_numbers = itertools.count(1)


def write_pages(path: str, kind: str, count: int, session: str) -> None:
    """Write rows for `count` scenes of this kind, and their pages as JSON into a file."""
    logging.disable(logging.INFO)
    Path(path).write_text(json.dumps([PAGES[kind](session) for _ in range(count)]))


def _create_name() -> str:
    return f"Prepared {next(_numbers)} {secrets.token_hex(4)}"


def write_learner(session_id: str) -> str:
    """A learner with a camera, readings, a calibration and a support person; return the name."""
    name = _create_name()
    session = LessonSession.objects.select_related("lesson").get(pk=session_id)
    person = ensure_person(name=name, role="student")
    learner = enter_as_student(session=session, user=person)
    assert learner is not None
    supporter = ensure_person(name=f"Support of {name}", role="support")
    course = session.lesson.course
    link = assign_supporter(course=course, supporter=supporter, learner=person, actor=None)
    consent = grant_consent(
        participant=learner,
        text_version=get_current_text_version(),
        grants=dict.fromkeys(CAMERA_GRANTS, True),
        supporters=[link.pk],
    )
    simulated = ensure_open_session().participants.get(user__username="demo-simulated-1")
    for window in simulated.windows.order_by("start_at")[:WINDOWS]:
        window.pk, window.participant, window.consent_epoch = None, learner, consent.epoch
        window.save()
    now = timezone.now()
    LearnerBaseline.objects.create(
        participant=learner,
        consent_epoch=consent.frames_epoch,
        from_at=now - timedelta(minutes=1),
        until_at=now,
        expires_at=now + timedelta(hours=1),
        seen_seconds=30,
        readings=30,
        sign_sums=[],
        sign_square_sums=[],
        scored=30,
        negative_sum=0,
    )
    return name


def _request_guardian_consent() -> GuardianConsent:
    return request_guardian_consent(
        person=ensure_person(name=_create_name(), role="student"),
        grants=("capture", "server_processing"),
        text_version=get_current_text_version(),
    )


def write_guardian_request(_session: str) -> str:
    return f"/guardian/{create_link_token(_request_guardian_consent(), 'answer')}/"


def write_guardian_answer(_session: str) -> str:
    answer = answer_by_link(
        guardian_consent=_request_guardian_consent(), given=["capture"], signed_name="A. Parent"
    )
    return f"/guardian/take-back/{create_link_token(answer, 'withdraw')}/"


def _write_context() -> tuple[LtiContext, User]:
    """A course of a platform with one lesson, and its teacher."""
    platform, _ = Platform.objects.get_or_create(
        issuer="https://lms.example",
        client_id="bench",
        defaults={
            "name": "Bench",
            "auth_login_url": "https://lms.example/login",
            "key_set_url": "https://lms.example/keys",
            "active": True,
        },
    )
    deployment, _ = Deployment.objects.get_or_create(platform=platform, deployment_id="1")
    course = Course.objects.create(title=_create_name())
    Lesson.objects.create(course=course, title="Own")
    teacher = ensure_person(name=course.title, role="teacher")
    enrol_person(course=course, user=teacher, role=Role.TEACHER)
    context = LtiContext.objects.create(
        deployment=deployment,
        context_id=course.title,
        course=course,
        memberships_url="https://lms.example/members",
    )
    return context, teacher


def _write_pass(context: LtiContext, teacher: User, path: str) -> str:
    launch = SessionLaunch(context.deployment.platform_id, context.deployment_id, context.pk)
    secret = create_window_pass(user=teacher, launch=launch, path=path)
    newest = WindowPass.objects.order_by("pk").last()
    assert newest is not None
    newest.created_at += PASS_LEAD
    newest.save(update_fields=["created_at"])
    return f"/lti/window/{secret}"


def write_link(_session: str) -> str:
    """An activity that was copied from another course."""
    source, _ = _write_context()
    context, teacher = _write_context()
    enrol_person(course=source.course, user=teacher, role=Role.TEACHER)
    link = LtiResourceLink.objects.create(
        context=context, resource_link_id=context.context_id, source_course=source.course
    )
    return _write_pass(context, teacher, f"/lti/link/{link.pk}")


def write_deep_link(_session: str) -> str:
    context, teacher = _write_context()
    request = DeepLinkRequest.objects.create(
        deployment=context.deployment,
        course=context.course,
        user=teacher,
        return_url="https://lms.example/return",
    )
    return _write_pass(context, teacher, f"/lti/deep-link?request={request.pk}")


def write_roster(_session: str) -> str:
    context, teacher = _write_context()
    context.roster_synced_at = timezone.now() - timedelta(hours=1)
    context.save(update_fields=["roster_synced_at"])
    return _write_pass(context, teacher, "/lti/roster")


PAGES: dict[str, Callable[[str], str]] = {
    "learner": write_learner,
    "guardian request": write_guardian_request,
    "guardian answer": write_guardian_answer,
    "link": write_link,
    "deep link": write_deep_link,
    "roster": write_roster,
}
