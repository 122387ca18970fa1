"""A trial of a rule over people: of an ended sitting, of all of them, never of a face, and never
again once something of it is gone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fer_lms.consent.actions import withdraw_consent
from fer_lms.lessons.models import InteractionEvent, LessonSession, Participant
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.reports.actions import freeze_report
from fer_lms.rights.actions import erase_for_consent, erase_person
from fer_lms.rules.engine.spec import RuleSpec
from fer_lms.rules.trials.preview import Preview, preview_recorded
from tests.factories import NOON, grant_all, make_learner, make_session
from tests.rules.scenes import CALM, TENSE, did, let_pass, seen

pytestmark = pytest.mark.django_db
FACE = RuleSpec(
    evidence="frustration", threshold=0.2, release=0.1, held_windows=0, over_windows=1, of_windows=1
)
SWEEP = [replace(FACE, threshold=n / 20, release=n / 40) for n in range(2, 20)]


def told(preview: Preview) -> tuple[object, ...]:
    return (
        *(preview.withheld, preview.learners, preview.minutes, preview.spoken_to),
        *(preview.places, preview.silent, preview.fired),
    )


def klass(size: int, *, cameras: int, tense: bool = True) -> LessonSession:
    """Everybody does something; those with cameras look tense after a while."""
    session = make_session()
    for number in range(size):
        learner = make_learner(session)
        did(learner, 1, "step_opened")
        for at in (100 + number, 150 + number)[: number % 3]:
            did(learner, at, "answered", value="wrong")
        if number < cameras:
            grant_all(learner)
            for window in range(18):
                seen(learner, window, TENSE if tense and window >= 8 else CALM)
    let_pass(200)
    return session


def over(session: LessonSession) -> LessonSession:
    session.ended_at = NOON + timedelta(seconds=200)
    session.save()
    assert freeze_report(session=session)
    return session


@pytest.mark.parametrize("cameras", [1, 6])
def test_no_trial_looks_at_a_face(policy: DeploymentPolicy, cameras: int) -> None:
    seen_by_camera, without = over(klass(6, cameras=cameras)), over(klass(6, cameras=0))
    swept = [told(preview_recorded(seen_by_camera, spec)) for spec in SWEEP]
    blind = [told(preview_recorded(without, spec)) for spec in SWEEP]
    assert [each[:4] for each in swept] == [each[:4] for each in blind]
    assert all(each[5] == [] and each[6] is None for each in swept)


def test_a_trial_tells_thirds_of_all(policy: DeploymentPolicy) -> None:
    session = over(klass(7, cameras=0))
    levels = [preview_recorded(session, spec).spoken_to for spec in SWEEP]
    assert set(levels) <= {"few", "some", "many"}
    assert len(set(levels)) > 1, "it tells something"
    assert preview_recorded(session, FACE).learners == 5, "whole groups"


def test_nothing_is_told_while_the_lesson_runs(policy: DeploymentPolicy) -> None:
    session = klass(6, cameras=6)
    assert preview_recorded(session, FACE).withheld == "still_open"
    session.ended_at = NOON + timedelta(seconds=200)
    session.save()
    assert preview_recorded(session, FACE).withheld == "still_open", "no report yet"


def first_of(session: LessonSession) -> Participant:
    return session.participants.order_by("joined_at")[0]


def test_nothing_is_worked_out_again_with_fewer_learners(policy: DeploymentPolicy) -> None:
    session = over(klass(7, cameras=7))
    assert preview_recorded(session, FACE).withheld is None
    erase_person(user=first_of(session).user)
    assert preview_recorded(session, FACE).withheld == "changed_since"


def test_nor_after_what_was_done_is_purged(policy: DeploymentPolicy) -> None:
    session = over(klass(7, cameras=0))
    first = InteractionEvent.objects.filter(participant__session=session).order_by("pk")[0]
    first.delete()
    assert preview_recorded(session, FACE).withheld == "changed_since"


def test_taking_the_camera_back_changes_nothing_or_ends_it(policy: DeploymentPolicy) -> None:
    session = over(klass(7, cameras=7))
    before = told(preview_recorded(session, FACE))
    consent = withdraw_consent(participant=first_of(session))
    erase_for_consent(consent_id=consent.pk)
    assert told(preview_recorded(session, FACE)) == before
    policy.k_anonymous_is_anonymous = False
    policy.save()
    other = over(klass(7, cameras=7))
    consent = withdraw_consent(participant=first_of(other))
    erase_for_consent(consent_id=consent.pk)
    assert preview_recorded(other, FACE).withheld in (None, "changed_since")
