from django.test import Client

from fer_lms.lessons.models import Participant
from fer_lms.policy.models import DeploymentPolicy


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
