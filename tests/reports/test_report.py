import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from fer_lms.consent.actions import withdraw_consent
from fer_lms.disclosure.figures import compute_final
from fer_lms.disclosure.records import SessionRecord
from fer_lms.lessons.actions import join_session
from fer_lms.lessons.models import LessonSession, Participant, Role
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.reports import actions, queries
from fer_lms.reports.actions import freeze_ended_reports, freeze_report, withdraw_release
from fer_lms.reports.class_records import load_final_record
from fer_lms.reports.cohorts import compute_digest, get_key, record_group
from fer_lms.reports.models import LessonReport, Release, ReleasedCohort
from fer_lms.reports.queries import build_report, get_findings
from inference.models.released import WEIGHTS, list_released_models
from tests.factories import MODEL, NOON, grant_all, make_learner, make_session, make_window
from tests.reports.conftest import (
    MakeClass,
    add_windows,
    end_at,
    freeze,
    open_step,
    release_at,
)

pytestmark = pytest.mark.django_db
KEYS = {
    "live",
    "comparison",
    "closes_at",
    "state",
    "title",
    "finding",
    "help",
    "withheld",
    "level_withheld",
    "contributors_at_least",
    "coverage",
    "model",
    "preset",
    "simulated",
    "engagement",
    "expressions",
    "timeline",
    "timeline_unit",
    "bin_seconds",
    "steps",
    "limits",
    "kept_until",
    "metrics_until",
    "figures_until",
    "live_seconds",
}


def test_teacher_reads_report(client: Client, teacher: Participant, make_class: MakeClass) -> None:
    make_class()
    release_at(11)
    client.force_login(teacher.user)
    address = f"/api/v1/sessions/{teacher.session_id}/report"
    report = client.get(address).json()
    assert set(report) == KEYS
    assert (report["state"], report["title"]) == ("open", "Fractions")
    assert report["engagement"]["mean"] == 0.7
    assert report["model"]["sha256"] == MODEL
    assert report["metrics_until"] == "2026-11-22T12:10:00Z"
    assert report["simulated"] is False
    freeze(teacher.session)
    report = client.get(address).json()
    assert set(report) == KEYS
    assert report["metrics_until"] is None


def test_final_report(session: LessonSession, make_class: MakeClass) -> None:
    learners = make_class(8)
    for learner in learners[:3]:
        learner.windows.filter(start_at__gte=NOON + timedelta(minutes=6)).update(
            engagement_sum=20_000
        )
    report = freeze(session)
    assert (report["state"], report["withheld"]) == ("final", None)
    assert (report["contributors_at_least"], report["coverage"]) == (5, None)
    assert report["engagement"] == {
        "mean": 0.6,
        "levels": {"high": 0.8, "medium": 0.0, "low": 0.2},
    }
    assert report["expressions"]["neutral"] == 1
    assert (report["timeline_unit"], report["bin_seconds"]) == ("since_opening", 120)
    assert [row["start"] for row in report["timeline"]] == [0, 120, 240, 360, 480, 600]
    assert [row["engagement"] for row in report["timeline"]] == [0.7] * 3 + [0.5] * 3
    assert [step["engagement"] for step in report["steps"]] == [0.7, 0.5]
    assert {row["coverage"] for row in [*report["timeline"], *report["steps"]]} == {None}
    assert report["finding"].endswith("Lowest engagement in step 2, “Part 2”.")


def test_homework_gets_a_report(session: LessonSession, make_class: MakeClass) -> None:
    """Eight students who do the lesson one after the other, over days."""
    for number in range(8):
        make_class(1, opened=36_000 * number)
        release_at(10 * 60 * number + 15)
    report = freeze(session, minutes=60 * 24 * 7)
    assert (report["withheld"], report["engagement"]["mean"]) == (None, 0.7)
    assert [row["start"] for row in report["timeline"]] == [0, 120, 240, 360]
    assert [row["withheld"] for row in report["timeline"]] == [None] * 4
    assert [step["withheld"] for step in report["steps"]] == [None, None]


def test_withheld_report_is_returned(client: Client, teacher: Participant) -> None:
    client.force_login(teacher.user)
    answer = client.get(f"/api/v1/sessions/{teacher.session_id}/report")
    assert answer.status_code == 200
    assert answer.json()["withheld"] == "not_yet"
    assert answer.json()["finding"] == "Results follow when the lesson is closed."


@pytest.mark.parametrize("size", [0, 1, 4, 5, 7])
def test_small_class_gets_no_figures(
    session: LessonSession, make_class: MakeClass, size: int
) -> None:
    make_class(size)
    report = freeze(session)
    assert report["withheld"] == "few_present"
    assert report["engagement"] is report["expressions"] is report["coverage"] is None
    assert report["timeline"] == []


def test_all_leave_at_once(session: LessonSession, make_class: MakeClass) -> None:
    for learner in make_class(minutes=3):
        Participant.objects.filter(pk=learner.pk).update(left_at=NOON + timedelta(minutes=3))
    report = freeze(session, minutes=60)
    assert report["withheld"] is None
    assert [row["withheld"] for row in report["timeline"]] == [None]


def test_windows_far_from_the_lesson_are_not_counted(
    session: LessonSession, make_class: MakeClass
) -> None:
    """A clock that jumped: windows before the opening and after the end."""
    for learner in make_class():
        add_windows(learner, range(-400, -300), engagement=0.0)
        add_windows(learner, range(900_000, 900_050), engagement=0.0)
    assert freeze(session)["engagement"]["mean"] == 0.7


def test_teacher_windows_are_not_counted(teacher: Participant, make_class: MakeClass) -> None:
    make_class(7)
    open_step(teacher, 1, second=0)
    add_windows(teacher, range(72))
    assert freeze(teacher.session)["withheld"] == "few_present"


def test_report_waits_for_open_windows(session: LessonSession, make_class: MakeClass) -> None:
    [learner, *_] = make_class()
    window = make_window(learner, number=80, state="provisional")
    session = end_at(session, 14)
    later = NOON + timedelta(hours=1)
    assert freeze_ended_reports(now=later) == 0
    assert build_report(session)["state"] == "provisional"
    window.state = "closed"
    window.save()
    assert freeze_ended_reports(now=NOON + timedelta(minutes=14, seconds=14)) == 0
    assert freeze_ended_reports(now=later) == 1
    assert build_report(session)["state"] == "final"
    assert freeze_ended_reports(now=later) == 0


def test_withdrawal_while_reading_starts_again(
    session: LessonSession, make_class: MakeClass, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report is computed outside of a transaction, and stored only if nothing changed."""
    learners = make_class(8)
    for learner in learners:
        grant_all(learner)
    session = end_at(session, 12)
    read = load_final_record

    def load_and_withdraw(*arguments: Any) -> Any:
        record = read(*arguments)
        withdraw_consent(participant=learners[0])
        return record

    monkeypatch.setattr(actions, "load_final_record", load_and_withdraw)
    assert not freeze_report(session=session)
    assert not LessonReport.objects.exists()
    monkeypatch.setattr(actions, "load_final_record", read)
    assert freeze_report(session=session)
    assert set(Release.objects.get().camera_contributors) == {
        compute_digest(get_key(), learner.user.public_id) for learner in learners[1:]
    }, "without the learner who withdrew"


def test_cohort_of_another_session_while_reading_starts_again(
    session: LessonSession, make_class: MakeClass, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_class(9)
    session = end_at(session, 12)
    compute = compute_final

    def compute_and_release(record: SessionRecord, *arguments: Any, **options: Any) -> Any:
        record_group(frozenset(record.students[1:]), now=NOON)
        return compute(record, *arguments, **options)

    monkeypatch.setattr(actions, "compute_final", compute_and_release)
    assert not freeze_report(session=session)
    monkeypatch.setattr(actions, "compute_final", compute)
    assert freeze_report(session=session)
    assert build_report(session)["level_withheld"] == "similar_group"


def test_levels_of_the_next_session_are_linked(
    session: LessonSession, make_class: MakeClass
) -> None:
    """One student shares a camera only now, and does not change the level of the class."""
    learners = make_class(9)
    learners[0].windows.all().delete()
    assert freeze(session)["engagement"]["mean"] == 0.7
    following = make_session(lesson=session.lesson)
    for learner in learners:
        again = join_session(session=following, user=learner.user, role=Role.STUDENT)
        open_step(again, 1, second=0)
        add_windows(again, range(72), engagement=0.5 if learner != learners[0] else 0.0)
    report = freeze(following)
    assert report["level_withheld"] is None
    assert report["engagement"]["mean"] == 0.5, "the change of those in both lessons"
    assert any("earlier lesson with this class" in limit for limit in report["limits"])


@pytest.mark.parametrize("gone", ["readings", "students", "report"])
def test_levels_are_linked_by_attendance_and_time_only(
    session: LessonSession, make_class: MakeClass, policy: DeploymentPolicy, gone: str
) -> None:
    learners = make_class(9)
    DeploymentPolicy.objects.update(k_anonymous_is_anonymous=False)
    freeze(session)
    if gone == "readings":
        before = timezone.now() - timedelta(days=policy.kept_days + 1)
        LessonSession.objects.update(started_at=before - timedelta(hours=1), ended_at=before)
    if gone == "report":
        assert withdraw_release(participant=learners[0], camera_only=True)
        assert not ReleasedCohort.objects.exclude(level=[]).exists()
    following = make_session(lesson=session.lesson)
    for learner in learners[2 if gone == "students" else 0 :]:
        again = join_session(session=following, user=learner.user, role=Role.STUDENT)
        open_step(again, 1, second=0)
        add_windows(again, range(72))
    if gone == "students":
        make_learner(following)
    assert freeze(following)["level_withheld"] == "similar_group"


def test_open_session_is_not_frozen(session: LessonSession) -> None:
    assert freeze_ended_reports(now=NOON + timedelta(days=1)) == 0
    assert not LessonReport.objects.exists()


def test_frozen_report_does_not_change(session: LessonSession, make_class: MakeClass) -> None:
    learners = make_class()
    before = freeze(session)
    for learner in learners:
        learner.windows.all().delete()
    session.lesson.title = "Renamed"
    session.lesson.save()
    session.refresh_from_db()
    assert build_report(session) == before


def test_report_of_an_earlier_version_is_reduced(session: LessonSession) -> None:
    """Its cells had other groups, so nothing by minute or step may stand beside new figures."""
    step = {"position": 1, "title": "Part 1", "coverage": 0.87, "engagement": 0.43}
    metrics = {"coverage": 0.87, "engagement": 0.43, "expressions": None, "withheld": None}
    LessonReport.objects.create(
        session=end_at(session, 12),
        body={
            "title": "Fractions",
            "preset": "transparent",
            "simulated": False,
            "model": None,
            "withheld": None,
            "coverage": 0.87,
            "contributors_at_least": 10,
            "engagement": {"mean": 0.43, "levels": {"high": 0.31, "medium": 0.33, "low": 0.36}},
            "expressions": {"neutral": 0.43, "anger": 0.57},
            "timeline": [{"start": NOON.isoformat()} | metrics],
            "steps": [step | {"withheld": None, "seconds": 65, "said": None}],
            "help": {"rules": [], "silent": []},
            "finding": {"kind": "least", "position": 1, "title": "Part 1"},
            "limits": ["faces"],
            "figures_until": NOON.isoformat(),
        },
    )
    report = build_report(session)
    assert report["engagement"] == {
        "mean": 0.4,
        "levels": {"high": 0.3, "medium": 0.3, "low": 0.4},
    }
    assert report["expressions"] == {"neutral": 0.45, "anger": 0.55}
    assert (report["coverage"], report["timeline"], report["help"]) == (None, [], None)
    assert report["contributors_at_least"] == 5
    [reduced] = report["steps"]
    assert (reduced["engagement"], reduced["withheld"]) == (None, "earlier_version")
    assert reduced["seconds"] is None, "it ended with the last picture"
    assert report["finding"] == "No step can be compared with the others."
    assert get_findings([session.pk]) == {session.pk: report["finding"]}
    assert "earlier version" in report["limits"][-1]


def test_open_session_with_cells_of_an_earlier_version(
    session: LessonSession, make_class: MakeClass
) -> None:
    make_class()
    Release.objects.create(session=session, stopped="earlier_version")
    assert release_at(11) == 0
    assert build_report(session)["withheld"] == "earlier_version"
    report = freeze(session)
    assert report["withheld"] == "earlier_version"
    assert report["steps"][0]["seconds"] is not None, "what needs no camera is complete"


@pytest.mark.parametrize("size", [6, 9])
def test_number_of_queries_is_constant(
    session: LessonSession,
    make_class: MakeClass,
    django_assert_num_queries: DjangoAssertNumQueries,
    size: int,
) -> None:
    make_class(size)
    release_at(11)
    with django_assert_num_queries(12):
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
    with django_assert_num_queries(8):
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
