"""`measure_rules --from-sessions`: from which stored answers the camera is judged."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from fer_lms.lessons.models import LessonSession, Participant
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.rules.management.commands import measure_rules
from fer_lms.rules.models import Hint, InteractionRule
from fer_lms.rules.trials.session_moments import load_moment_answers
from tests.factories import NOON, make_learner, make_session

pytestmark = pytest.mark.django_db
BOTH = {"interaction": True, "face": True, "fused": True}
WITHOUT_FACE = {"interaction": True, "face": False, "fused": False}


@pytest.fixture
def session(policy: DeploymentPolicy) -> LessonSession:
    session = make_session()
    session.ended_at = NOON + timedelta(hours=1)
    session.save()
    return session


def give_hint(learner: Participant, number: int, **fields: Any) -> Hint:
    return Hint.objects.create(
        participant=learner,
        rule=InteractionRule.objects.filter(course=None, lesson=None)[0],
        occasion=f"w{number}",
        kind=Hint.Kind.HINT,
        fired_at=NOON,
        **fields,
    )


def measure(*options: str) -> dict[str, Any]:
    out = StringIO()
    call_command("measure_rules", "--from-sessions", "--json", *options, stdout=out)
    result: dict[str, Any] = json.loads(out.getvalue())
    return result


def test_camera_is_judged_by_answers(session: LessonSession) -> None:
    for _ in range(12):
        learner = make_learner(session)
        give_hint(learner, 1, timing="right", sources=BOTH)
        give_hint(learner, 2, timing="not_needed", sources=WITHOUT_FACE)
    result = measure()
    assert (result["conclusion"], result["difference"]) == ("adds", 0.5)
    assert [source["name"] for source in result["sources"]] == ["fused", "interaction"]


def test_few_answers_have_no_figures(session: LessonSession) -> None:
    for _ in range(4):
        give_hint(make_learner(session), 1, timing="right", sources=BOTH)
    result = measure()
    assert result["conclusion"] == "too_few_learners"
    assert result["sources"][0] == {"name": "fused", "learners": None, "answers": None}


@pytest.mark.parametrize(
    "fields",
    [
        {"timing": ""},
        {"sources": {"interaction": True}},
        {"sources": {}},
        {"rule": None},
    ],
)
def test_hints_that_say_nothing_about_the_camera_are_left_out(
    session: LessonSession, fields: dict[str, Any]
) -> None:
    hint = give_hint(make_learner(session), 1, timing="right", sources=BOTH)
    assert len(load_moment_answers()) == 1
    Hint.objects.filter(pk=hint.pk).update(**fields)
    assert load_moment_answers() == []


def test_open_sessions_and_simulated_learners_are_left_out(session: LessonSession) -> None:
    learner = make_learner(session)
    give_hint(learner, 1, timing="right", sources=BOTH)
    learner.user.simulated = True
    learner.user.save()
    assert load_moment_answers() == []
    give_hint(make_learner(session), 1, timing="right", sources=BOTH)
    assert len(load_moment_answers()) == 1
    LessonSession.objects.update(ended_at=None)
    assert load_moment_answers() == []


def test_installed_command_needs_the_option(session: LessonSession) -> None:
    out = StringIO()
    call_command(measure_rules.Command(), "--from-sessions", stdout=out)
    assert "small-group rule" in out.getvalue()
    with pytest.raises(CommandError, match="Pass --from-sessions"):
        call_command(measure_rules.Command())
