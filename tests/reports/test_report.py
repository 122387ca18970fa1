import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from fer_lms.lessons.actions import end_session
from fer_lms.lessons.models import InteractionEvent, LessonSession, Participant
from fer_lms.reports import queries
from fer_lms.reports.actions import freeze_ended_reports
from fer_lms.reports.models import LessonReport, ReleasedCell
from fer_lms.reports.queries import build_report
from fer_lms.reports.step_visits import build_step_visits, list_class_events
from inference.models.released import WEIGHTS, list_released_models
from tests.factories import MODEL, NOON, make_learner, make_window
from tests.reports.conftest import MakeClass, release_at

pytestmark = pytest.mark.django_db
KEYS = {
    "state",
    "title",
    "finding",
    "help",
    "withheld",
    "contributors_at_least",
    "coverage",
    "model",
    "preset",
    "simulated",
    "engagement",
    "expressions",
    "timeline",
    "steps",
    "limits",
    "kept_until",
    "metrics_until",
    "figures_until",
    "live_seconds",
}


def ended(session: LessonSession) -> LessonSession:
    session = end_session(session=session)
    session.ended_at = NOON + timedelta(minutes=1)
    session.save()
    return session


def test_teacher_reads_report(client: Client, teacher: Participant, make_class: MakeClass) -> None:
    make_class(5)
    release_at(5)
    client.force_login(teacher.user)
    report = client.get(f"/api/v1/sessions/{teacher.session_id}/report").json()
    assert set(report) == KEYS
    assert (report["state"], report["title"]) == ("open", "Fractions")
    assert report["engagement"]["mean"] == 0.7
    assert report["model"]["sha256"] == MODEL
    assert report["simulated"] is False


def test_withheld_report_is_returned(client: Client, teacher: Participant) -> None:
    client.force_login(teacher.user)
    answer = client.get(f"/api/v1/sessions/{teacher.session_id}/report")
    assert answer.status_code == 200
    assert answer.json()["withheld"] == "too_few_learners"
    assert answer.json()["finding"].startswith("Too few students")


def test_teacher_windows_are_not_counted(teacher: Participant, make_class: MakeClass) -> None:
    make_class(4)
    make_window(teacher)
    freeze_ended_reports(now=NOON + timedelta(hours=1))
    assert build_report(ended(teacher.session))["withheld"] == "too_few_learners"


def test_report_waits_for_open_windows(session: LessonSession, make_class: MakeClass) -> None:
    [learner, *_] = make_class(5)
    window = make_window(learner, number=5, state="provisional")
    session = ended(session)
    later = NOON + timedelta(hours=1)
    assert freeze_ended_reports(now=later) == 0
    assert build_report(session)["state"] == "provisional"
    window.state = "closed"
    window.save()
    assert freeze_ended_reports(now=NOON + timedelta(minutes=1, seconds=14)) == 0
    assert freeze_ended_reports(now=later) == 1
    assert build_report(session)["state"] == "final"
    assert build_report(session)["engagement"]["mean"] == 0.7
    assert freeze_ended_reports(now=later) == 0


def test_final_report_deletes_cells(session: LessonSession, make_class: MakeClass) -> None:
    make_class(5)
    assert release_at(5) == 1
    before = build_report(session)
    assert ReleasedCell.objects.count() == 3
    freeze_ended_reports(now=NOON + timedelta(hours=1))
    assert ReleasedCell.objects.count() == 3, "it is still open"
    session = ended(session)
    freeze_ended_reports(now=NOON + timedelta(hours=1))
    assert not ReleasedCell.objects.exists()
    assert build_report(session)["timeline"] == before["timeline"]


def test_open_session_is_not_frozen(session: LessonSession) -> None:
    assert freeze_ended_reports(now=NOON + timedelta(days=1)) == 0
    assert not LessonReport.objects.exists()


def test_frozen_report_does_not_change(session: LessonSession, make_class: MakeClass) -> None:
    learners = make_class(5)
    session = ended(session)
    freeze_ended_reports(now=NOON + timedelta(hours=1))
    before = build_report(session)
    for learner in learners:
        learner.windows.all().delete()
    session.lesson.title = "Renamed"
    session.lesson.save()
    assert build_report(session) == before


def test_step_events_become_visits(session: LessonSession) -> None:
    learner = make_learner(session)
    first, second = session.lesson.steps.all()
    for step, seconds in ((first, 0), (second, 30), (first, 50)):
        InteractionEvent.objects.create(
            participant=learner,
            kind="step_opened",
            step=step,
            occurred_at=NOON + timedelta(seconds=seconds),
        )
    ends = {learner.pk: NOON + timedelta(seconds=70)}
    visits = build_step_visits(list_class_events(session), ends)[learner.pk]
    assert [(visit.step_id, visit.seconds) for visit in visits] == [
        (first.pk, 30),
        (second.pk, 20),
        (first.pk, 20),
    ]


@pytest.mark.parametrize("size", [5, 8])
def test_number_of_queries_is_constant(
    session: LessonSession,
    make_class: MakeClass,
    django_assert_num_queries: DjangoAssertNumQueries,
    size: int,
) -> None:
    make_class(size)
    release_at(5)
    with django_assert_num_queries(13):
        build_report(session)


@pytest.mark.parametrize("count", [1, 3])
def test_learner_reads_own_windows(
    client: Client,
    learner: Participant,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    for number in range(count - 1):
        make_window(learner, number=number)
    make_window(learner, number=5, state="provisional", refused={"bad_jpeg": 2})
    client.force_login(learner.user)
    with django_assert_num_queries(6):
        answer = client.get(f"/api/v1/sessions/{learner.session_id}/my-report").json()
    assert len(answer["windows"]) == count
    last = answer["windows"][-1]
    assert last.pop("expressions")["neutral"] == 1
    assert last == {
        "start": "2026-11-22T12:00:50Z",
        "state": "provisional",
        "received": 12,
        "refused": {"bad_jpeg": 2},
        "accepted": 10,
        "processed": 10,
        "lost": {},
        "coverage": 1,
        "engagement": 0.7,
        "correction": None,
        "own_word": None,
    }
    assert answer["kept_until"].startswith("2026-12-22T12:00")


def test_report_names_an_adapted_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {"file": "school.onnx", "sha256": "5" * 64, "side": 64}
    listing = {"default": "mobilenet_v2", "models": {"mobilenet_v2": entry}}
    (tmp_path / "models.json").write_text(json.dumps(listing))
    monkeypatch.setenv("FER_WEIGHTS", str(tmp_path))
    [released] = [m for m in list_released_models(WEIGHTS)[1].values() if m.name == "mobilenet_v2"]
    assert queries._describe_model("5" * 64) == {
        "name": "mobilenet_v2 (FER_WEIGHTS)",
        "sha256": "5" * 64,
        "accuracy": queries.ADAPTED_MODEL_CARD,
    }
    described = queries._describe_model(released.sha256)
    assert described is not None
    assert described["name"] == "mobilenet_v2"
