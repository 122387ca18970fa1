"""Learner groups: create, change, delete and validation."""

import json
from typing import Any

import pytest
from django.test import Client

from fer_lms.audit.models import AuditEvent
from fer_lms.lessons.models import Enrolment, LessonSession, Participant
from fer_lms.rules.actions import create_group, create_rule
from fer_lms.rules.engine.spec import RuleSpec
from fer_lms.rules.models import LearnerGroup
from tests.factories import make_learner, make_lesson, make_teacher_of, make_user

Json = dict[str, Any]


@pytest.fixture
def teacher_client(session: LessonSession, client: Client) -> Client:
    client.force_login(make_teacher_of(session.lesson))
    return client


@pytest.fixture
def url(session: LessonSession) -> str:
    return f"/api/v1/lessons/{session.lesson_id}/groups/"


def send(client: Client, method: str, url: str, title: str, *members: Participant) -> Any:
    body = {"title": title, "members": [str(member.user.public_id) for member in members]}
    return client.generic(method, url, json.dumps(body), content_type="application/json")


def test_group_is_created_filled_renamed_and_deleted(
    teacher_client: Client, session: LessonSession, url: str
) -> None:
    first, second = make_learner(session), make_learner(session)
    made = send(teacher_client, "POST", url, "Early birds", first)
    assert made.status_code == 201
    own = f"{url}{made.json()['id']}"
    assert send(teacher_client, "PUT", own, "Late birds", second).status_code == 200
    [group] = teacher_client.get(url).json()["groups"]
    assert (group["title"], group["members"]) == ("Late birds", [str(second.user.public_id)])
    assert teacher_client.delete(own).status_code == 204
    assert not LearnerGroup.objects.exists()
    said = AuditEvent.objects.filter(action__startswith="rule.group").order_by("pk")
    assert [entry.action for entry in said] == [
        "rule.group_made",
        "rule.group_changed",
        "rule.group_dissolved",
    ]


def test_members_must_be_enrolled(teacher_client: Client, session: LessonSession, url: str) -> None:
    stays, leaves = make_learner(session), make_learner(session)
    send(teacher_client, "POST", url, "All", stays, leaves)
    Enrolment.objects.filter(user=leaves.user).update(active=False)
    answer = teacher_client.get(url).json()
    assert answer["groups"][0]["members"] == [str(stays.user.public_id)]
    assert [learner["id"] for learner in answer["learners"]] == [str(stays.user.public_id)]
    assert send(teacher_client, "POST", url, "Gone", leaves).status_code == 404


def test_only_names_of_members_are_returned(
    teacher_client: Client, session: LessonSession, url: str
) -> None:
    make_learner(session)
    [learner] = teacher_client.get(url).json()["learners"]
    assert learner.keys() == {"id", "title"}


def test_duplicate_group_name_is_refused(teacher_client: Client, url: str) -> None:
    own = f"{url}{send(teacher_client, 'POST', url, 'Readers').json()['id']}"
    again = send(teacher_client, "POST", url, "readers")
    assert again.status_code == 400
    assert "already" in again.json()["fields"]["title"][0]
    assert send(teacher_client, "PUT", own, "Readers").status_code == 200


def test_rules_of_a_group_are_listed(
    teacher_client: Client, session: LessonSession, url: str
) -> None:
    user = make_user()
    group = create_group(course=session.lesson.course, title="Readers", members=[], user=user)
    spec = RuleSpec(groups=(group.pk,))
    create_rule(lesson=session.lesson, title="Easier first", spec=spec, user=user)
    assert teacher_client.get(url).json()["groups"][0]["rules"] == ["Easier first"]


def test_group_of_another_course_returns_404(teacher_client: Client, url: str) -> None:
    other = create_group(course=make_lesson().course, title="Theirs", members=[], user=make_user())
    assert send(teacher_client, "PUT", f"{url}{other.pk}", "Mine").status_code == 404
    assert teacher_client.delete(f"{url}{other.pk}").status_code == 404
    assert teacher_client.get(url).json()["groups"] == []
