"""Server-rendered pages: access and content security policy."""

import re

import pytest
from django.test import Client

from fer_lms.lessons.actions import end_session, leave_session
from fer_lms.lessons.models import Participant
from tests.factories import (
    make_learner,
    make_lesson,
    make_session,
    make_teacher_of,
    make_user,
)


@pytest.fixture
def learner_client(client: Client, learner: Participant) -> Client:
    client.force_login(learner.user)
    return client


@pytest.fixture
def teacher_client(client: Client, teacher: Participant) -> Client:
    client.force_login(teacher.user)
    return client


def test_home_redirects_student_to_lesson(learner_client: Client, learner: Participant) -> None:
    assert learner_client.get("/").headers["Location"] == f"/sessions/{learner.session_id}/"


def test_home_redirects_teacher_to_lessons(teacher_client: Client) -> None:
    assert teacher_client.get("/").headers["Location"] == "/lessons/"


@pytest.mark.django_db
def test_home_without_lesson(client: Client) -> None:
    assert b"You have no open lesson" in client.get("/").content
    client.force_login(make_user())
    assert b"You have no open lesson" in client.get("/").content


def test_lesson_is_readable_without_javascript(
    learner_client: Client, learner: Participant
) -> None:
    page = learner_client.get(f"/sessions/{learner.session_id}/").content.decode()
    noscript = "".join(re.findall(r"<noscript>.*?</noscript>", page, re.DOTALL))
    assert "Part 1" in noscript
    assert "Part 2" in noscript


def test_opening_lesson_rejoins(learner_client: Client, learner: Participant) -> None:
    leave_session(participant=learner)
    learner_client.get(f"/sessions/{learner.session_id}/")
    learner.refresh_from_db()
    assert learner.left_at is None


def test_ended_lesson_is_not_rejoined(learner_client: Client, learner: Participant) -> None:
    leave_session(participant=learner)
    end_session(session=learner.session)
    assert learner_client.get(f"/sessions/{learner.session_id}/").status_code == 200
    learner.refresh_from_db()
    assert learner.left_at is not None


def test_own_page_links_to_withdrawal(learner_client: Client, learner: Participant) -> None:
    page = learner_client.get(f"/sessions/{learner.session_id}/me/").content.decode()
    assert "<my-page" in page
    assert 'href="#withdraw"' in page


@pytest.mark.parametrize("page", ["", "me/", "report/"])
def test_other_users_find_no_lesson_page(client: Client, learner: Participant, page: str) -> None:
    client.force_login(make_user())
    answer = client.get(f"/sessions/{learner.session_id}/{page}")
    assert answer.status_code == 404
    assert "http-404" in answer.content.decode()


def test_student_finds_no_report(learner_client: Client, learner: Participant) -> None:
    answer = learner_client.get(f"/sessions/{learner.session_id}/report/")
    assert answer.status_code == 404


@pytest.mark.parametrize("page", ["", "me/"])
def test_pages_have_no_inline_script_or_style(
    learner_client: Client, learner: Participant, page: str
) -> None:
    text = learner_client.get(f"/sessions/{learner.session_id}/{page}").content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", text)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["edit", "rules"])
def test_only_teacher_of_course_edits(client: Client, name: str) -> None:
    lesson = make_lesson()
    path = f"/lessons/{lesson.pk}/{name}/"
    client.force_login(make_learner(make_session(lesson=lesson)).user)
    assert client.get(path).status_code == 404
    client.force_login(make_teacher_of(lesson))
    assert lesson.title in client.get(path).content.decode()


def test_markdown_is_rendered_without_javascript(client: Client, learner: Participant) -> None:
    learner.session.lesson.steps.update(body="**bold** <script>alert(1)</script>")
    client.force_login(learner.user)
    page = client.get(f"/sessions/{learner.session_id}/").content.decode()
    assert "<strong>bold</strong>" in page
    assert "<script>alert" not in page


def test_preferences_page(client: Client, learner: Participant) -> None:
    assert client.get("/me/").status_code == 302
    client.force_login(learner.user)
    assert client.get("/me/").status_code == 200


def test_content_security_policy_lists_embed_hosts(client: Client, learner: Participant) -> None:
    client.force_login(learner.user)
    policy = client.get(f"/sessions/{learner.session_id}/")["Content-Security-Policy"]
    assert "frame-src https://www.youtube-nocookie.com " in policy
