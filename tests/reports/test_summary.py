import random
import uuid
from datetime import datetime, timedelta

import pytest

from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.queries import class_windows
from fer_lms.lessons.models import LessonSession, Participant
from fer_lms.reports.summary import (
    MOST_BINS,
    Figures,
    Moment,
    Visit,
    Visits,
    hidden_steps,
    lesson_summary,
    moments_of,
    timeline_bins,
)
from tests.factories import NOON, make_learner, make_window
from tests.reports.conftest import MakeClass

pytestmark = pytest.mark.django_db


def summary_of(session: LessonSession, visits: Visits | None = None) -> Figures:
    return lesson_summary(
        windows=class_windows(session),
        visits=visits or {},
        steps=session.lesson.steps.all(),
        smallest_group=5,
    )


def at(seconds: int) -> datetime:
    return NOON + timedelta(seconds=seconds)


def visits_of(learners: list[Participant], *spans: tuple[int, int]) -> dict[uuid.UUID, list[Visit]]:
    """The learners' stays on step 1, step 2 ..., in seconds after noon."""
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


@pytest.mark.parametrize(("size", "told"), [(5, 5), (9, 5), (10, 10), (14, 10)])
def test_the_exact_number_is_never_told(
    session: LessonSession, make_class: MakeClass, size: int, told: int
) -> None:
    make_class(size, windows=1)
    assert summary_of(session)["contributors_at_least"] == told


def test_a_small_bin_is_withheld_in_place(session: LessonSession, make_class: MakeClass) -> None:
    learners = make_class(5, engagement=0.8)
    for learner in learners[:4]:
        make_window(learner, number=3, engagement=0.0)
    summary = summary_of(session)
    assert summary["timeline"][3] == {
        "start": at(30).isoformat(),
        "coverage": None,
        "engagement": None,
        "expressions": None,
        "withheld": "too_few_learners",
    }
    assert summary["engagement"]["mean"] == 0.8, "the total holds what is shown, and no more"


def test_a_gap_is_not_enough_seen(session: LessonSession, make_class: MakeClass) -> None:
    learners = make_class(5, windows=4)
    for learner in learners:
        make_window(learner, number=4, seen_seconds=4)
    row = summary_of(session)["timeline"][4]
    assert (row["coverage"], row["engagement"], row["withheld"]) == (0.4, None, "not_enough_seen")


def test_a_silent_learner_lowers_coverage(session: LessonSession, make_class: MakeClass) -> None:
    make_class(5, windows=3)
    gone = make_learner(session)
    make_window(gone, number=0)
    make_window(gone, number=2)
    assert summary_of(session)["timeline"][1]["coverage"] == round(5 / 6, 3)


def test_a_lesson_hardly_seen_has_no_figures(session: LessonSession, make_class: MakeClass) -> None:
    make_class(5, windows=4, seen_seconds=4)
    summary = summary_of(session)
    assert (summary["withheld"], summary["coverage"]) == ("not_enough_seen", 0.4)
    assert (summary["engagement"], summary["timeline"]) == (None, [])


def test_no_engagement_where_too_few_have_one(
    session: LessonSession, make_class: MakeClass
) -> None:
    make_class(5, engagement=None, windows=2)
    make_class(1, engagement=0.9, windows=2)
    summary = summary_of(session)
    assert summary["withheld"] is None
    assert summary["engagement"] is None
    assert summary["timeline"][0]["engagement"] is None
    assert summary["timeline"][0]["expressions"]["neutral"] == 1


def test_the_order_of_the_windows_changes_nothing(
    session: LessonSession, make_class: MakeClass
) -> None:
    for value in (0.1, 0.2, 0.7):
        make_class(3, engagement=value, windows=4)
    windows = list(class_windows(session))
    shuffled = random.sample(windows, len(windows))
    one, other = (
        lesson_summary(windows=each, visits={}, steps=[], smallest_group=5)
        for each in (windows, shuffled)
    )
    assert one == other


def test_steps_tell_their_time_and_engagement(
    session: LessonSession, make_class: MakeClass
) -> None:
    learners = make_class(5, windows=6, engagement=0.9)
    ObservationWindow.objects.filter(start_at__gte=at(20)).update(engagement_sum=30_000)
    first, second = summary_of(session, visits_of(learners, (0, 20), (20, 60)))["steps"]
    assert first == {
        "position": 1,
        "title": "Part 1",
        "seconds": 20,
        "coverage": 1,
        "engagement": 0.9,
        "withheld": None,
    }
    assert (second["seconds"], second["engagement"]) == (40, 0.3)


def test_a_small_step_takes_another_along(session: LessonSession, make_class: MakeClass) -> None:
    """Were only the small step withheld, the lesson's mean minus the others would give it away."""
    learners = make_class(6, windows=4)
    visits = visits_of(learners[:3], (0, 20), (20, 40)) | visits_of(learners[3:], (0, 40), (40, 40))
    first, second = summary_of(session, visits)["steps"]
    assert (first["withheld"], second["withheld"]) == ("too_few_learners", "too_few_learners")
    assert (second["seconds"], second["engagement"], second["coverage"]) == (None, None, None)


def test_a_hidden_remainder_of_a_whole_group_hides_no_more(make_class: MakeClass) -> None:
    make_class(8, windows=1)
    moments = moments_of(ObservationWindow.objects.all())
    cells: dict[int | None, list[Moment]] = {1: moments, 2: moments[:3], 3: moments[3:6]}
    assert hidden_steps(cells, [1, 2, 3], 5) == {2, 3}
    assert hidden_steps(cells, [1, 2], 5) == {1, 2}
    assert hidden_steps(cells, [1, 4], 5) == {4}


def test_long_lessons_get_coarser_bins(learner: Participant) -> None:
    first = make_window(learner, save=False)
    last = make_window(learner, number=3 * MOST_BINS - 1, save=False)
    bins = timeline_bins(moments_of([first, last]))
    assert len(bins) == MOST_BINS
    assert {len(cell) for cell in bins.values()} == {3}
