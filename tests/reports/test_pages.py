from django.test import Client

from fer_lms.lessons.models import Participant
from fer_lms.policy.models import DeploymentPolicy


def test_a_teacher_sees_the_report(client: Client, teacher: Participant) -> None:
    client.force_login(teacher.user)
    page = client.get(f"/sessions/{teacher.session_id}/report/").content.decode()
    assert f'<report-page session="{teacher.session_id}"' in page
    assert 'data-smallest-group="5"' in page


def test_the_page_knows_the_policys_smallest_group(
    client: Client, teacher: Participant, policy: DeploymentPolicy
) -> None:
    policy.small_group = 8
    policy.save()
    client.force_login(teacher.user)
    page = client.get(f"/sessions/{teacher.session_id}/report/").content.decode()
    assert 'data-smallest-group="8"' in page


def test_the_lessons_are_for_who_is_signed_in(client: Client, teacher: Participant) -> None:
    assert client.get("/lessons/").headers["Location"] == "/"
    client.force_login(teacher.user)
    assert b"<lesson-list" in client.get("/lessons/").content
