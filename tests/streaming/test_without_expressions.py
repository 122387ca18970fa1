"""A lesson and everything else that needs no face work without the camera."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from channels.db import database_sync_to_async as db
from django.test import Client
from django.utils import timezone

from fer_lms.consent.actions import withdraw_consent
from fer_lms.consent.guardian_actions import answer_by_link
from fer_lms.consent.models import ConsentText, GuardianConsent
from fer_lms.lessons.actions import EventFields, end_session, record_events
from fer_lms.lessons.models import InteractionEvent, Participant
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.reports.actions import freeze_report
from tests.factories import grant_all, make_learner, make_session, make_teacher
from tests.policy.drafts import sign_complete
from tests.servers import IssueTicket, capture_socket

Situation = Callable[[Participant], None]


def no_policy(learner: Participant) -> None:
    grant_all(learner)


def expired_policy(learner: Participant) -> None:
    sign_complete("uk", minimum_age=18)
    grant_all(learner)
    past = timezone.now() - timedelta(days=9)
    DeploymentPolicy.objects.update(valid_from=past, valid_until=past + timedelta(days=1))


def policy_of_an_unknown_place(learner: Participant) -> None:
    sign_complete("uk", minimum_age=18)
    grant_all(learner)
    DeploymentPolicy.objects.update(jurisdiction="atlantis")


def policy_without_expressions(learner: Participant) -> None:
    sign_complete("eu", permits_inference=False, minimum_age=18)
    grant_all(learner)


def no_consent(learner: Participant) -> None:
    sign_complete("uk", minimum_age=18)


def consent_taken_back(learner: Participant) -> None:
    sign_complete("uk", minimum_age=18)
    grant_all(learner)
    withdraw_consent(participant=learner)


def a_new_text(learner: Participant) -> None:
    sign_complete("uk", minimum_age=18)
    grant_all(learner)
    body = {"title": "Once more", "intro": "Please read.", "points": []}
    ConsentText.objects.create(version="2027-1", locale="en", form="easy", body=body)


def guardian_waited_for(learner: Participant) -> None:
    sign_complete("uk")
    grant_all(learner)


def guardian_said_no(learner: Participant) -> None:
    guardian_waited_for(learner)
    answer_by_link(guardian_consent=GuardianConsent.objects.get(), given=[], signed_name="")


SITUATIONS: list[tuple[Situation, str]] = [
    (no_policy, "no_policy"),
    (expired_policy, "no_policy"),
    (policy_of_an_unknown_place, "no_policy"),
    (policy_without_expressions, "no_policy"),
    (no_consent, "no_consent"),
    (consent_taken_back, "no_consent"),
    (a_new_text, "no_consent"),
    (guardian_waited_for, "no_consent"),
    (guardian_said_no, "no_consent"),
]


def request(client: Client, path: str, body: Any = None) -> tuple[int, Any]:
    """Send a GET, or a POST with a body; return status and content."""
    kind = "application/json"
    answer = client.get(path) if body is None else client.post(path, body, content_type=kind)
    return answer.status_code, answer.json()


@pytest.mark.django_db
@pytest.mark.usefixtures("redis_roles")
@pytest.mark.parametrize(
    ("situation", "reason"), SITUATIONS, ids=[situation.__name__ for situation, _ in SITUATIONS]
)
def test_everything_without_camera_continues(
    client: Client, situation: Situation, reason: str
) -> None:
    session = make_session(started_at=timezone.now())
    learner, teacher = make_learner(session), make_teacher(session)
    situation(learner)
    step = session.lesson.steps.get(position=1)
    client.force_login(learner.user)
    base = f"/api/v1/sessions/{session.pk}/"
    assert client.get(f"/sessions/{session.pk}/").status_code == 200
    assert len(request(client, base)[1]["lesson"]["steps"]) == 2
    report = {"kind": "self_report", "step_id": step.pk, "value": "hard"}
    opened = {"kind": "step_opened", "step_id": step.pk, "value": None}
    assert request(client, base + "events", {"events": [opened, report]})[0] == 202
    assert InteractionEvent.objects.filter(participant=learner).count() == 2
    assert request(client, base + "hints", {"step_id": step.pk})[0] == 201
    assert len(request(client, base + "hints")[1]) == 1
    for mode in ("frames", "scores"):
        status, answer = request(client, base + "capture-ticket", {"mode": mode})
        assert (status, answer["reason"]) == (403, reason)
    assert request(client, base + "capture-ticket", {"mode": "lesson"})[0] == 201
    assert request(client, base + "my-report")[1]["windows"] == []
    assert (
        not any(request(client, base + "consent")[1]["granted"].values()) or reason == "no_policy"
    )
    client.force_login(teacher.user)
    assert request(client, base + "report")[0] == 200


@pytest.mark.django_db
def test_the_report_of_a_class_without_cameras(client: Client) -> None:
    """Without policy and cameras it still names the hard step."""
    session = make_session(started_at=timezone.now() - timedelta(minutes=5))
    step = session.lesson.steps.get(position=1)
    for _ in range(6):
        learner = make_learner(session)
        for kind, value in (("step_opened", ""), ("self_report", "hard")):
            event: EventFields = {"kind": kind, "step_id": step.pk, "value": value}
            record_events(participant=learner, events=[event])
    end_session(session=session)
    freeze_report(session=session)
    client.force_login(make_teacher(session).user)
    report = client.get(f"/api/v1/sessions/{session.pk}/report").json()
    assert report["expressions"] is None
    assert report["steps"][0]["said"]["hard"] > 0.5


@pytest.mark.django_db
def test_a_teacher_cannot_see_who_refused(client: Client) -> None:
    """The responses to a teacher are byte for byte the same, whoever refused or waits."""
    answers = []
    sign_complete("uk")
    lesson = make_session().lesson
    for situation in (lambda learner: None, grant_all, withdraw_after_yes, refused_by_guardian):
        session = make_session(lesson=lesson)
        situation(make_learner(session))
        client.force_login(make_teacher(session).user)
        report = client.get(f"/api/v1/sessions/{session.pk}/report").content.decode()
        listed = client.get(f"/api/v1/sessions/{session.pk}/").content.decode()
        answers.append(report + listed.replace(str(session.pk), ""))
        assert client.get(f"/api/v1/sessions/{session.pk}/consent").status_code == 404
    assert "guardian" not in answers[0]
    assert len({len(answer) for answer in answers}) == 1


def withdraw_after_yes(learner: Participant) -> None:
    grant_all(learner)
    withdraw_consent(participant=learner)


def refused_by_guardian(learner: Participant) -> None:
    grant_all(learner)
    question = GuardianConsent.objects.get(person=learner.user)
    answer_by_link(guardian_consent=question, given=[], signed_name="")


async def test_the_lesson_socket_needs_neither_policy_nor_consent(
    web: str, ticket_for: IssueTicket
) -> None:
    learner = await db(lambda: make_learner(make_session()))()
    async with capture_socket(web, await ticket_for(learner, "lesson")) as client:
        await client.next("welcome")
        await client.send("ping", t=7)
        assert (await client.next("pong"))["t"] == 7


async def test_a_new_text_closes_the_capture_socket(
    web: str, permitted: Participant, ticket_for: IssueTicket
) -> None:
    """No notification is sent: the permits are read every 0.4 s."""
    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.next("welcome")
        new = ConsentText(version="2027-1", locale="en", form="easy", body={"points": []})
        await db(new.save)()
        assert await client.closed() == (4403, "no_consent")
