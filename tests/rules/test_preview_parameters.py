"""No parameter of a preview narrows it to fewer than a group, also not through REST.

In each session one student (the target) is stuck or calm, with or without a camera; every parameter
that can single out that student has to give the same answer for all.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from fer_lms.api.rules.serializers import PreviewParametersSerializer, RuleSpecSerializer
from fer_lms.lessons.models import LessonSession, Participant, Step
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.reports.actions import freeze_report
from fer_lms.rules.models import LearnerGroup
from tests.factories import (
    NOON,
    grant_all,
    make_learner,
    make_lesson,
    make_session,
    make_teacher_of,
)
from tests.rules.recorded_input import TENSE, add_event, add_window, evaluate_until

SPEC: dict[str, Any] = {
    "evidence": "frustration",
    "threshold": 0.3,
    "release": 0.2,
    "over_windows": 1,
    "of_windows": 1,
    "held_windows": 0,
    "minimum_coverage": 0.5,
    "needs_other_source": True,
    "steps": [],
    "learners": [],
    "groups": [],
    "cooldown_seconds": 300,
    "max_per_lesson": 4,
    "quiet_start_seconds": 0,
    "quiet_steps": [],
    "quiet_minutes": [],
    "action": "hint",
    "text": "",
}
TARGET_MINUTE = 30


class Played:
    """A session of seven calm students, and a target who works alone half an hour later."""

    def __init__(self, *, is_stuck: bool, has_camera: bool) -> None:
        self.session = make_session(lesson=make_lesson(steps=3))
        self.steps: list[Step] = list(self.session.lesson.steps.all())
        for _ in range(7):
            add_event(make_learner(self.session), 1, "step_opened", step=self.steps[0])
        self.target = make_learner(self.session)
        self._play_target(self.target, is_stuck=is_stuck, has_camera=has_camera)
        self.group = LearnerGroup.objects.create(course=self.session.lesson.course, title="One")
        self.group.members.add(self.target.user)
        evaluate_until(60 * TARGET_MINUTE + 240, every=500)
        self.session.ended_at = NOON + timedelta(minutes=40)
        self.session.save()
        assert freeze_report(session=self.session)

    def _play_target(self, target: Participant, *, is_stuck: bool, has_camera: bool) -> None:
        start = 60 * TARGET_MINUTE
        add_event(target, start, "step_opened", step=self.steps[1])
        for second in (30, 40, 50) if is_stuck else ():
            add_event(target, start + second, "answered", value="wrong", step=self.steps[1])
        if has_camera:
            grant_all(target)
            for number in range(12):
                add_window(target, start // 10 + number, TENSE)

    def preview(self, client: Client, **changes: Any) -> dict[str, Any]:
        client.force_login(make_teacher_of(self.session.lesson))
        address = f"/api/v1/lessons/{self.session.lesson_id}/rules/preview"
        body = {"spec": SPEC | changes, "session_id": str(self.session.pk)}
        answer = client.post(address, body, content_type="application/json")
        assert answer.status_code == 200, answer.content
        shown: dict[str, Any] = answer.json()
        return shown


NARROWINGS: dict[str, Any] = {
    "learners": lambda played: [str(played.target.user.public_id)],
    "groups": lambda played: [played.group.pk],
    "steps": lambda played: [played.steps[1].pk],
    "quiet_steps": lambda played: [played.steps[0].pk, played.steps[2].pk],
    "quiet_minutes": lambda _: [[0, TARGET_MINUTE]],
    "quiet_start_seconds": lambda _: 1800,
}
"""Parameters that restrict people, steps or time, each to the target alone."""
SETTINGS: dict[str, list[Any]] = {
    "evidence": ["confusion", "disengagement", "said_hard"],
    "threshold": [0.2, 0.5, 0.95],
    "release": [0.05, 0.3],
    "over_windows": [1],
    "of_windows": [3],
    "held_windows": [0, 3],
    "minimum_coverage": [0.5, 1.0],
    "needs_other_source": [True],
    "cooldown_seconds": [300, 3600],
    "max_per_lesson": [1, 4],
    "action": ["question", "tell_teacher"],
    "text": ["Look again."],
}
"""All others, with values in which a face or one student could make a difference."""


@pytest.fixture
def variants(face_policy: DeploymentPolicy) -> list[Played]:
    return [
        Played(is_stuck=is_stuck, has_camera=has_camera)
        for is_stuck in (False, True)
        for has_camera in (False, True)
    ]


def test_every_parameter_is_tried() -> None:
    assert set(RuleSpecSerializer().fields) == NARROWINGS.keys() | SETTINGS.keys() == SPEC.keys()
    assert set(PreviewParametersSerializer().fields) == {"spec", "session_id", "rule_id"}


@pytest.mark.parametrize("name", NARROWINGS)
def test_narrowing_gives_nothing_about_the_target(
    client: Client, variants: list[Played], name: str
) -> None:
    for settings in ({}, {"threshold": 0.2}, {"threshold": 0.95}):
        shown = [
            played.preview(client, **{name: NARROWINGS[name](played)}, **settings)
            for played in variants
        ]
        for answer in shown:
            answer.pop("sentence")
            answer.pop("notes")
        assert all(answer == shown[0] for answer in shown)
        assert (shown[0]["fired"], shown[0]["silent"], shown[0]["episodes"]) == (None, [], [])


@pytest.mark.parametrize("name", NARROWINGS)
def test_narrowed_preview_is_withheld_or_of_the_whole_class(
    client: Client, face_policy: DeploymentPolicy, name: str
) -> None:
    """Steps and times for few are refused; named people are ignored."""
    played = Played(is_stuck=True, has_camera=True)
    answer = played.preview(client, **{name: NARROWINGS[name](played)})
    if name in ("learners", "groups"):
        assert answer == played.preview(client)
    else:
        assert (answer["withheld"], answer["learners"]) == ("too_few_learners", None)


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_give_nothing_about_the_target(
    client: Client, variants: list[Played], name: str
) -> None:
    """One student of eight is few, whatever the rule looks for."""
    for value in SETTINGS[name]:
        shown = [played.preview(client, **{name: value}) for played in variants]
        assert all(answer == shown[0] for answer in shown)
        assert (shown[0]["spoken_to"], shown[0]["places"]) == ("few", [])


def test_preview_of_another_session_is_refused(client: Client, session: LessonSession) -> None:
    client.force_login(make_teacher_of(make_lesson()))
    address = f"/api/v1/lessons/{session.lesson_id}/rules/preview"
    body = {"spec": SPEC, "session_id": str(session.pk)}
    assert client.post(address, body, content_type="application/json").status_code == 404
