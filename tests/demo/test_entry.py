import uuid
from http.cookies import Morsel
from typing import Any

import pytest
from django.test import Client

from fer_lms.demo.actions import ADMIN_USERNAME, ensure_demo_lessons
from fer_lms.demo.models import DemoSession
from fer_lms.lessons.actions import end_session, start_session
from fer_lms.lessons.models import LessonSession, Participant
from fer_lms.people.models import User
from tests.factories import make_session, make_user

pytestmark = pytest.mark.usefixtures("demo")
HOST = "localhost:8000"


def enter(client: Client, **fields: str) -> Any:
    return client.post(
        "/demo/enter", {"role": "student", "name": "Kim"} | fields, headers={"host": HOST}
    )


@pytest.fixture
def client() -> Client:
    return Client(headers={"host": HOST})


@pytest.fixture
def open_session() -> LessonSession:
    """The open session without its simulated class, which is slow to create."""
    return DemoSession.objects.create(session=start_session(lesson=ensure_demo_lessons())).session


def test_student_enters_open_session(client: Client, open_session: LessonSession) -> None:
    answer = enter(client)
    participant = Participant.objects.get(user__first_name="Kim")
    assert answer.json() == {
        "participant_id": str(participant.pk),
        "session_id": str(open_session.pk),
        "role": "student",
    }
    assert participant.user.demo
    assert client.get(f"/api/v1/sessions/{open_session.pk}/").json()["role"] == "student"


def test_same_name_is_same_user(client: Client, open_session: LessonSession) -> None:
    first = enter(client).json()
    assert enter(Client(), name=" kim ").json() == first
    assert open_session.participants.filter(user__simulated=False).count() == 1


def test_name_in_two_roles_is_two_users(client: Client, open_session: LessonSession) -> None:
    student = enter(client).json()
    teacher = enter(client, role="teacher").json()
    assert student["participant_id"] != teacher["participant_id"]
    assert Participant.objects.get(pk=student["participant_id"]).role == "student"
    assert client.get(f"/api/v1/sessions/{open_session.pk}/report").status_code == 200


def test_teacher_starts_new_session(client: Client, open_session: LessonSession) -> None:
    new = enter(client, role="teacher", session="new").json()["session_id"]
    assert new != str(open_session.pk)
    joined = enter(client, session=new, name="Ana").json()
    assert joined["session_id"] == new
    assert enter(client, name="Bo").json()["session_id"] == str(open_session.pk)


def test_teacher_replaces_closed_session(client: Client, open_session: LessonSession) -> None:
    end_session(session=open_session)
    entered = enter(client, role="teacher").json()["session_id"]
    assert entered != str(open_session.pk)
    assert DemoSession.objects.filter(session=entered).exists()
    assert enter(Client(), name="Bo").json()["session_id"] == entered


@pytest.mark.parametrize("is_named", [True, False])
def test_student_starts_no_session_after_closing(
    client: Client, open_session: LessonSession, is_named: bool
) -> None:
    earlier = enter(client, name="Bo").json()
    end_session(session=open_session)
    named = {"session": str(open_session.pk)} if is_named else {}
    answer = enter(client, **named)
    assert (answer.status_code, answer.json()["reason"]) == (409, "session_ended")
    assert LessonSession.objects.count() == 1
    assert open_session.participants.count() == 1
    assert enter(client, name="Bo", **named).json() == earlier, "to see their own data"


@pytest.mark.parametrize(
    ("fields", "status", "reason"),
    [
        ({"role": "admin"}, 400, "invalid_choice"),
        ({"role": ""}, 400, "required"),
        ({"name": ""}, 400, "required"),
        ({"name": "x" * 41}, 400, "max_length"),
        ({"name": "<b>Kim</b>"}, 400, "name"),
        ({"name": "\u200d"}, 400, "name"),
        ({"name": "\ufdfa" * 9}, 400, "name"),
        ({"name": "Kim\x07"}, 400, "name"),
        ({"name": "Kim\u202eevil"}, 400, "name"),
        ({"session": "first"}, 400, "session"),
        ({"session": str(uuid.UUID(int=7))}, 404, "no_such_session"),
        ({"session": "new"}, 403, "role"),
    ],
)
def test_invalid_entry_is_rejected(
    client: Client, fields: dict[str, str], status: int, reason: str
) -> None:
    answer = enter(client, **fields)
    assert (answer.status_code, answer.json()["reason"]) == (status, reason)
    assert answer.json()["detail"]
    entered = User.objects.filter(demo=True, simulated=False).exclude(username=ADMIN_USERNAME)
    assert not entered.exists()


NAMES = [
    *(
        "Zoë",
        "हिन्दी",
        "O'Neill-Smith",
        "李 明",
        "Ayşe 2",
        "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627",
    ),
    *("student_01", "Ana, B.", "Load (1)", "learner#3", "a@b.c", "Anna/Ben", "Sim+1"),
]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_any_script(client: Client, open_session: LessonSession, name: str) -> None:
    assert enter(client, name=name).status_code == 200
    assert User.objects.filter(first_name=name, demo=True).exists()


def test_session_of_other_course_is_not_found(client: Client) -> None:
    assert enter(client, session=str(make_session().pk)).status_code == 404


def test_sessions_of_all_demo_lessons_can_be_entered(
    client: Client, open_session: LessonSession
) -> None:
    course = open_session.lesson.course
    others = course.lessons.exclude(pk=open_session.lesson_id)
    assert others
    for lesson in others:
        session = start_session(lesson=lesson)
        assert lesson.title in client.get(f"/demo/?session={session.pk}").content.decode()
        assert enter(client, session=str(session.pk)).json()["session_id"] == str(session.pk)


def test_lms_user_is_not_found_by_name(client: Client, open_session: LessonSession) -> None:
    real = make_user(first_name="Kim")
    entered = enter(client).json()["participant_id"]
    assert Participant.objects.get(pk=entered).user != real


def test_entry_rotates_session_and_token(open_session: LessonSession) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"host": HOST})
    strict.get("/demo/")
    before: Morsel[str] = strict.cookies["csrftoken"]
    token = before.value
    form = {"role": "student", "name": "Kim"}
    assert strict.post("/demo/enter", form).status_code == 403
    answer = strict.post("/demo/enter", form, headers={"X-CSRFToken": token})
    assert answer.status_code == 200
    assert strict.cookies["csrftoken"].value != token
    first_key = strict.cookies["sessionid"].value
    token = strict.cookies["csrftoken"].value
    again = strict.post("/demo/enter", form, headers={"X-CSRFToken": token})
    assert again.json() == answer.json()
    assert strict.cookies["sessionid"].value != first_key


def test_entry_page_needs_no_login(client: Client) -> None:
    assert client.get("/demo/").status_code == 200
    assert client.get("/demo/?session=nonsense").status_code == 200
    assert client.head("/demo/").status_code == 200
    assert client.get("/demo/enter").status_code == 405
