"""Actions of simulated learners and their effect on the report."""

import uuid
from datetime import timedelta

from django.utils import timezone
from pytest_django import Settings

from fer_lms.demo.actions import ensure_demo_data
from fer_lms.demo.simulated_actions import HARD_STEP, simulate_actions
from fer_lms.demo.simulation import LEARNER_COUNT, SimulatedLearner
from fer_lms.lessons.actions import end_session
from fer_lms.lessons.models import InteractionEvent
from fer_lms.reports.actions import freeze_ended_reports
from fer_lms.reports.queries import build_report
from fer_lms.rules.models import Hint
from fer_lms.rules.trials.replay import replay_session

CLASS = [
    SimulatedLearner(uuid.uuid4(), number, 1, "transparent")
    for number in range(1, LEARNER_COUNT + 1)
]


def test_actions_are_reproducible() -> None:
    assert [simulate_actions(learner) for learner in CLASS] == [
        simulate_actions(learner) for learner in CLASS
    ]


def test_first_answers_are_wrong_on_hard_step() -> None:
    first = [
        next(
            action.value
            for action in simulate_actions(player)
            if action.kind == "answer" and action.step == step
        )
        for player in CLASS
        for step in (0, HARD_STEP)
    ]
    assert first[::2].count("right") > LEARNER_COUNT / 2
    assert first[1::2].count("wrong") > LEARNER_COUNT / 2


def test_final_report_shows_hard_step(demo: Settings) -> None:
    session = ensure_demo_data()
    assert build_report(session)["help"] is None
    end_session(session=session)
    freeze_ended_reports(now=timezone.now() + timedelta(minutes=5))
    report = build_report(session)
    hard = report["steps"][HARD_STEP]
    assert (hard["right_at_first"], hard["said"]["hard"]) == (0.2, 0.8)
    assert hard["asked_for_hint"] > 0.5
    *automatic, requested = report["help"]["rules"]
    assert [row["asked"] for row in automatic] == [False, False]
    assert max(row["learners"] for row in automatic) > 0.2
    assert (requested["asked"], requested["steps"]) == (True, [HARD_STEP + 1])


def test_actions_are_within_session_and_replayable(demo: Settings) -> None:
    session = ensure_demo_data()
    events = InteractionEvent.objects.filter(participant__session=session)
    assert session.started_at <= min(event.occurred_at for event in events)
    assert max(event.occurred_at for event in events) <= timezone.now()
    hints = Hint.objects.filter(participant__session=session)
    assert {hint.state for hint in hints} == {"shown"}
    assert all(replayed.is_same for replayed in replay_session(session))
