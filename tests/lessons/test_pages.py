"""The pages' shells: who gets which, and nothing in them that the security policy forbids."""

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


def test_a_student_is_led_to_the_lesson(learner_client: Client, learner: Participant) -> None:
    assert learner_client.get("/").headers["Location"] == f"/sessions/{learner.session_id}/"


def test_a_teacher_is_led_to_the_lessons(teacher_client: Client) -> None:
    assert teacher_client.get("/").headers["Location"] == "/lessons/"


@pytest.mark.django_db
def test_who_has_no_lesson_is_told_where_they_are(client: Client) -> None:
    assert b"You have no open lesson" in client.get("/").content
    client.force_login(make_user())
    assert b"You have no open lesson" in client.get("/").content


def test_the_lesson_can_be_read_without_javascript(
    learner_client: Client, learner: Participant
) -> None:
    page = learner_client.get(f"/sessions/{learner.session_id}/").content.decode()
    noscript = "".join(re.findall(r"<noscript>.*?</noscript>", page, re.DOTALL))
    assert "Part 1" in noscript
    assert "Part 2" in noscript


def test_opening_the_lesson_again_is_coming_back(
    learner_client: Client, learner: Participant
) -> None:
    leave_session(participant=learner)
    learner_client.get(f"/sessions/{learner.session_id}/")
    learner.refresh_from_db()
    assert learner.left_at is None


def test_a_lesson_that_has_ended_is_not_come_back_to(
    learner_client: Client, learner: Participant
) -> None:
    leave_session(participant=learner)
    end_session(session=learner.session)
    assert learner_client.get(f"/sessions/{learner.session_id}/").status_code == 200
    learner.refresh_from_db()
    assert learner.left_at is not None


def test_the_own_page_leads_to_taking_it_back(learner_client: Client, learner: Participant) -> None:
    page = learner_client.get(f"/sessions/{learner.session_id}/me/").content.decode()
    assert "<my-page" in page
    assert 'href="#withdraw"' in page


@pytest.mark.parametrize("page", ["", "me/", "report/"])
def test_strangers_find_no_page_of_a_lesson(
    client: Client, learner: Participant, page: str
) -> None:
    client.force_login(make_user())
    answer = client.get(f"/sessions/{learner.session_id}/{page}")
    assert answer.status_code == 404
    assert "http-404" in answer.content.decode()


def test_a_student_finds_no_report(learner_client: Client, learner: Participant) -> None:
    answer = learner_client.get(f"/sessions/{learner.session_id}/report/")
    assert answer.status_code == 404


@pytest.mark.parametrize("page", ["", "me/"])
def test_no_page_holds_inline_script_or_style(
    learner_client: Client, learner: Participant, page: str
) -> None:
    text = learner_client.get(f"/sessions/{learner.session_id}/{page}").content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", text)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["edit", "rules"])
def test_only_a_teacher_of_the_course_writes(client: Client, name: str) -> None:
    lesson = make_lesson()
    path = f"/lessons/{lesson.pk}/{name}/"
    client.force_login(make_learner(make_session(lesson=lesson)).user)
    assert client.get(path).status_code == 404
    client.force_login(make_teacher_of(lesson))
    assert lesson.title in client.get(path).content.decode()


def test_without_javascript_a_step_is_read_as_it_was_written(
    client: Client, learner: Participant
) -> None:
    learner.session.lesson.steps.update(body="**bold** <script>alert(1)</script>")
    client.force_login(learner.user)
    page = client.get(f"/sessions/{learner.session_id}/").content.decode()
    assert "<strong>bold</strong>" in page
    assert "<script>alert" not in page


def test_everybody_has_a_page_for_how_they_want_to_be_met(
    client: Client, learner: Participant
) -> None:
    assert client.get("/me/").status_code == 302
    client.force_login(learner.user)
    assert client.get("/me/").status_code == 200


def test_pages_of_others_come_from_allowed_hosts_only(client: Client, learner: Participant) -> None:
    client.force_login(learner.user)
    policy = client.get(f"/sessions/{learner.session_id}/")["Content-Security-Policy"]
    assert "frame-src https://www.youtube-nocookie.com " in policy
