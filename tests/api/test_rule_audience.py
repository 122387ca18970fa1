"""Rules whose steps, groups or learners were deleted, and previews of them."""

from dataclasses import replace

import pytest
from django.test import Client

from fer_lms.lessons.models import Lesson, LessonSession, Participant
from fer_lms.people.models import User
from fer_lms.rules.actions import create_rule
from fer_lms.rules.engine.spec import RuleSpec
from fer_lms.rules.models import LearnerGroup
from tests.api.test_rules import editor, path, post, teacher_client, template
from tests.factories import make_learner, make_teacher_of

__all__ = ["teacher_client"]


def test_rule_keeps_deleted_steps_groups_and_learners(
    teacher_client: Client, session: LessonSession, learner: Participant
) -> None:
    """A new version still applies to nobody, never to everybody."""
    lesson = session.lesson
    step, other = lesson.steps.all()
    group = LearnerGroup.objects.create(course=lesson.course, title="Mornings")
    deleted = make_learner(session).user
    spec = RuleSpec(
        steps=(step.pk,), learners=(learner.user_id, deleted.pk), groups=(group.pk,), action="break"
    )
    rule = create_rule(lesson=lesson, title="Mine", spec=spec, user=make_teacher_of(lesson))
    step.delete()
    group.delete()
    learner.user.enrolments.update(active=False)
    User.objects.filter(pk=deleted.pk).delete()
    shown = next(
        found for found in editor(teacher_client, session)["rules"] if found["id"] == rule.pk
    )
    assert len(shown["spec"]["learners"]) == 2
    versions = path(session, f"{rule.pk}/versions")
    sent = {"spec": shown["spec"] | {"threshold": 0.7}}
    assert post(teacher_client, versions, sent).status_code == 201
    assert rule.versions.latest("number").spec == replace(spec, threshold=0.7)
    tried = post(
        teacher_client, path(session, "preview"), sent | {"rule_id": rule.pk, "session_id": None}
    )
    assert tried.status_code == 200
    sent["spec"] = shown["spec"] | {"steps": [other.pk, 999_999]}
    assert post(teacher_client, versions, sent).status_code == 400


@pytest.mark.parametrize("for_one", [False, True])
def test_preview_on_a_simulated_class_ignores_the_audience(
    teacher_client: Client, session: LessonSession, learner: Participant, for_one: bool
) -> None:
    """Simulated learners are not the rule's learners, so it would never fire."""
    learners = [str(learner.user.public_id)] if for_one else []
    wanted = {"spec": template(teacher_client, session, "says_hard") | {"learners": learners}}
    answer = post(teacher_client, path(session, "preview"), wanted).json()
    assert answer["fired"] >= 3
    assert [note for note in answer["notes"] if "whomever" in note] == answer["notes"]
    assert bool(answer["notes"]) is for_one


def test_preview_of_a_long_session_is_truncated_with_a_note(
    teacher_client: Client, session: LessonSession
) -> None:
    Lesson.objects.filter(pk=session.lesson_id).update(minutes=600)
    wanted = {"spec": template(teacher_client, session)}
    answer = post(teacher_client, path(session, "preview"), wanted).json()
    assert answer["minutes"] == 90
    assert "90 minutes: all 600" in answer["notes"][0]
