import random
import uuid
from datetime import datetime, timedelta

import pytest

from fer_lms.engagement.models import ObservationWindow
from fer_lms.lessons.models import LessonSession, Participant
from fer_lms.reports.queries import list_learner_bins
from fer_lms.reports.released_cells import (
    Cell,
    Visit,
    Visits,
    build_cells,
    get_contributors,
    to_bin_number,
)
from fer_lms.reports.summary import (
    MAX_TIMELINE_BINS,
    Metrics,
    group_timeline_bins,
    summarise_session,
)
from tests.factories import NOON, make_learner, make_window
from tests.reports.conftest import MakeClass

pytestmark = pytest.mark.django_db


def cells(session: LessonSession, visits: Visits | None = None) -> list[Cell]:
    return build_cells(list_learner_bins(session, 0, 10**9), visits or {}, 5)


def summary_of(session: LessonSession, visits: Visits | None = None) -> Metrics:
    made = cells(session, visits)
    return summarise_session(
        cells=made,
        steps=session.lesson.steps.all(),
        contributors=len(set().union(*(cell.learners for cell in made))),
        min_group_size=5,
    )


def at(seconds: int) -> datetime:
    return NOON + timedelta(seconds=seconds)


def visits_of(learners: list[Participant], *spans: tuple[int, int]) -> dict[uuid.UUID, list[Visit]]:
    """Build visits of step 1, step 2, ...; spans in seconds after noon."""
    steps = list(learners[0].session.lesson.steps.all())
    stays = [
        Visit(step.pk, at(start), at(end)) for step, (start, end) in zip(steps, spans, strict=True)
    ]
    return {learner.pk: stays for learner in learners}


def test_a_class_of_five(session: LessonSession, make_class: MakeClass) -> None:
    make_class(5, engagement=0.7)
    summary = summary_of(session)
    assert summary["withheld"] is None
    assert summary["engagement"] == {"mean": 0.7, "levels": {"high": 1, "medium": 0, "low": 0}}
    assert summary["expressions"]["neutral"] == 1
    assert summary["coverage"] == 1
    assert [row["start"] for row in summary["timeline"]] == [
        at(seconds).isoformat() for seconds in (0, 10, 20)
    ]


def test_four_are_too_few(session: LessonSession, make_class: MakeClass) -> None:
    make_class(4)
    make_window(make_learner(session), seen_seconds=0)
    assert summary_of(session) == {
        "withheld": "too_few_learners",
        "coverage": None,
        "contributors_at_least": None,
        "engagement": None,
        "expressions": None,
        "timeline": [],
        "steps": [],
    }


@pytest.mark.parametrize(("size", "at_least"), [(5, 5), (9, 5), (10, 10), (14, 10)])
def test_number_of_contributors_is_rounded_down(
    session: LessonSession, make_class: MakeClass, size: int, at_least: int
) -> None:
    make_class(size, windows=1)
    assert summary_of(session)["contributors_at_least"] == at_least


def test_metrics_are_rounded(session: LessonSession, make_class: MakeClass) -> None:
    make_class(4, engagement=0.7)
    make_class(3, engagement=0.6)
    summary = summary_of(session)
    assert summary["engagement"]["mean"] == 0.66
    assert summary["engagement"]["levels"] == {"high": 0.57, "medium": 0.43, "low": 0}


def test_small_bin_is_suppressed_in_place(session: LessonSession, make_class: MakeClass) -> None:
    learners = make_class(5, engagement=0.8)
    for learner in learners:
        make_window(learner, number=4, engagement=0.8)
    ObservationWindow.objects.filter(start_at=at(40), participant=learners[0]).update(scored=0)
    for learner in learners:
        make_window(learner, number=5, engagement=0.8)
    summary = summary_of(session)
    assert summary["timeline"][4] == {
        "start": at(40).isoformat(),
        "coverage": None,
        "engagement": None,
        "expressions": None,
        "withheld": "too_few_learners",
    }
    assert summary["engagement"]["mean"] == 0.8


def test_total_contains_shown_cells_only(session: LessonSession, make_class: MakeClass) -> None:
    learners = make_class(5, engagement=0.8)
    for learner in learners[:4]:
        make_window(learner, number=3, engagement=0.0)
    summary = summary_of(session)
    assert len(summary["timeline"]) == 3
    assert summary["engagement"]["mean"] == 0.8


def test_gap_is_not_enough_seen(session: LessonSession, make_class: MakeClass) -> None:
    learners = make_class(5, windows=4)
    for learner in learners:
        make_window(learner, number=4, seen_seconds=4)
    row = summary_of(session)["timeline"][4]
    assert (row["coverage"], row["engagement"], row["withheld"]) == (0.4, None, "not_enough_seen")


def test_learner_without_frames_lowers_coverage(
    session: LessonSession, make_class: MakeClass
) -> None:
    make_class(5, windows=3)
    gone = make_learner(session)
    make_window(gone, number=0)
    make_window(gone, number=2)
    assert summary_of(session)["timeline"][1]["coverage"] == round(5 / 6, 2)


def test_low_coverage_withholds_metrics(session: LessonSession, make_class: MakeClass) -> None:
    make_class(5, windows=4, seen_seconds=4)
    summary = summary_of(session)
    assert (summary["withheld"], summary["coverage"]) == ("not_enough_seen", 0.4)
    assert (summary["engagement"], summary["timeline"]) == (None, [])


def test_engagement_needs_enough_learners(session: LessonSession, make_class: MakeClass) -> None:
    make_class(5, engagement=None, windows=2)
    make_class(1, engagement=0.9, windows=2)
    summary = summary_of(session)
    assert summary["withheld"] is None
    assert summary["engagement"] is None
    assert summary["timeline"][0]["engagement"] is None
    assert summary["timeline"][0]["expressions"]["neutral"] == 1


def test_order_of_windows_is_irrelevant(session: LessonSession, make_class: MakeClass) -> None:
    for value in (0.1, 0.2, 0.7):
        make_class(3, engagement=value, windows=4)
    moments = list_learner_bins(session, 0, 10**9)
    shuffled = random.sample(moments, len(moments))
    assert build_cells(moments, {}, 5) == build_cells(shuffled, {}, 5)


def test_engagement_by_step(session: LessonSession, make_class: MakeClass) -> None:
    learners = make_class(5, windows=6, engagement=0.9)
    ObservationWindow.objects.filter(start_at__gte=at(20)).update(engagement_sum=30_000)
    first, second = summary_of(session, visits_of(learners, (0, 20), (20, 60)))["steps"]
    assert first == {
        "position": 1,
        "title": "Part 1",
        "coverage": 1,
        "engagement": 0.9,
        "withheld": None,
    }
    assert second["engagement"] == 0.3


def test_learners_on_small_step_are_suppressed(
    session: LessonSession, make_class: MakeClass
) -> None:
    """Otherwise the difference of timeline and steps would disclose them."""
    stayed, gone_on = make_class(6, windows=4), make_class(2, windows=4, engagement=0.0)
    visits = visits_of(stayed, (0, 40), (40, 40)) | visits_of(gone_on, (0, 20), (20, 40))
    summary = summary_of(session, visits)
    first, second = summary["steps"]
    assert second["withheld"] == "too_few_learners"
    late = {cell.bin_number: cell for cell in cells(session, visits)}[to_bin_number(at(30))]
    assert late.learners == {learner.pk for learner in stayed}
    assert first["engagement"] == summary["engagement"]["mean"]


def test_two_small_steps_are_merged(session: LessonSession, make_class: MakeClass) -> None:
    """They are in the timeline, but in no step."""
    one, other = make_class(3, windows=1), make_class(3, windows=1)
    visits = visits_of(one, (0, 10), (10, 10)) | visits_of(other, (0, 0), (0, 10))
    [cell] = cells(session, visits)
    assert (cell.step_id, len(cell.learners)) == (None, 6)
    assert {row["withheld"] for row in summary_of(session, visits)["steps"]} == {"too_few_learners"}


def test_long_lesson_gets_wider_bins(session: LessonSession, make_class: MakeClass) -> None:
    learners = make_class(5, windows=1)
    for learner in learners:
        make_window(learner, number=3 * MAX_TIMELINE_BINS - 1)
    bins = group_timeline_bins(cells(session))
    assert len(bins) == MAX_TIMELINE_BINS
    assert get_contributors(list_learner_bins(session, 0, 10**9)) == {
        learner.pk for learner in learners
    }
