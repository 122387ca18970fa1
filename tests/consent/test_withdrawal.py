"""A new consent right after a withdrawal does not restore withdrawn readings."""

import pytest

from fer_lms.consent.actions import grant_consent, withdraw_consent
from fer_lms.consent.models import Consent
from fer_lms.consent.queries import get_current_text_version
from fer_lms.engagement.actions import write_windows
from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.observations import Observation, locate_window
from fer_lms.lessons.models import Participant
from fer_lms.rights.actions import erase_withdrawn_readings
from tests.factories import MODEL, NOON, grant_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]
WINDOW, _ = locate_window(int(NOON.timestamp() * 1000))
HAPPY = (0, 10_000, 0, 0, 0, 0, 0, 0)


def write_observation(learner: Participant, *, step: int, epoch: int) -> None:
    seen = Observation(learner.pk, WINDOW, step, epoch, MODEL, "ok", None, HAPPY, 5_000)
    write_windows(observations=[seen], feeds=[])


def test_new_consent_in_the_same_window_starts_empty(learner: Participant) -> None:
    grant_all(learner)
    write_observation(learner, step=1, epoch=1)
    withdraw_consent(participant=learner)
    grant_all(learner)
    write_observation(learner, step=2, epoch=3)
    erase_withdrawn_readings()
    window = ObservationWindow.objects.get()
    assert (window.consent_epoch, window.processed, window.score_sums[1]) == (3, 1, 10_000)


def test_new_answer_without_camera_requests_erasure(learner: Participant) -> None:
    grant_all(learner)
    write_observation(learner, step=1, epoch=1)
    grant_consent(
        participant=learner, text_version=get_current_text_version(), grants={"own_view": True}
    )
    assert erase_withdrawn_readings() == 1
    assert not ObservationWindow.objects.exists()
    assert Consent.objects.get().receipt


def test_fewer_grants_with_camera_erase_nothing(learner: Participant) -> None:
    grant_all(learner)
    write_observation(learner, step=1, epoch=1)
    grant_consent(
        participant=learner, text_version=get_current_text_version(), grants={"capture": True}
    )
    assert erase_withdrawn_readings() == 0
    assert ObservationWindow.objects.count() == 1
