"""Live figures: one decision, one cohort, released bin by bin; withdrawal after an erasure."""

from datetime import timedelta
from typing import Any

import pytest

from fer_lms.audit.models import AuditEvent
from fer_lms.consent.actions import withdraw_consent
from fer_lms.lessons.actions import end_session
from fer_lms.lessons.models import LessonSession, Participant
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.reports import live_release
from fer_lms.reports.actions import withdraw_release
from fer_lms.reports.class_records import load_live_record
from fer_lms.reports.cohorts import compute_digest, get_key, record_group
from fer_lms.reports.live_release import release_session
from fer_lms.reports.models import CohortMember, Release, ReleasedCohort
from fer_lms.reports.queries import build_report
from fer_lms.rights.actions import erase_for_consent, erase_person
from tests.factories import MODEL, NOON, grant_all, make_learner
from tests.reports.conftest import MakeClass, add_windows, freeze, open_step, release_at

pytestmark = pytest.mark.django_db


def shown(session: LessonSession) -> list[int]:
    return [row["start"] for row in build_report(session)["timeline"] if not row["withheld"]]


def to_cohort(learners: list[Participant]) -> frozenset[str]:
    return frozenset(compute_digest(get_key(), learner.user.public_id) for learner in learners)


def test_reading_report_releases_nothing(session: LessonSession, make_class: MakeClass) -> None:
    make_class()
    assert build_report(session)["withheld"] == "not_yet"
    assert not Release.objects.exists()


def test_nothing_is_released_before_the_decision(
    session: LessonSession, make_class: MakeClass
) -> None:
    make_class()
    assert release_at(10) == 0
    assert build_report(session)["withheld"] == "not_yet"
    assert release_at(11) == 1
    report = build_report(session)
    assert shown(session) == [0, 120, 240, 360, 480]
    assert report["engagement"] == {"mean": 0.7, "levels": None}
    assert (report["timeline_unit"], report["bin_seconds"]) == ("since_start", 120)
    assert report["contributors_at_least"] == 5
    assert report["figures_until"] == NOON + timedelta(minutes=10)
    assert report["expressions"] is report["coverage"] is None
    assert {step["withheld"] for step in report["steps"]} == {"not_yet"}


def test_bins_are_released_once_at_the_cadence(
    session: LessonSession, make_class: MakeClass
) -> None:
    learners = make_class(minutes=20)
    release_at(11)
    before = build_report(session)["timeline"]
    for learner in learners:
        learner.windows.filter(start_at__lt=NOON + timedelta(minutes=10)).update(engagement_sum=0)
    assert release_at(11.9) == 0, "the interval is one minute"
    assert release_at(12.5) == 1
    assert build_report(session)["timeline"][:5] == before
    assert shown(session) == [0, 120, 240, 360, 480, 600]


def test_cohort_stays_whoever_comes_and_goes(session: LessonSession, make_class: MakeClass) -> None:
    learners = make_class(minutes=20)
    release_at(11)
    members = Release.objects.get().live_cohort
    learners[0].windows.filter(start_at__gte=NOON + timedelta(minutes=10)).delete()
    late = make_class(1, minutes=6, opened=660)
    assert release_at(16) == 1
    assert Release.objects.get().live_cohort == members
    assert len(members) == 8
    assert late


@pytest.mark.parametrize(
    ("size", "cameras", "live", "withheld"),
    [
        *((0, 0, "undecided", "not_yet"), (1, 1, "none", "not_yet"), (4, 4, "none", "not_yet")),
        *((5, 5, "none", "not_yet"), (7, 7, "none", "not_yet")),
        *((8, 4, "few", "too_few_learners"), (8, 5, "shown", None)),
    ],
)
def test_size_of_the_class(
    session: LessonSession,
    make_class: MakeClass,
    size: int,
    cameras: int,
    live: str,
    withheld: str | None,
) -> None:
    for learner in make_class(size)[cameras:]:
        learner.windows.all().delete()
    release_at(11)
    release_at(14)
    assert Release.objects.get().live == live
    assert build_report(session)["withheld"] == withheld


def test_decision_is_made_once(session: LessonSession, make_class: MakeClass) -> None:
    make_class(5)
    release_at(11)
    make_class(5, opened=700)
    assert release_at(40) == 0
    assert Release.objects.get().live == "none"


def test_class_that_comes_later_is_decided_on_later(
    session: LessonSession, make_class: MakeClass
) -> None:
    make_class(opened=1200)
    assert release_at(25) == 0
    assert release_at(31) == 1
    rows = build_report(session)["timeline"]
    assert [row["withheld"] for row in rows[:10]] == ["few_present"] * 10
    assert shown(session) == [1200, 1320, 1440, 1560, 1680]


def test_open_window_delays_later_bins(session: LessonSession, make_class: MakeClass) -> None:
    learners = make_class()
    release_at(11)
    moment = NOON + timedelta(minutes=11)
    learners[0].windows.filter(start_at=moment).update(state="provisional")
    assert release_at(20) == 0
    learners[0].windows.update(state="closed")
    assert release_at(21) == 1


def test_windows_after_ten_minutes_do_not_decide(
    session: LessonSession, make_class: MakeClass
) -> None:
    [learner, *_] = make_class()
    learner.windows.filter(start_at__lt=NOON + timedelta(minutes=10)).delete()
    release_at(13)
    assert len(Release.objects.get().live_cohort) == 7


def test_release_after_session_end_does_nothing(
    session: LessonSession, make_class: MakeClass
) -> None:
    """A session may end between the query and the lock."""
    make_class()
    end_session(session=session)
    assert not release_session(session=session, now=NOON + timedelta(minutes=11), seconds=60)
    assert not ReleasedCohort.objects.exists()


def test_consent_that_changes_while_reading_stops_the_release(
    session: LessonSession, make_class: MakeClass, monkeypatch: pytest.MonkeyPatch
) -> None:
    learners = make_class()
    read = load_live_record

    def load_and_withdraw(*arguments: Any) -> Any:
        record = read(*arguments)
        grant_all(learners[0])
        return record

    monkeypatch.setattr(live_release, "load_live_record", load_and_withdraw)
    assert release_at(11) == 0
    monkeypatch.setattr(live_release, "load_live_record", read)
    assert release_at(12) == 1


def test_clock_that_jumps_back_releases_nothing_again(
    session: LessonSession, make_class: MakeClass
) -> None:
    make_class()
    release_at(12.5)
    before = build_report(session)
    assert release_at(3) == 0
    assert release_at(12.9) == 0
    assert build_report(session) == before


def test_similar_group_gets_changes_only(session: LessonSession, make_class: MakeClass) -> None:
    """An earlier session, whose readings are deleted, released levels of these students."""
    learners = make_class(9)
    record_group(to_cohort(learners), now=NOON)
    learners[0].windows.all().delete()
    for learner in learners:
        learner.windows.filter(start_at__gte=NOON + timedelta(minutes=8)).update(engagement_sum=0)
    assert release_at(11) == 1
    live = build_report(session)
    assert (live["level_withheld"], live["engagement"]) == ("similar_group", None)
    assert [row["change"] for row in live["timeline"]] == ["higher"] * 4 + ["lower"]
    final = freeze(session)
    assert (final["level_withheld"], final["engagement"]) == ("similar_group", None)
    assert final["expressions"] is None
    assert [row["change"] for row in final["timeline"]] == ["higher"] * 4 + ["lower"] * 2
    assert {row["engagement"] for row in [*final["timeline"], *final["steps"]]} == {None}
    assert [step["change"] for step in final["steps"]] == ["higher", "lower"]
    assert ReleasedCohort.objects.count() == 1, "changes are no release of a group's level"


@pytest.mark.parametrize("shares", [True, False])
def test_final_report_shows_what_was_decided_live(
    session: LessonSession, make_class: MakeClass, *, shares: bool
) -> None:
    """Kept out of the picture until the decision, a student does not change it afterwards."""
    learners = make_class(8, minutes=20)
    for learner in learners[5:]:
        learner.windows.all().delete()
    windows = learners[4].windows
    windows.filter(start_at__lt=NOON + timedelta(minutes=10)).delete()
    windows.all().delete() if not shares else None
    release_at(11)
    assert Release.objects.get().live == "few"
    assert freeze(session, minutes=20)["withheld"] == "too_few_learners"


def test_camera_during_a_break_changes_no_final_report(
    session: LessonSession, make_class: MakeClass
) -> None:
    """A student who does nothing for a quarter of an hour is away by attendance, camera or not."""
    make_class(8, minutes=20)
    silent = make_learner(session)
    open_step(silent, 1, second=0)
    add_windows(silent, range(30, 120))
    release_at(11)
    assert len(Release.objects.get().live_cohort) == 9
    report = freeze(session, minutes=20)
    assert [step["withheld"] for step in report["steps"]] == [None, None]
    assert [row["engagement"] for row in report["timeline"]] == [0.7] * 10
    assert report["engagement"]["levels"]


@pytest.mark.parametrize("shares", [True, False])
def test_model_of_one_student_is_not_that_of_the_report(
    session: LessonSession, make_class: MakeClass, *, shares: bool
) -> None:
    """A student works alone after an update of the model, as with homework."""
    make_class(4)
    make_class(4, opened=660)  # too few in the first ten minutes for a decision then
    alone = make_learner(session)
    open_step(alone, 1, second=20 * 60)
    if shares:
        add_windows(alone, range(120, 180), model="b" * 64)
    report = freeze(session, minutes=35)
    assert report["model"]["sha256"] == MODEL
    assert len(Release.objects.get().camera_contributors) == 8 + shares


@pytest.fixture
def released(session: LessonSession, make_class: MakeClass) -> list[Participant]:
    learners = make_class()
    for learner in learners:
        grant_all(learner)
    release_at(11)
    return learners


def test_erasure_withdraws_release_by_default(
    session: LessonSession, released: list[Participant]
) -> None:
    assert withdraw_release(participant=released[0], camera_only=True)
    assert build_report(session)["withheld"] == "withdrawn"
    released[0].windows.all().delete()
    release_at(14)
    assert build_report(session)["withheld"] == "withdrawn", "never again with fewer"
    assert freeze(session)["withheld"] == "withdrawn"
    assert AuditEvent.objects.filter(action="report.withdrawn").exists()


def test_erasure_withdraws_final_report(
    session: LessonSession, released: list[Participant]
) -> None:
    assert freeze(session)["engagement"]
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
    assert len(shown(session)) == 5


def test_released_figures_stay_if_policy_counts_them_anonymous(
    session: LessonSession, released: list[Participant], policy: DeploymentPolicy
) -> None:
    DeploymentPolicy.objects.update(k_anonymous_is_anonymous=True)
    consent = withdraw_consent(participant=released[0])
    erase_for_consent(consent_id=consent.pk)
    assert len(shown(session)) == 5
    for learner in released[1:]:
        add_windows(learner, range(72, 120))
    assert release_at(20) == 0
    assert build_report(session)["timeline"][-1]["withheld"] == "changed_group"
    report = freeze(session, minutes=20)
    assert (report["state"], report["withheld"]) == ("final", None)
    assert len(shown(session)) == 5, "what was released stays, and nothing is added"
    assert {step["withheld"] for step in report["steps"]} == {"changed_group"}
    assert report["expressions"] is None
    assert not Release.objects.exists(), "then nobody in it need be known any more"


def test_cohort_stays_after_an_erasure(
    session: LessonSession, released: list[Participant], policy: DeploymentPolicy
) -> None:
    """Without it, the group with the learner could be subtracted from a later one without."""
    DeploymentPolicy.objects.update(k_anonymous_is_anonymous=True)
    before = set(CohortMember.objects.values_list("digest", flat=True))
    erase_person(user=released[0].user)
    assert set(CohortMember.objects.values_list("digest", flat=True)) == before
    assert len(before) == 8


def test_stored_release_contains_no_learner_id(released: list[Participant]) -> None:
    release = Release.objects.get()
    kept = repr(vars(release)) + repr(list(CohortMember.objects.values()))
    assert len(release.camera_contributors) == 8
    people = [name for learner in released for name in (learner.pk, learner.user.public_id)]
    assert not any(name.hex in kept or str(name) in kept for name in people)


def test_late_student_opens_no_step(session: LessonSession, released: list[Participant]) -> None:
    late = make_learner(session)
    open_step(late, 1, second=700)
    assert freeze(session)["withheld"] is None
