"""The live view of an open report: from events, at the cadence, as the disclosure control says."""

from datetime import timedelta
from typing import Any

import pytest

from fer_lms.disclosure.live_activity import StudentActivity, release_activity
from fer_lms.lessons.actions import end_session
from fer_lms.lessons.models import InteractionEvent, LessonSession, Participant
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.reports.activity_release import release_due_sessions
from fer_lms.reports.attendance import ClassEvent
from fer_lms.reports.live_activity import is_stuck, parse_steps
from fer_lms.reports.models import Release
from fer_lms.reports.queries import build_report
from fer_lms.rights.actions import erase_person
from tests.factories import NOON, make_learner
from tests.reports.conftest import open_step

pytestmark = pytest.mark.django_db


def act(learner: Participant, kind: str, *, minute: float, step: int = 2, value: str = "") -> None:
    InteractionEvent.objects.create(
        participant=learner,
        kind=kind,
        step=learner.session.lesson.steps.get(position=step),
        value=value,
        occurred_at=NOON + timedelta(minutes=minute),
    )


def make_present(session: LessonSession, size: int = 9) -> list[Participant]:
    learners = [make_learner(session) for _ in range(size)]
    for learner in learners:
        open_step(learner, 1, second=0)
        open_step(learner, 2, second=120)
    return learners


def release_at(minute: float) -> int:
    return release_due_sessions(now=NOON + timedelta(minutes=minute))


def read(session: LessonSession) -> dict[str, Any]:
    view: dict[str, Any] = build_report(session)["live"]
    return view


def test_view_appears_with_a_release_only(session: LessonSession) -> None:
    make_present(session)
    assert read(session)["withheld"] == "not_yet"
    assert not Release.objects.exists()
    assert release_at(3) == 1
    view = read(session)
    assert (view["withheld"], view["first_step"], view["last_step"]) == (None, 2, 2)
    assert [step["on_step"] for step in view["steps"]] == [None, "most"]
    assert view["released_at"] == NOON + timedelta(minutes=3)


def test_view_changes_at_the_cadence_only(session: LessonSession) -> None:
    learners = make_present(session)
    release_at(3)
    for learner in learners[:6]:
        act(learner, "hint_asked", minute=3.2)
    assert release_at(3.9) == 0
    assert read(session)["steps"][1]["asked_for_hint"] is None
    assert release_at(4) == 1
    assert read(session)["steps"][1]["asked_for_hint"] == "several"
    assert read(session)["steps"][1]["may_be_stuck"] is True


def test_write_path_releases_what_the_disclosure_control_returns(session: LessonSession) -> None:
    learners = make_present(session, 12)
    for learner in learners[:7]:
        act(learner, "answered", minute=2.5, value="wrong")
        act(learner, "answered", minute=2.6, value="wrong")
    for learner in learners[7:]:
        act(learner, "hint_asked", minute=2.5)
    release_at(3)
    steps = {step.position: step.pk for step in session.lesson.steps.all()}
    both, second = frozenset(steps.values()), steps[2]
    expected = release_activity(
        [StudentActivity(second, both, is_stuck=True)] * 7
        + [StudentActivity(second, both, frozenset({second}), is_stuck=True)] * 5,
        {step: position for position, step in steps.items()},
        5,
        {},
    )
    stored = Release.objects.get().live_activity
    assert parse_steps(stored) == expected.steps
    assert (stored["first"], stored["last"]) == (expected.first, expected.last)


def test_small_class_and_placeholders_show_nothing(session: LessonSession) -> None:
    make_present(session, 7)
    for learner in (make_learner(session, is_placeholder=True) for _ in range(3)):
        open_step(learner, 2, second=60)
    release_at(3)
    view = read(session)
    assert view["withheld"] == "few_present"
    assert view["first_step"] is view["last_step"] is None
    assert {step["on_step"] for step in view["steps"]} == {None}


def test_students_who_left_or_are_silent_are_not_in_the_lesson(session: LessonSession) -> None:
    learners = make_present(session)
    release_at(3)
    assert read(session)["withheld"] is None
    learners[0].left_at = learners[1].left_at = NOON + timedelta(minutes=4)
    for learner in learners[:2]:
        learner.save()
    release_at(5)
    assert read(session)["withheld"] == "few_present"
    release_at(60)
    assert release_at(61) == 0, "nobody is there, so nothing is read again"


def test_closed_lesson_has_no_live_view(session: LessonSession) -> None:
    make_present(session)
    release_at(3)
    assert build_report(end_session(session=session))["live"] is None
    assert release_at(10) == 0


@pytest.mark.parametrize("is_anonymous", [True, False])
def test_erasure_withdraws_the_view_where_groups_are_not_anonymous(
    session: LessonSession, policy: DeploymentPolicy, is_anonymous: bool
) -> None:
    policy.k_anonymous_is_anonymous = is_anonymous
    policy.save()
    learners = make_present(session)
    release_at(3)
    erase_person(user=learners[0].user)
    assert (read(session)["withheld"] == "withdrawn") is not is_anonymous
    assert release_at(5) == int(is_anonymous)


def event(kind: str, value: str = "") -> ClassEvent:
    return ClassEvent(None, kind, 1, value, None, 0.0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ("", False),
        ("wrong", False),
        ("wrong wrong", True),
        ("wrong wrong right", False),
        ("wrong right wrong", False),
        ("wrong wrong right wrong wrong", True),
        ("ask", True),
        ("ask right", False),
        ("ask wrong", True),
        ("hard", True),
        ("hard fine", False),
        ("easy", False),
        ("right hard", True),
    ],
)
def test_who_may_be_stuck(events: str, expected: bool) -> None:
    kinds = {"ask": "hint_asked"} | dict.fromkeys(("easy", "fine", "hard"), "self_report")
    built = [event(kinds.get(word, "answered"), word) for word in events.split()]
    assert is_stuck(built) is expected
