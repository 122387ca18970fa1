"""Release of cells at fixed intervals, and withdrawal after an erasure."""

from datetime import timedelta
from typing import Any

import pytest

from fer_lms.audit.models import AuditEvent
from fer_lms.lessons.actions import end_session
from fer_lms.lessons.models import LessonSession, Participant
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.reports.actions import freeze_ended_reports, release_session, withdraw_release
from fer_lms.reports.models import Release, ReleasedCell
from fer_lms.reports.queries import build_report
from tests.factories import NOON, make_learner, make_window
from tests.reports.conftest import MakeClass, release_at

pytestmark = pytest.mark.django_db


def more_windows(learners: list[Participant], numbers: range, **fields: Any) -> None:
    for learner in learners:
        for number in numbers:
            make_window(learner, number=number, **fields)


def bins_shown(session: LessonSession) -> int:
    return sum(1 for row in build_report(session)["timeline"] if not row["withheld"])


def test_reading_report_releases_nothing(session: LessonSession, make_class: MakeClass) -> None:
    make_class(6)
    assert build_report(session)["withheld"] == "too_few_learners"
    assert not ReleasedCell.objects.exists()


def test_metrics_are_constant_within_interval(
    session: LessonSession, make_class: MakeClass
) -> None:
    learners = make_class(6)
    assert release_at(2) == 1
    more_windows(learners, range(12, 15))
    assert release_at(2.5) == 0
    assert bins_shown(session) == 3
    assert release_at(3) == 1
    assert bins_shown(session) == 6


def test_first_release_waits_for_stable_class(
    session: LessonSession, make_class: MakeClass
) -> None:
    make_class(5, windows=12)
    make_window(make_learner(session), number=10)
    assert release_at(2.5) == 0
    assert release_at(3) == 1


def test_release_with_one_more_learner_is_suppressed(
    session: LessonSession, make_class: MakeClass
) -> None:
    learners = make_class(6)
    release_at(2)
    more_windows([*learners, make_learner(session)], range(12, 15))
    assert release_at(4) == 0
    assert bins_shown(session) == 3
    more_windows(make_class(5, windows=0), range(18, 20))
    assert release_at(5) == 1
    assert build_report(session)["contributors_at_least"] == 10


def test_release_with_one_less_is_suppressed_until_return(
    session: LessonSession, make_class: MakeClass
) -> None:
    learners = make_class(6)
    release_at(2)
    more_windows(learners[1:], range(12, 15))
    assert release_at(4) == 0
    more_windows(learners, range(18, 20))
    assert release_at(5) == 1


def test_suppressed_bins_are_in_final_report(session: LessonSession, make_class: MakeClass) -> None:
    learners = make_class(6)
    release_at(2)
    more_windows(learners[1:], range(12, 15))
    assert release_at(4) == 0
    end_session(session=session)
    freeze_ended_reports(now=session.started_at + timedelta(days=9999))
    assert bins_shown(session) == 6


def test_release_after_session_end_does_nothing(
    session: LessonSession, make_class: MakeClass, policy: DeploymentPolicy
) -> None:
    """A session may end between the query and the lock."""
    make_class(6)
    DeploymentPolicy.objects.update(k_anonymous_is_anonymous=True)
    end_session(session=session)
    freeze_ended_reports(now=session.started_at + timedelta(days=9999))
    assert not release_session(session=session, now=NOON + timedelta(minutes=9), seconds=60)
    assert not ReleasedCell.objects.exists()


def test_late_window_changes_nothing(session: LessonSession, make_class: MakeClass) -> None:
    make_class(6)
    release_at(2)
    before = build_report(session)
    make_window(make_learner(session), number=1, engagement=0.0)
    release_at(9)
    assert build_report(session) == before


def test_open_window_delays_later_bins(session: LessonSession, make_class: MakeClass) -> None:
    learners = make_class(6)
    learners[0].windows.filter(start_at=NOON + timedelta(seconds=10)).update(state="provisional")
    release_at(5)
    assert bins_shown(session) == 1


@pytest.fixture
def released(session: LessonSession, make_class: MakeClass) -> list[Participant]:
    learners = make_class(6)
    release_at(2)
    return learners


def test_erasure_withdraws_release_by_default(
    session: LessonSession, released: list[Participant]
) -> None:
    assert withdraw_release(participant=released[0], camera_only=True)
    assert build_report(session)["withheld"] == "withdrawn"
    released[0].windows.all().delete()
    release_at(4)
    assert build_report(session)["withheld"] == "withdrawn", "never again with fewer"
    assert AuditEvent.objects.get().action == "report.withdrawn"


def test_erasure_withdraws_final_report(
    session: LessonSession, released: list[Participant]
) -> None:
    end_session(session=session)
    freeze_ended_reports(now=session.started_at + timedelta(days=9999))
    assert build_report(session)["engagement"]
    assert withdraw_release(participant=released[0], camera_only=True)
    report = build_report(session)
    assert (report["state"], report["withheld"]) == ("final", "withdrawn")
    assert report["engagement"] is report["expressions"] is report["coverage"] is None
    assert report["timeline"] == report["steps"] == []
    assert "withdrawn" in report["finding"]


def test_erasure_of_non_contributor_changes_nothing(
    session: LessonSession, released: list[Participant]
) -> None:
    assert not withdraw_release(participant=make_learner(session), camera_only=False)
    assert bins_shown(session) == 3


def test_release_stays_if_policy_counts_it_anonymous(
    session: LessonSession, released: list[Participant], policy: DeploymentPolicy
) -> None:
    DeploymentPolicy.objects.update(k_anonymous_is_anonymous=True)
    assert not withdraw_release(participant=released[0], camera_only=False)
    assert bins_shown(session) == 3
    end_session(session=session)
    freeze_ended_reports(now=session.started_at + timedelta(days=9999))
    assert not Release.objects.exists(), "then nobody in it need be known any more"


def test_release_contains_no_learner_id(released: list[Participant]) -> None:
    release = Release.objects.get()
    kept = repr(vars(release))
    assert len(release.camera_contributors) == 6
    assert not any(learner.pk.hex in kept or str(learner.pk) in kept for learner in released)
