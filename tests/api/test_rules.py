"""REST endpoints of rules and hints."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from fer_lms.lessons.actions import end_session
from fer_lms.lessons.models import LessonSession, Participant
from fer_lms.reports.actions import freeze_report
from fer_lms.rules.actions import add_version, create_rule
from fer_lms.rules.engine.spec import RuleSpec
from fer_lms.rules.models import Hint, InteractionRule, RuleSwitch, RuleVersion
from tests.factories import NOON, make_learner, make_lesson, make_teacher_of, make_user
from tests.rules.recorded_input import add_event, evaluate_until

Json = dict[str, Any]


@pytest.fixture
def teacher_client(session: LessonSession, client: Client) -> Client:
    client.force_login(make_teacher_of(session.lesson))
    return client


def path(session: LessonSession, rest: str = "") -> str:
    return f"/api/v1/lessons/{session.lesson_id}/rules/{rest}"


def post(client: Client, url: str, body: object) -> Any:
    return client.post(url, body, content_type="application/json")


def editor(client: Client, session: LessonSession) -> Json:
    answer: Json = client.get(path(session)).json()
    return answer


def template(client: Client, session: LessonSession, name: str = "stuck") -> Json:
    templates = editor(client, session)["templates"]
    spec: Json = next(item["spec"] for item in templates if item["name"] == name)
    return spec


def test_editor_data_is_complete(teacher_client: Client, session: LessonSession) -> None:
    answer = editor(teacher_client, session)
    assert [rule["scope"] for rule in answer["rules"]] == ["everywhere", "everywhere"]
    assert not any(rule["editable"] for rule in answer["rules"])
    assert answer["rules"][1]["sentence"] == (
        "It starts at signs of frustration. It offers the next hint of the step. In any step. "
        "Then it waits 5 minutes. At most 4 times a lesson."
    )
    assert len(answer["templates"]) >= 6
    assert answer["limits"]["cooldown_seconds"] == {"low": 300, "high": 3600}
    assert [step["title"] for step in answer["steps"]] == ["Part 1", "Part 2"]


def test_rule_is_created_and_gets_a_new_version(
    teacher_client: Client, session: LessonSession
) -> None:
    spec = template(teacher_client, session)
    made = post(teacher_client, path(session), {"title": "Mine", "spec": spec})
    assert made.status_code == 201
    rule = made.json()["id"]
    changed = post(
        teacher_client, path(session, f"{rule}/versions"), {"spec": spec | {"threshold": 0.6}}
    )
    assert changed.json()["number"] == 2
    assert list(RuleVersion.objects.filter(rule=rule).values_list("threshold", flat=True)) == [
        0.66,
        0.6,
    ]
    assert teacher_client.delete(path(session, str(rule))).status_code == 204
    assert InteractionRule.objects.get(pk=rule).retired_at is not None


@pytest.mark.parametrize(
    ("name", "value"),
    [("threshold", 7), ("cooldown_seconds", 1), ("max_per_lesson", 99), ("steps", [999_999])],
)
def test_invalid_rule_is_refused_with_message(
    teacher_client: Client, session: LessonSession, name: str, value: object
) -> None:
    spec = template(teacher_client, session) | {name: value}
    refused = post(teacher_client, path(session), {"title": "Mine", "spec": spec})
    assert refused.status_code == 400
    assert name in refused.json()["fields"]["spec"]
    assert InteractionRule.objects.filter(title="Mine").count() == 0


def test_built_in_rule_is_switched_not_edited(
    teacher_client: Client, session: LessonSession
) -> None:
    rule = editor(teacher_client, session)["rules"][0]
    versions = path(session, f"{rule['id']}/versions")
    assert post(teacher_client, versions, {"spec": rule["spec"]}).status_code == 403
    off = {"off": True, "rule_id": rule["id"]}
    assert post(teacher_client, path(session, "switch"), off).status_code == 204
    assert editor(teacher_client, session)["rules"][0]["off"] is True


def test_hints_are_switched_off_for_a_lesson_and_a_learner(
    teacher_client: Client, session: LessonSession, learner: Participant
) -> None:
    switch = path(session, "switch")
    post(teacher_client, switch, {"off": True})
    post(teacher_client, switch, {"off": True, "learner_id": str(learner.user.public_id)})
    off = editor(teacher_client, session)["off"]
    assert off == {
        "everywhere": False,
        "lesson": True,
        "learners": [str(learner.user.public_id)],
    }
    stranger = {"off": True, "learner_id": str(make_user().public_id)}
    assert post(teacher_client, switch, stranger).status_code == 404


def test_only_administrators_switch_hints_off_globally(
    teacher_client: Client, session: LessonSession
) -> None:
    everywhere = "/api/v1/rules/switch"
    assert post(teacher_client, everywhere, {"off": True}).status_code == 403
    teacher_client.force_login(make_user(is_superuser=True, is_staff=True))
    assert post(teacher_client, everywhere, {"off": True}).status_code == 204
    assert RuleSwitch.objects.get().lesson is None


def test_editor_states_what_waits_for_the_next_session(
    teacher_client: Client, session: LessonSession, learner: Participant
) -> None:
    lesson = session.lesson
    teacher = make_teacher_of(lesson)
    earlier = create_rule(lesson=lesson, title="Earlier", spec=RuleSpec(), user=teacher)
    assert not editor(teacher_client, session)["in_session"]
    add_event(learner, 1, "step_opened")
    evaluate_until(10)
    add_version(rule=earlier, spec=RuleSpec(threshold=0.6), user=teacher)
    create_rule(lesson=lesson, title="Later", spec=RuleSpec(), user=teacher)
    data = editor(teacher_client, session)
    shown = {rule["title"]: (rule["session_number"], rule["number"]) for rule in data["rules"]}
    assert data["in_session"]
    assert (shown["Earlier"], shown["Later"]) == ((1, 2), (None, 1))
    groups = teacher_client.get(f"/api/v1/lessons/{lesson.pk}/groups/").json()
    assert groups["in_session"]
    end_session(session=session)
    assert not editor(teacher_client, session)["in_session"]


def test_preview_on_a_simulated_class(teacher_client: Client, session: LessonSession) -> None:
    spec = template(teacher_client, session)
    answer = post(teacher_client, path(session, "preview"), {"spec": spec}).json()
    assert (answer["source"], answer["withheld"]) == ("simulated", None)
    assert answer["fired"] == sum(place["times"] for place in answer["places"]) > 0
    assert len(answer["episodes"]) > 3
    assert sum(reason["share"] for reason in answer["silent"]) == pytest.approx(1, abs=0.02)


def test_preview_on_few_learners_is_withheld(
    teacher_client: Client, session: LessonSession, learner: Participant
) -> None:
    wanted = {"spec": template(teacher_client, session), "session_id": str(session.pk)}
    answer = post(teacher_client, path(session, "preview"), wanted).json()
    assert (answer["withheld"], answer["fired"], answer["places"]) == (
        "too_few_learners",
        None,
        [],
    )


def stuck_class(session: LessonSession, size: int) -> list[Participant]:
    learners = [make_learner(session) for _ in range(size)]
    for learner in learners:
        add_event(learner, 1, "step_opened")
        for second in (60, 90, 110, 130):
            add_event(learner, second, "answered", value="wrong")
    evaluate_until(300)
    return learners


def over(session: LessonSession) -> None:
    session.ended_at = NOON + timedelta(seconds=300)
    session.save()
    assert freeze_report(session=session)


def test_preview_on_a_recorded_session_is_aggregated(
    teacher_client: Client, session: LessonSession
) -> None:
    stuck_class(session, 7)
    spec = template(teacher_client, session)
    wanted = {"spec": spec, "session_id": str(session.pk)}
    answer = post(teacher_client, path(session, "preview"), wanted).json()
    assert (answer["withheld"], answer["spoken_to"]) == ("still_open", None)
    over(session)
    answer = post(teacher_client, path(session, "preview"), wanted).json()
    assert (answer["fired"], answer["spoken_to"], answer["learners"]) == (None, "many", 5)
    [place] = answer["places"]
    assert (place["minute"], place["times"], place["spoken_to"]) == (None, None, "many")
    assert "answers that were not right yet" in place["why"]
    assert answer["silent"] == [], "what is left over would be the reasons of few"


def test_preview_for_one_learner_reveals_nothing(
    teacher_client: Client, session: LessonSession
) -> None:
    calm = [make_learner(session) for _ in range(6)]
    for learner in calm:
        add_event(learner, 1, "step_opened")
    [stuck] = stuck_class(session, 1)
    spec = template(teacher_client, session) | {"learners": [str(stuck.user.public_id)]}
    wanted = {"spec": spec, "session_id": str(session.pk)}
    over(session)
    answer = post(teacher_client, path(session, "preview"), wanted).json()
    assert (answer["spoken_to"], answer["places"], answer["silent"]) == ("few", [], [])


def test_rules_need_a_teacher(client: Client, session: LessonSession, learner: Participant) -> None:
    for person in (learner.user, make_user(), make_teacher_of(make_lesson())):
        client.force_login(person)
        assert client.get(path(session)).status_code == 404
        assert client.get(f"/api/v1/sessions/{session.pk}/teacher-notifications").status_code == 404


# --- learners ----------------------------------------------------------------------------------


def make_hint(learner: Participant, **fields: Any) -> Hint:
    values: dict[str, Any] = {"occasion": "w1", "kind": "hint", "title": "A nudge", "body": "Draw."}
    return Hint.objects.create(participant=learner, fired_at=timezone.now(), **(values | fields))


def learner_path(learner: Participant, rest: str) -> str:
    return f"/api/v1/sessions/{learner.session_id}/{rest}"


@pytest.fixture
def learner_client(learner: Participant, client: Client) -> Client:
    client.force_login(learner.user)
    return client


def test_learner_reads_and_answers_hints(learner_client: Client, learner: Participant) -> None:
    hint = make_hint(learner)
    make_hint(learner, occasion="w2", state="withheld")
    answer_path = learner_path(learner, f"hints/{hint.pk}/answer")
    assert post(learner_client, answer_path, {"answer": "helped"}).status_code == 204
    assert post(learner_client, answer_path, {"answer": "helped"}).status_code == 204
    [read] = learner_client.get(learner_path(learner, "hints")).json()
    assert (read["hint_id"], read["answer"], read["kind"]) == (hint.pk, "helped", "hint")
    assert hint.answers.count() == 1


def test_invalid_hint_answer_is_refused(learner_client: Client, learner: Participant) -> None:
    answer_path = learner_path(learner, f"hints/{make_hint(learner).pk}/answer")
    assert post(learner_client, answer_path, {"answer": "yes"}).status_code == 400
    assert post(learner_client, answer_path, {"answer": "whatever"}).status_code == 400


def test_learner_rates_the_moment_of_a_hint(learner_client: Client, learner: Participant) -> None:
    hint = make_hint(learner)
    path = learner_path(learner, f"hints/{hint.pk}/timing")
    assert post(learner_client, path, {"timing": "perhaps"}).status_code == 400
    for timing in ("right", "too_early"):
        assert post(learner_client, path, {"timing": timing}).status_code == 204
    hint.refresh_from_db()
    assert (hint.timing, hint.answers.count()) == ("too_early", 0)
    other = make_hint(make_learner(learner.session))
    path = learner_path(learner, f"hints/{other.pk}/timing")
    assert post(learner_client, path, {"timing": "right"}).status_code == 404


def test_hint_of_another_learner_returns_404(
    learner_client: Client, learner: Participant, session: LessonSession
) -> None:
    other = make_hint(make_learner(session))
    answer_path = learner_path(learner, f"hints/{other.pk}/answer")
    assert post(learner_client, answer_path, {"answer": "helped"}).status_code == 404


def test_learner_requests_a_hint(learner_client: Client, learner: Participant) -> None:
    step = learner.session.lesson.steps.first()
    assert step is not None
    response = post(learner_client, learner_path(learner, "hints"), {"step_id": step.pk})
    assert response.status_code == 201
    assert response.json()["asked"] is True
    assert post(learner_client, learner_path(learner, "hints"), {"step_id": 0}).status_code == 404


def test_threshold_shifts_are_stored(learner_client: Client, learner: Participant) -> None:
    url = "/api/v1/me/thresholds"
    wish = {"thresholds": [{"evidence": "frustration", "shift": 0.2}]}
    put = learner_client.put(url, wish, content_type="application/json")
    assert put.json() == wish == learner_client.get(url).json()
    too_much = {"thresholds": [{"evidence": "frustration", "shift": 0.9}]}
    assert learner_client.put(url, too_much, content_type="application/json").status_code == 400


def test_paused_hints_are_resumed(learner_client: Client, learner: Participant) -> None:
    url = "/api/v1/me/snooze"
    answer_path = learner_path(learner, f"hints/{make_hint(learner).pk}/answer")
    post(learner_client, answer_path, {"answer": "leave_me_alone"})
    assert learner_client.get(url).json() == {"snoozed": True, "left_alone": True}
    assert learner_client.delete(url).status_code == 204
    assert learner_client.get(url).json() == {"snoozed": False, "left_alone": False}


def test_baseline_is_reset(learner_client: Client, learner: Participant) -> None:
    url = learner_path(learner, "baseline")
    assert learner_client.get(url).json()["ready"] is False
    assert learner_client.delete(url).status_code == 202
    assert learner.baseline_resets.count() == 1


def test_teacher_notification_is_listed_and_marked_seen(
    client: Client, learner: Participant
) -> None:
    hint = make_hint(learner, kind="tell_teacher")
    client.force_login(learner.user)
    answer_path = learner_path(learner, f"hints/{hint.pk}/answer")
    assert post(client, answer_path, {"answer": "yes"}).status_code == 204
    client.force_login(make_teacher_of(learner.session.lesson))
    path = learner_path(learner, "teacher-notifications")
    [notification] = client.get(path).json()
    assert (notification["learner"], notification["seen"]) == (learner.user.username, False)
    assert post(client, f"{path}/{notification['id']}/seen", {}).status_code == 204
    assert client.get(path).json()[0]["seen"] is True
