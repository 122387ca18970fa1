"""Grading of answers, events and the learner's profile."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from fer_lms.lessons import actions
from fer_lms.lessons.models import InteractionEvent, LearnerProfile, Participant, Question, Step
from tests.factories import make_lesson, make_teacher_of

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def question(learner: Participant) -> Question:
    return Question.objects.create(
        step=learner.session.lesson.steps.get(position=1),
        kind="number",
        prompt="1/2 + 1/3?",
        number=5 / 6,
        tolerance=0.005,
        when_wrong="Not yet: which pieces fit into both?",
    )


def answer(client: Client, learner: Participant, **fields: Any) -> Any:
    client.force_login(learner.user)
    return client.post(f"/api/v1/sessions/{learner.session_id}/answers", fields, JSON)


def events(client: Client, learner: Participant, *batch: dict[str, Any]) -> Any:
    client.force_login(learner.user)
    body = {"events": batch}
    return client.post(f"/api/v1/sessions/{learner.session_id}/events", body, JSON)


def test_attempts_are_counted_until_right(
    client: Client, learner: Participant, question: Question
) -> None:
    first = answer(client, learner, step_id=question.step_id, answer="2/5", seconds=40).json()
    assert first == {
        "right": False,
        "attempts": 1,
        "feedback": "Not yet: which pieces fit into both?",
    }
    second = answer(client, learner, step_id=question.step_id, answer="5/6", seconds=70).json()
    assert (second["right"], second["attempts"]) == (True, 2)
    stored = InteractionEvent.objects.values_list("kind", "value", "attempts", "seconds")
    assert list(stored) == [("answered", "wrong", 1, 40), ("answered", "right", 2, 70)]


def test_repeated_answer_counts_once(
    client: Client, learner: Participant, question: Question
) -> None:
    for _ in range(2):
        marked = answer(client, learner, step_id=question.step_id, answer="1", key="k-1").json()
        assert marked["attempts"] == 1
    assert InteractionEvent.objects.count() == 1


def test_answer_to_an_earlier_revision_is_refused(
    client: Client, learner: Participant, question: Question
) -> None:
    fields = {"step_id": question.step_id, "answer": "5/6", "revision": 0}
    assert answer(client, learner, **fields, key="k-1").status_code == 200
    Step.objects.filter(pk=question.step_id).update(revision=1)
    refused = answer(client, learner, **fields, key="k-2")
    assert (refused.status_code, refused.json()["reason"]) == (409, "step_changed")
    assert InteractionEvent.objects.count() == 1
    # Its reply was lost: it was graded before the change.
    assert answer(client, learner, **fields, key="k-1").json()["right"] is True
    assert answer(client, learner, **fields | {"revision": 1}).json()["attempts"] == 2


def test_reversed_choices_refuse_a_position_of_before(
    client: Client, learner: Participant, question: Question
) -> None:
    session = f"/api/v1/sessions/{learner.session_id}/"
    teacher = Client()
    teacher.force_login(make_teacher_of(learner.session.lesson))
    content = {"title": "Part 1", "revision": 0}
    choices = [{"text": "5/6", "right": True}, {"text": "2/5", "right": False}]
    asked = {"kind": "choice", "prompt": "?"}
    path = f"/api/v1/steps/{question.step_id}/"
    teacher.put(path, content | {"question": asked | {"choices": choices}}, JSON)
    client.force_login(learner.user)
    shown = client.get(session).json()["lesson"]["steps"][0]
    reverse = {"question": asked | {"choices": choices[::-1]}, "revision": shown["revision"]}
    assert teacher.put(path, content | reverse, JSON).status_code == 200
    fields = {"step_id": question.step_id, "answer": "0", "revision": shown["revision"]}
    assert answer(client, learner, **fields).status_code == 409


def test_invalid_answer_is_not_counted(
    client: Client, learner: Participant, question: Question
) -> None:
    refused = answer(client, learner, step_id=question.step_id, answer="perhaps")
    assert refused.status_code == 400
    assert "3/4" in str(refused.json()["fields"]["answer"])
    assert not InteractionEvent.objects.exists()


def test_number_with_two_readings_asks_which(
    client: Client, learner: Participant, question: Question
) -> None:
    refused = answer(client, learner, step_id=question.step_id, answer="1,000")
    assert refused.status_code == 400
    assert "1000 or 1?" in str(refused.json()["fields"]["answer"])
    assert not InteractionEvent.objects.exists()


def test_step_without_question_returns_404(
    client: Client, learner: Participant, question: Question
) -> None:
    foreign = make_lesson().steps.get(position=1)
    silent = learner.session.lesson.steps.get(position=2)
    for step in (foreign, silent):
        assert answer(client, learner, step_id=step.pk, answer="1").status_code == 404


def test_accepted_answers_are_not_sent_to_learners(
    client: Client, learner: Participant, question: Question
) -> None:
    question.kind, question.choices = (
        "choice",
        [{"text": "5/6", "right": True}, {"text": "2/5", "right": False}],
    )
    question.save()
    client.force_login(learner.user)
    steps = client.get(f"/api/v1/sessions/{learner.session_id}/").json()["lesson"]["steps"]
    assert steps[0]["question"] == {
        "kind": "choice",
        "prompt": "1/2 + 1/3?",
        "choices": ["5/6", "2/5"],
    }


@pytest.mark.parametrize(
    ("kind", "value"), [("self_report", "sad"), ("self_report", ""), ("answered", "nearly")]
)
def test_event_values_are_validated(
    client: Client, learner: Participant, kind: str, value: str
) -> None:
    assert events(client, learner, {"kind": kind, "value": value}).status_code == 400


def test_repeated_batch_is_stored_once(client: Client, learner: Participant) -> None:
    for _ in range(2):
        said = {"kind": "self_report", "value": "hard", "key": "a"}
        assert events(client, learner, said).status_code == 202
    assert InteractionEvent.objects.count() == 1


def test_event_age_is_limited(client: Client, learner: Participant) -> None:
    Participant.objects.update(joined_at=learner.joined_at - timedelta(hours=1))
    batch = [{"kind": "idle", "ago_ms": ago} for ago in (0, 60_000, 3_600_000)]
    events(client, learner, *batch)
    oldest, middle, latest = InteractionEvent.objects.all()
    assert latest.occurred_at - middle.occurred_at == timedelta(minutes=1)
    assert latest.occurred_at - oldest.occurred_at == actions.MAX_EVENT_AGE


def test_events_before_joining_are_clamped(client: Client, learner: Participant) -> None:
    events(client, learner, {"kind": "idle", "ago_ms": 600_000})
    assert InteractionEvent.objects.get().occurred_at >= learner.joined_at


def test_event_limit_refuses_the_whole_batch(
    client: Client, learner: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MAX_RECENT_EVENTS", 3)
    assert events(client, learner, *[{"kind": "idle"}] * 2).status_code == 202
    refused = events(client, learner, *[{"kind": "idle"}] * 2)
    assert (refused.status_code, refused.json()["reason"]) == (429, "throttled")
    assert InteractionEvent.objects.count() == 2


def test_event_limit_counts_receipts_not_the_time_that_the_client_states(
    client: Client, learner: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    Participant.objects.update(joined_at=learner.joined_at - timedelta(hours=1))
    monkeypatch.setattr(actions, "MAX_RECENT_EVENTS", 3)
    old = [{"kind": "idle", "ago_ms": 86_400_000}] * 3
    assert events(client, learner, *old).status_code == 202
    assert events(client, learner, *old[:1]).status_code == 429
    InteractionEvent.objects.update(received_at=timezone.now() - actions.MAX_EVENT_AGE * 2)
    assert events(client, learner, *old[:1]).status_code == 202


def test_only_changed_preferences_are_stored(client: Client, learner: Participant) -> None:
    client.force_login(learner.user)
    path = "/api/v1/me/profile"
    assert client.get(path).json()["hint_form"] == "text"
    changed = client.patch(path, {"hint_form": "symbol", "no_camera": True}, JSON).json()
    assert (changed["hint_form"], changed["no_camera"]) == ("symbol", True)
    client.patch(path, {"hint_form": "text"}, JSON)
    assert LearnerProfile.objects.get(user=learner.user).no_camera is True
    client.patch(path, {"no_camera": False}, JSON)
    assert not LearnerProfile.objects.exists()


def test_invalid_profile_is_refused(client: Client, learner: Participant) -> None:
    client.force_login(learner.user)
    assert client.patch("/api/v1/me/profile", {"hint_form": "song"}, JSON).status_code == 400
