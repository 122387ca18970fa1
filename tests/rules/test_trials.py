"""Previews over people: of ended sessions, without faces, disclosing thirds of the class."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fer_lms.consent.actions import withdraw_consent
from fer_lms.lessons.models import InteractionEvent, LessonSession, Participant
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.reports.actions import freeze_report
from fer_lms.rights.actions import erase_for_consent, erase_person
from fer_lms.rules.engine.spec import RuleSpec
from fer_lms.rules.trials.preview import Preview, preview_recorded, preview_simulated
from tests.factories import NOON, grant_all, make_learner, make_session
from tests.rules.recorded_input import CALM, TENSE, add_event, add_window, evaluate_until

pytestmark = pytest.mark.django_db
FACE = RuleSpec(
    evidence="frustration", threshold=0.2, release=0.1, held_windows=0, over_windows=1, of_windows=1
)
SWEEP = [replace(FACE, threshold=n / 20, release=n / 40) for n in range(2, 20)]


def summarize(preview: Preview) -> tuple[object, ...]:
    return (
        *(preview.withheld, preview.learners, preview.minutes, preview.reached_share),
        *(preview.firing_places, preview.suppression_reasons, preview.fired),
    )


def create_session_of(size: int, *, cameras: int, tense: bool = True) -> LessonSession:
    """Create a session in which all learners interact, some with cameras and tense faces."""
    session = make_session()
    for number in range(size):
        learner = make_learner(session)
        add_event(learner, 1, "step_opened")
        for at in range(60 + number, 180, 30 if number % 3 else 120):
            add_event(learner, at, "answered", value="wrong")
        if number < cameras:
            grant_all(learner)
            for window in range(18):
                add_window(learner, window, TENSE if tense and window >= 8 else CALM)
    evaluate_until(200)
    return session


def end_session(session: LessonSession) -> LessonSession:
    session.ended_at = NOON + timedelta(seconds=200)
    session.save()
    assert freeze_report(session=session)
    return session


@pytest.mark.parametrize("cameras", [1, 6])
def test_preview_of_people_uses_no_face(face_policy: DeploymentPolicy, cameras: int) -> None:
    seen_by_camera, without = (
        end_session(create_session_of(6, cameras=cameras)),
        end_session(create_session_of(6, cameras=0)),
    )
    swept = [summarize(preview_recorded(seen_by_camera, spec)) for spec in SWEEP]
    blind = [summarize(preview_recorded(without, spec)) for spec in SWEEP]
    assert [result[:4] for result in swept] == [result[:4] for result in blind]
    assert all(result[5] == [] and result[6] is None for result in swept)


def test_preview_of_people_discloses_thirds(face_policy: DeploymentPolicy) -> None:
    session = end_session(create_session_of(7, cameras=0))
    levels = [preview_recorded(session, spec).reached_share for spec in SWEEP]
    assert set(levels) <= {"few", "some", "many"}
    assert len(set(levels)) > 1, "it tells something"
    assert preview_recorded(session, FACE).learners == 5, "whole groups"


def test_preview_is_withheld_during_the_session(face_policy: DeploymentPolicy) -> None:
    session = create_session_of(6, cameras=6)
    assert preview_recorded(session, FACE).withheld == "still_open"
    session.ended_at = NOON + timedelta(seconds=200)
    session.save()
    assert preview_recorded(session, FACE).withheld == "still_open", "no report yet"


def get_first_learner(session: LessonSession) -> Participant:
    return session.participants.order_by("joined_at")[0]


def test_preview_is_withheld_after_erasure_of_a_learner(face_policy: DeploymentPolicy) -> None:
    session = end_session(create_session_of(7, cameras=7))
    assert preview_recorded(session, FACE).withheld is None
    erase_person(user=get_first_learner(session).user)
    assert preview_recorded(session, FACE).withheld == "changed_since"


def test_preview_is_withheld_after_purge_of_events(face_policy: DeploymentPolicy) -> None:
    session = end_session(create_session_of(7, cameras=0))
    first = InteractionEvent.objects.filter(participant__session=session).order_by("pk")[0]
    first.delete()
    assert preview_recorded(session, FACE).withheld == "changed_since"


def test_withdrawal_changes_or_withholds_no_other_result(face_policy: DeploymentPolicy) -> None:
    session = end_session(create_session_of(7, cameras=7))
    before = summarize(preview_recorded(session, FACE))
    consent = withdraw_consent(participant=get_first_learner(session))
    erase_for_consent(consent_id=consent.pk)
    assert summarize(preview_recorded(session, FACE)) == before
    face_policy.k_anonymous_is_anonymous = False
    face_policy.save()
    other = end_session(create_session_of(7, cameras=7))
    consent = withdraw_consent(participant=get_first_learner(other))
    erase_for_consent(consent_id=consent.pk)
    assert preview_recorded(other, FACE).withheld in (None, "changed_since")


def list_reasons(preview: Preview) -> str:
    return " ".join(str(place["why"]) for place in preview.firing_places)


def test_preview_of_simulated_class_uses_faces_where_the_policy_does(
    face_policy: DeploymentPolicy,
) -> None:
    lesson = make_session().lesson
    reasons = list_reasons(preview_simulated(lesson, RuleSpec(threshold=0.4)))
    assert "a face less relaxed than usual" in reasons
    face_policy.face_evidence_in_hints = False
    face_policy.save()
    reasons = list_reasons(preview_simulated(lesson, RuleSpec(threshold=0.4)))
    assert "not right yet" in reasons
    assert not {"brow", "mouth", "face"} & set(reasons.split())
