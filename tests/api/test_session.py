import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from fer_lms.lessons.models import InteractionEvent, LessonSession, Participant
from fer_lms.policy.models import DeploymentPolicy
from tests.factories import make_learner, make_lesson, make_session, make_teacher_of

pytestmark = pytest.mark.django_db


def path_of(session: LessonSession, name: str = "") -> str:
    return f"/api/v1/sessions/{session.pk}/{name}"


def test_learner_reads_the_lesson(client: Client, learner: Participant) -> None:
    client.force_login(learner.user)
    answer = client.get(path_of(learner.session)).json()
    assert answer["role"] == "student"
    assert answer["participant_id"] == str(learner.pk)
    assert answer["state"] == "open"
    assert [step["title"] for step in answer["lesson"]["steps"]] == ["Part 1", "Part 2"]
    assert answer["policy"]["inference"] is False
    assert answer["kept_days"] == 30


@pytest.mark.usefixtures("policy")
def test_active_policy_is_returned(client: Client, learner: Participant) -> None:
    client.force_login(learner.user)
    answer = client.get(path_of(learner.session)).json()
    assert answer["policy"]["inference"] is True
    assert "Demonstration" in answer["policy"]["banner"]
    assert answer["kept_days"] == 7


def test_calibration_is_needed_where_faces_may_lead_to_hints(
    client: Client, policy: DeploymentPolicy, learner: Participant
) -> None:
    client.force_login(learner.user)
    address = f"/api/v1/sessions/{learner.session_id}/"
    assert not client.get(address).json()["policy"]["face_evidence_in_hints"]
    policy.face_evidence_in_hints = True
    policy.save()
    assert client.get(address).json()["policy"]["face_evidence_in_hints"]


def test_teacher_needs_no_participant(client: Client, session: LessonSession) -> None:
    client.force_login(make_teacher_of(session.lesson))
    answer = client.get(path_of(session)).json()
    assert (answer["role"], answer["participant_id"]) == ("teacher", None)


def test_events_are_stored(client: Client, learner: Participant) -> None:
    client.force_login(learner.user)
    step = learner.session.lesson.steps.get(position=2)
    events = [{"kind": "step_opened", "step_id": step.pk}, {"kind": "idle", "value": "30"}]
    answer = client.post(
        path_of(learner.session, "events"), {"events": events}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()) == (202, {"stored": 2})
    opened, idle = InteractionEvent.objects.filter(participant=learner)
    assert (opened.step, opened.value) == (step, "")
    assert (idle.step, idle.value) == (None, "30")


def test_step_of_another_lesson_is_refused(client: Client, learner: Participant) -> None:
    client.force_login(learner.user)
    foreign = make_lesson().steps.get(position=1)
    events = [{"kind": "step_opened", "step_id": foreign.pk}]
    client.post(
        path_of(learner.session, "events"), {"events": events}, content_type="application/json"
    )
    assert InteractionEvent.objects.get(participant=learner).step is None


@pytest.mark.parametrize(
    "events",
    [
        [{"kind": "step_opened"}] * 101,
        [{"kind": "smiled"}],
        [{"kind": "idle", "value": "x" * 33}],
        [{"kind": "idle", "step_id": "one"}],
        {"kind": "idle"},
        ["idle"],
    ],
)
def test_invalid_batch_is_refused_completely(
    client: Client, learner: Participant, events: object
) -> None:
    client.force_login(learner.user)
    answer = client.post(
        path_of(learner.session, "events"), {"events": events}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["reason"]) == (400, "invalid")
    assert not InteractionEvent.objects.exists()


def test_hints_are_empty_at_first(client: Client, learner: Participant) -> None:
    client.force_login(learner.user)
    assert client.get(path_of(learner.session, "hints")).json() == []


def test_teacher_ends_the_session(client: Client, teacher: Participant) -> None:
    client.force_login(teacher.user)
    answer = client.post(path_of(teacher.session, "end"))
    assert answer.json()["state"] == "ended"
    teacher.session.refresh_from_db()
    first_end = teacher.session.ended_at
    client.post(path_of(teacher.session, "end"))
    teacher.session.refresh_from_db()
    assert teacher.session.ended_at == first_end is not None


def test_learner_leaves(client: Client, learner: Participant) -> None:
    client.force_login(learner.user)
    assert client.post(path_of(learner.session, "leave")).status_code == 204
    learner.refresh_from_db()
    assert learner.left_at is not None


@pytest.mark.parametrize("steps", [1, 3])
def test_query_count_does_not_grow_with_steps(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, steps: int
) -> None:
    learner = make_learner(make_session(lesson=make_lesson(steps=steps)))
    client.force_login(learner.user)
    with django_assert_num_queries(10):
        assert len(client.get(path_of(learner.session)).json()["lesson"]["steps"]) == steps


def test_learner_reads_own_progress_only(client: Client, learner: Participant) -> None:
    step = learner.session.lesson.steps.get(position=1)
    classmate = make_learner(learner.session)
    kinds = InteractionEvent.Kind
    for participant, kind, value in (
        (learner, kinds.ANSWERED, "right"),
        (learner, kinds.ANSWERED, "wrong"),
        (learner, kinds.SELF_REPORT, "hard"),
        (learner, kinds.SELF_REPORT, "fine"),
        (learner, kinds.STEP_OPENED, ""),
        (classmate, kinds.ANSWERED, "wrong"),
    ):
        InteractionEvent.objects.create(participant=participant, kind=kind, step=step, value=value)
    client.force_login(learner.user)
    own = {"step_id": step.pk, "attempts": 2, "right": True, "rating": "fine"}
    assert client.get(path_of(learner.session)).json()["progress"] == [own]
    client.force_login(make_teacher_of(learner.session.lesson))
    assert client.get(path_of(learner.session)).json()["progress"] == []
