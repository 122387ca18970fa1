"""Naming and ending of support persons."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from fer_lms.audit.models import AuditEvent
from fer_lms.lessons.actions import enrol_person
from fer_lms.lessons.models import Enrolment, Participant, Role, Supporter
from fer_lms.lessons.queries import list_active_supporters, list_supporters
from fer_lms.lessons.support_actions import SupporterError, assign_supporter, end_support
from tests.factories import make_supporter, make_teacher, make_user
from tests.policy.drafts import make_administrator

pytestmark = pytest.mark.django_db


def name(of: Participant, **fields: Any) -> Supporter:
    people = {"supporter": make_user(), "learner": of.user, "actor": make_administrator()}
    return assign_supporter(course=of.session.lesson.course, **(people | fields))


def test_naming_and_ending_are_audited(learner: Participant) -> None:
    administrator = make_administrator()
    link = name(learner, actor=administrator)
    assert list_supporters(learner) == [link]
    end_support(link=link, actor=administrator)
    end_support(link=link, actor=administrator)
    assert list_supporters(learner) == []
    rows = list(AuditEvent.objects.filter(action__startswith="support.").order_by("number"))
    assert [(row.action, row.actor, row.subject) for row in rows] == [
        ("support.named", administrator.public_id, str(link.pk)),
        ("support.ended", administrator.public_id, str(link.pk)),
    ]
    assert rows[0].details["learner"] == str(learner.user.public_id)


def test_users_cannot_name_themselves(learner: Participant) -> None:
    administrator = make_administrator()
    with pytest.raises(SupporterError, match="another administrator"):
        name(learner, supporter=administrator, actor=administrator)
    with pytest.raises(SupporterError, match="same person"):
        name(learner, supporter=learner.user)
    link = name(learner)
    for changed in ({"named_by": link.supporter}, {"supporter": learner.user}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Supporter.objects.filter(pk=link.pk).update(**changed)


def test_teacher_of_course_cannot_be_supporter(learner: Participant) -> None:
    with pytest.raises(SupporterError, match="teacher"):
        name(learner, supporter=make_teacher(learner.session).user)
    link = name(learner)
    enrol_person(course=link.course, user=link.supporter, role=Role.TEACHER)
    assert list_supporters(learner) == []


def test_learner_must_be_student_of_course(learner: Participant) -> None:
    with pytest.raises(SupporterError, match="not a student"):
        name(learner, learner=make_user())
    link = name(learner)
    Enrolment.objects.filter(user=learner.user).update(active=False)
    assert link not in list_active_supporters()


def test_inactive_account_has_no_links(learner: Participant) -> None:
    link = make_supporter(learner, is_active=False)
    assert link not in list_active_supporters()


def test_expired_link_can_be_renewed(learner: Participant) -> None:
    now = timezone.now()
    with pytest.raises(SupporterError, match="in the past"):
        name(learner, until=now)
    link = name(learner, until=now + timedelta(days=1))
    with pytest.raises(SupporterError, match="already named"):
        name(learner, supporter=link.supporter)
    early = {"since": now - timedelta(days=2), "until": now - timedelta(days=1)}
    Supporter.objects.filter(pk=link.pk).update(**early)
    assert list_supporters(learner) == []
    again = name(learner, supporter=link.supporter)
    assert list_supporters(learner) == [again]


def test_admin_names_and_ends(learner: Participant, client: Client) -> None:
    administrator, helper = make_administrator(), make_user()
    client.force_login(administrator)
    form = {
        "course": learner.session.lesson.course_id,
        "supporter": administrator.pk,
        "learner": learner.user_id,
    }
    refused = client.post("/admin/lessons/supporter/add/", form)
    assert "Ask another administrator" in refused.content.decode()
    client.post("/admin/lessons/supporter/add/", form | {"supporter": helper.pk})
    link = Supporter.objects.get()
    assert (link.supporter, link.named_by) == (helper, administrator)
    page = f"/admin/lessons/supporter/{link.pk}/change/"
    assert client.post(page, form).status_code == 403
    action = {"action": "end_now", "_selected_action": str(link.pk)}
    client.post("/admin/lessons/supporter/", action)
    assert not list_active_supporters().exists()


def test_staff_without_permission_cannot_name(learner: Participant, client: Client) -> None:
    client.force_login(make_user(is_staff=True))
    assert client.get("/admin/lessons/supporter/add/").status_code == 403


def test_supporter_command(learner: Participant, capsys: pytest.CaptureFixture[str]) -> None:
    helper, course = make_user(), learner.session.lesson.course_id
    people = {"supporter": helper.username, "learner": learner.user.username}
    call_command("supporter", "name", course=course, until="2099-07-31", **people)
    call_command("supporter", "list")
    output = capsys.readouterr().out
    link = Supporter.objects.get()
    assert f"{link.pk}  course {course}  {helper.public_id} supports" in output
    assert "until 2099-07-31" in output
    with pytest.raises(CommandError, match="already named"):
        call_command("supporter", "name", course=course, **people)
    with pytest.raises(CommandError, match="form 2027-07-31"):
        call_command("supporter", "name", course=course, **(people | {"until": "tomorrow"}))
    call_command("supporter", "end", str(link.pk))
    assert not list_active_supporters().exists()
    for unknown in ("first", "5f0c7e52-2c4b-4b7e-9b7e-2c4b4b7e9b7e"):
        with pytest.raises(CommandError, match="not found"):
            call_command("supporter", "end", unknown)
