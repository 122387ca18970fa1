"""Concurrent writers and withdrawals, in steps of a millisecond.

No window changes after the commit of a learner's or guardian's withdrawal or a policy's end.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event

import pytest
from django.db import connection, connections

from fer_lms.consent.actions import withdraw_consent
from fer_lms.consent.guardian_actions import answer_by_link, withdraw_by_guardian
from fer_lms.consent.models import GRANTS, Consent, GuardianConsent
from fer_lms.engagement.actions import write_windows
from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.observations import Observation, locate_window
from fer_lms.lessons.models import LessonSession, Participant
from fer_lms.policy.actions import end_policy
from fer_lms.policy.models import DeploymentPolicy
from tests.factories import MODEL, NOON, grant_all, make_learner, make_session
from tests.policy.drafts import make_administrator, sign_complete

MILLISECONDS = range(20)
ON_SQLITE = range(0, 20, 5)
"""SQLite has one transaction at a time; on PostgreSQL every millisecond is tried."""
FIRST, _ = locate_window(int(NOON.timestamp() * 1000))
Stop = Callable[[], object]


def keep_writing(learner: Participant, epoch: int, begun: Event, stop: Event) -> None:
    """Count frames until the event is set, and once more after it."""
    step = 0
    while not stop.is_set() or step == 0:
        seen = Observation(
            learner.pk, FIRST + step // 60, step % 60, epoch, MODEL, "no_face", None, None, None
        )
        write_windows(observations=[seen], feeds=[])
        step += 1
        begun.set()
        time.sleep(0.002)  # SQLite's lock is not fair: the other side must come in between
    connections.close_all()


def count_frames(learner: Participant) -> int:
    rows = ObservationWindow.objects.filter(participant=learner)
    return sum(row.processed for row in rows)


def run_race(learner: Participant, stop_action: Stop, delay_ms: int) -> None:
    begun, stop = Event(), Event()
    epoch = Consent.objects.get(participant=learner).epoch
    with ThreadPoolExecutor(1) as threads:
        writer = threads.submit(keep_writing, learner, epoch, begun, stop)
        try:
            assert begun.wait(30)
            time.sleep(delay_ms / 1000)
            stop_action()
            at_commit = count_frames(learner)
            time.sleep(0.01)
        finally:
            stop.set()
        writer.result()
    assert at_commit > 0, "the writer was at work"
    assert count_frames(learner) == at_commit, f"written after the commit, {delay_ms} ms in"


def create_learner_with_guardian(session: LessonSession) -> tuple[Participant, GuardianConsent]:
    """A learner with a guardian's consent."""
    learner = make_learner(session)
    grant_all(learner)
    guardian_consent = GuardianConsent.objects.get(person=learner.user)
    answer_by_link(guardian_consent=guardian_consent, given=GRANTS, signed_name="B. Parent")
    return learner, guardian_consent


def sign() -> DeploymentPolicy:
    return sign_complete("uk", on_device_only=False)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("who", ["learner", "guardian", "administrator"])
def test_no_window_is_written_after_withdrawal(who: str) -> None:
    session, administrator, policy = make_session(), make_administrator(), sign()
    for delay_ms in ON_SQLITE if connection.vendor == "sqlite" else MILLISECONDS:
        learner, guardian_consent = create_learner_with_guardian(session)
        stops: dict[str, Stop] = {
            "learner": partial(withdraw_consent, participant=learner),
            "guardian": partial(withdraw_by_guardian, guardian_consent=guardian_consent),
            "administrator": partial(end_policy, policy=policy, actor=administrator),
        }
        run_race(learner, stops[who], delay_ms)
        if who == "administrator":
            policy = sign()
