from django.test import Client

from fer_lms.lessons.models import Participant
from fer_lms.policy.models import DeploymentPolicy
from tests.factories import make_teacher
from tests.reports.conftest import MakeClass, freeze, release_at


def test_teacher_opens_report_page(client: Client, teacher: Participant) -> None:
    client.force_login(teacher.user)
    page = client.get(f"/sessions/{teacher.session_id}/report/").content.decode()
    assert f'<report-page session="{teacher.session_id}"' in page
    assert 'data-smallest-group="5"' in page


def test_report_page_has_min_group_size(
    client: Client, teacher: Participant, policy: DeploymentPolicy
) -> None:
    policy.small_group = 8
    policy.save()
    client.force_login(teacher.user)
    page = client.get(f"/sessions/{teacher.session_id}/report/").content.decode()
    assert 'data-smallest-group="8"' in page


def test_lesson_list_needs_login(client: Client, teacher: Participant) -> None:
    assert client.get("/lessons/").headers["Location"] == "/"
    client.force_login(teacher.user)
    assert b"<lesson-list" in client.get("/lessons/").content


def test_teachers_who_compare_notes_have_the_same_figures(
    client: Client, teacher: Participant, make_class: MakeClass
) -> None:
    """Read at another time or with another account, another choice or noise could be averaged."""
    make_class(9)
    colleague = make_teacher(teacher.session).user
    for is_open in (True, False):
        release_at(11) if is_open else freeze(teacher.session)
        bodies = []
        for person in (teacher.user, colleague, teacher.user):
            client.force_login(person)
            bodies.append(client.get(f"/api/v1/sessions/{teacher.session_id}/report").json())
        assert bodies[0] == bodies[1] == bodies[2]
        assert bodies[0]["timeline"]
        assert bodies[0]["metrics_until"] or not is_open
