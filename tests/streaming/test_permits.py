"""Who may stream now: membership, presence, session, policy and consent, each by itself."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from fer_lms.consent.actions import withdraw_consent
from fer_lms.lessons.actions import leave_session
from fer_lms.lessons.models import Course, Enrolment, LessonSession, Participant
from fer_lms.people.models import User
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.streaming.web.permits import MAX_AGE_MS, Permit, read_permits
from fer_lms.streaming.web.tickets import Mode, TicketRefused, issue_ticket

pytestmark = pytest.mark.django_db
MODES: list[Mode] = ["frames", "scores", "lesson"]
CAMERA_MODES: list[Mode] = ["frames", "scores"]


def read(participant: Participant) -> Permit:
    return read_permits([participant.pk])[participant.pk]


@pytest.mark.parametrize("mode", MODES)
def test_a_member_is_permitted(permitted: Participant, mode: str) -> None:
    assert read(permitted).allows(mode)


def _end_session(learner: Participant) -> None:
    LessonSession.objects.update(ended_at=timezone.now())


def _close_session(learner: Participant) -> None:
    LessonSession.objects.update(closes_at=timezone.now() - timedelta(seconds=1))


def _leave(learner: Participant) -> None:
    leave_session(participant=learner)


def _disable(learner: Participant) -> None:
    User.objects.filter(pk=learner.user_id).update(is_active=False)


def _leave_course(learner: Participant) -> None:
    Enrolment.objects.filter(user=learner.user_id).update(active=False)


def _suspend_user(learner: Participant) -> None:
    User.objects.filter(pk=learner.user_id).update(access_suspended=True)


def _suspend_course(learner: Participant) -> None:
    Course.objects.update(access_suspended=True)


ENDS: dict[str, tuple[Any, str]] = {
    "session ended": (_end_session, "session_ended"),
    "session closed": (_close_session, "session_ended"),
    "left the session": (_leave, "session_ended"),
    "disabled": (_disable, "no_participant"),
    "left the course": (_leave_course, "no_participant"),
    "platform off": (_suspend_user, "signed_out"),
    "deployment off": (_suspend_course, "signed_out"),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("how", ENDS)
def test_each_end_refuses_every_mode(permitted: Participant, mode: str, how: str) -> None:
    end, reason = ENDS[how]
    end(permitted)
    permit = read(permitted)
    assert not permit.allows(mode)
    assert permit.get_refusal_reason(mode) == reason


@pytest.mark.parametrize("mode", CAMERA_MODES)
def test_without_policy_only_the_lesson_is_permitted(permitted: Participant, mode: str) -> None:
    DeploymentPolicy.objects.all().delete()
    permit = read(permitted)
    assert not permit.is_inference_permitted
    assert not permit.allows(mode)
    assert permit.get_refusal_reason(mode) == "no_policy"
    assert permit.allows("lesson")


@pytest.mark.parametrize("mode", CAMERA_MODES)
def test_a_policy_that_permits_no_inference_permits_no_camera(
    permitted: Participant, mode: str
) -> None:
    DeploymentPolicy.objects.update(permits_inference=False)
    permit = read(permitted)
    assert not permit.is_inference_permitted
    assert not permit.allows(mode)
    assert permit.get_refusal_reason(mode) == "no_policy"


def test_no_permit_for_a_session_that_is_being_deleted(
    permitted: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QuerySet, "in_bulk", lambda *_: {})
    assert read_permits([permitted.pk]) == {}


@pytest.mark.parametrize(
    ("grants", "allowed"),
    [
        ({"capture": False, "server_processing": False, "own_view": False}, []),
        ({"server_processing": False}, ["scores"]),
        ({}, ["frames", "scores"]),
    ],
)
def test_each_mode_needs_its_consent(
    permitted: Participant, grants: dict[str, Any], allowed: list[str]
) -> None:
    type(permitted.consent).objects.filter(pk=permitted.consent.pk).update(**grants)
    permit = read(permitted)
    assert [mode for mode in CAMERA_MODES if permit.allows(mode)] == allowed
    if not allowed:
        assert permit.get_refusal_reason("frames") == "no_consent"
    assert permit.allows("lesson")


@pytest.mark.usefixtures("policy")
def test_without_an_answer_only_the_lesson_is_permitted(learner: Participant) -> None:
    permit = read(learner)
    assert (permit.epoch, permit.frames_epoch) == (0, 0)
    assert [mode for mode in MODES if permit.allows(mode)] == ["lesson"]
    assert not permit.can_view_readings


def test_withdrawal_refuses_the_camera(permitted: Participant) -> None:
    withdraw_consent(participant=permitted)
    permit = read(permitted)
    assert [mode for mode in MODES if permit.allows(mode)] == ["lesson"]


def test_permit_has_the_epochs_of_the_stored_consent(permitted: Participant) -> None:
    type(permitted.consent).objects.update(epoch=7, frames_epoch=5)
    permit = read(permitted)
    assert (permit.epoch, permit.frames_epoch) == (7, 5)


def test_readings_need_their_own_consent(permitted: Participant) -> None:
    assert read(permitted).can_view_readings
    type(permitted.consent).objects.update(own_view=False)
    assert not read(permitted).can_view_readings


def test_permits_are_of_the_participants_asked_for(permitted: Participant) -> None:
    assert read_permits([]) == {}
    assert read_permits([permitted.pk]).keys() == {permitted.pk}


def test_a_permit_is_fresh_for_a_second(permitted: Participant) -> None:
    permit = read(permitted)
    assert permit.is_fresh(permit.read_at_ms + MAX_AGE_MS)
    assert not permit.is_fresh(permit.read_at_ms + MAX_AGE_MS + 1)


# --- Tickets -----------------------------------------------------------------------------------


def get_refusal(learner: Participant, mode: Mode) -> str:
    learner = Participant.objects.get(pk=learner.pk)
    with pytest.raises(TicketRefused) as refused:
        issue_ticket(participant=learner, mode=mode)
    return refused.value.reason


@pytest.mark.parametrize("mode", MODES)
def test_no_ticket_after_the_session(permitted: Participant, mode: Mode) -> None:
    _end_session(permitted)
    assert get_refusal(permitted, mode) == "session_ended"


@pytest.mark.parametrize("mode", CAMERA_MODES)
def test_no_camera_ticket_without_policy(permitted: Participant, mode: Mode) -> None:
    DeploymentPolicy.objects.all().delete()
    assert get_refusal(permitted, mode) == "no_policy"


@pytest.mark.parametrize("mode", CAMERA_MODES)
def test_no_camera_ticket_without_consent(permitted: Participant, mode: Mode) -> None:
    withdraw_consent(participant=permitted)
    assert get_refusal(permitted, mode) == "no_consent"


@pytest.mark.usefixtures("redis_roles")
def test_ticket_for_the_lesson_needs_neither_consent_nor_policy(permitted: Participant) -> None:
    withdraw_consent(participant=permitted)
    assert issue_ticket(participant=permitted, mode="lesson")
    DeploymentPolicy.objects.all().delete()
    assert issue_ticket(participant=permitted, mode="lesson")


@pytest.mark.usefixtures("redis_roles")
def test_ticket_for_scores_needs_no_server_processing(permitted: Participant) -> None:
    type(permitted.consent).objects.update(server_processing=False)
    assert get_refusal(permitted, "frames") == "no_consent"
    learner = Participant.objects.get(pk=permitted.pk)
    assert issue_ticket(participant=learner, mode="scores")
    assert issue_ticket(participant=learner, mode="lesson")
