"""Consent, frames, workers, writers and policies in random order (Hypothesis).

A frame is decoded and a window written only under an active policy and the learner's consent of the
same epoch. Frames are counted once, and withdrawn ones are erased.
"""

import time
from typing import Any

import pytest
from hypothesis import Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from fer_lms.consent.actions import change_grants, grant_consent, withdraw_consent
from fer_lms.consent.guardian_actions import answer_by_link
from fer_lms.consent.models import GRANTS, ConsentText, GuardianConsent
from fer_lms.consent.queries import get_current_text_version
from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.observations import locate_window
from fer_lms.policy.actions import end_policy
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.rights.actions import erase_withdrawn_readings
from fer_lms.streaming.web.permits import Permit, read_permits
from fer_lms.streaming.wire import observation_log
from fer_lms.streaming.wire.redis_roles import get_broker_redis, get_frames_redis
from fer_lms.streaming.wire.slots import SlotFrame, SlotReader
from fer_lms.streaming.worker import drain
from fer_lms.streaming.worker.tasks import write_logged_observations
from inference.results import FaceReading
from tests.factories import MODEL, make_learner, make_session
from tests.policy.drafts import make_administrator, sign_complete
from tests.servers import empty_redis_roles
from tests.streaming.test_slots import put

EXAMPLES, STEPS = 40, 30


class Pipeline:
    """Decodes nothing and records the frames that it was given."""

    def __init__(self) -> None:
        self.classifier = type("Classifier", (), {"sha256": MODEL})()
        self.decoded: list[int] = []

    def track(self, _key: object) -> "Pipeline":
        return self

    def read(self, jpeg: bytes, _at: float) -> FaceReading:
        self.decoded.append(int(jpeg))
        return FaceReading(quality="no_face", face_count=0)


class AnyOrder(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        empty_redis_roles()
        DeploymentPolicy.objects.all().delete()
        self.learner = make_learner(make_session())
        self.administrator = make_administrator()
        self.pipeline = Pipeline()
        self.policy: DeploymentPolicy | None = None
        # The expected state, independent of the product's tables:
        self.consent_changes = 0
        self.epoch = 0  # the last change that affects the camera
        self.has_consent = self.is_pending = self.has_guardian_consent = False
        self.text = ""
        self.seq = 0
        self.texts_left = 1
        self.first_window = locate_window(time.time_ns() // 1_000_000)[0] + 1
        self.epoch_of_seq: dict[int, int] = {}
        self.counted: dict[int, dict[int, int]] = {}  # window -> {step: epoch}
        self.withdrawn_through: int | None = None
        self.cached_permit: Permit | None = None

    def is_permitted(self) -> bool:
        return (
            self.policy is not None
            and self.has_consent
            and self.text == get_current_text_version()
            and (self.has_guardian_consent or not self.policy.may_need_guardians)
        )

    def count_camera_change(self) -> None:
        self.consent_changes += 1
        self.epoch = self.consent_changes

    # --- Actions of people -------------------------------------------------------------------

    @precondition(lambda self: self.consent_changes > 0)
    @rule()
    def withdraw_support_view(self) -> None:
        """Does not affect the camera: frames in flight count."""
        change_grants(participant=self.learner, changes={"support_view": False})
        self.consent_changes += 1

    @rule(capture=st.booleans())
    def grant(self, capture: bool) -> None:
        grants = dict.fromkeys(GRANTS, capture)
        grant_consent(
            participant=self.learner, text_version=get_current_text_version(), grants=grants
        )
        self.count_camera_change()
        self.text = get_current_text_version()
        if self.has_consent and not capture:
            self.withdrawn_through = self.consent_changes - 1
        strict = self.policy is not None and self.policy.may_need_guardians
        given = GuardianConsent.objects.filter(
            person=self.learner.user, text_version=self.text, state="given"
        ).exists()
        self.has_guardian_consent = strict and given and capture
        self.is_pending = strict and not given and capture
        self.has_consent = capture and not self.is_pending

    @rule()
    def withdraw(self) -> None:
        withdraw_consent(participant=self.learner)
        self.withdrawn_through = self.consent_changes
        self.count_camera_change()
        self.has_consent = self.is_pending = self.has_guardian_consent = False

    @rule()
    def withdraw_and_grant(self) -> None:
        """Withdraw and grant again before the erasure."""
        self.withdraw()
        self.become_permitted_again()

    @precondition(lambda self: self.is_pending and self.text == get_current_text_version())
    @rule()
    def guardian_grants(self) -> None:
        question = GuardianConsent.objects.get(
            person=self.learner.user, state="asked", text_version=self.text
        )
        answer_by_link(guardian_consent=question, given=GRANTS, signed_name="B. Parent")
        self.count_camera_change()
        self.is_pending, self.has_consent, self.has_guardian_consent = False, True, True

    @rule(youngest=st.sampled_from([14, 18]))
    def sign(self, youngest: int) -> None:
        self.policy = sign_complete("uk", minimum_age=youngest, on_device_only=False)

    @precondition(lambda self: self.policy is not None)
    @rule()
    def end(self) -> None:
        for policy in DeploymentPolicy.objects.filter(ended_at=None):
            end_policy(policy=policy, actor=self.administrator)
        self.policy = None

    @initialize()
    def become_permitted(self) -> None:
        self.become_permitted_again()

    @rule()
    def become_permitted_again(self) -> None:
        """Sign a policy for adults and grant: random steps alone seldom permit a frame."""
        if self.policy is None or self.policy.may_need_guardians:
            self.sign(18)
        if not self.is_permitted():
            self.grant(True)

    @precondition(lambda self: self.texts_left > 0)
    @rule()
    def new_text(self) -> None:
        self.texts_left -= 1
        version = f"test-{ConsentText.objects.count()}"
        ConsentText.objects.create(version=version, locale="en", form="easy", body={"points": []})

    # --- Actions of processes ----------------------------------------------------------------

    @rule()
    def read_permit(self) -> None:
        """Read the permit as a web process, which uses it for up to a second."""
        self.cached_permit = read_permits([self.learner.pk])[self.learner.pk]
        assert self.cached_permit.allows("frames") == self.is_permitted()
        assert (self.cached_permit.epoch, self.cached_permit.frames_epoch) == (
            self.consent_changes,
            self.epoch,
        )

    @rule(window=st.integers(0, 1))
    def send_frame(self, window: int) -> None:
        if self.cached_permit is None or not self.cached_permit.allows("frames"):
            return
        self.seq += 1
        if self.seq > 60:
            return
        self.epoch_of_seq[self.seq] = self.cached_permit.frames_epoch
        put(
            SlotFrame(
                participant_id=self.learner.pk,
                window=self.first_window + window,
                step=self.seq,
                epoch=self.cached_permit.frames_epoch,
                seq=self.seq,
                received_ms=time.time_ns() // 1_000_000,
                connection=b"connect1",
                web_id=b"webproc1",
                preset="transparent",
                jpeg=str(self.seq).encode(),
            )
        )

    @rule()
    def read_as_worker(self) -> None:
        self.pipeline.decoded.clear()
        drain.read_frames(self._claimed(), lambda: self.pipeline)  # type: ignore[arg-type, return-value]
        for seq in self.pipeline.decoded:
            assert self.is_permitted(), "decoded without policy or consent"
            assert self.epoch_of_seq[seq] == self.epoch, "decoded under an old epoch"

    @rule()
    def lose_worker(self) -> None:
        self._claimed()

    @rule(redelivered=st.booleans())
    def write_batch(self, redelivered: bool) -> None:
        """Write entries into windows; a writer that died before the deletion leaves them there."""
        before = self._windows()
        entries = observation_log.read_oldest_entries(get_broker_redis(), 100)
        write_logged_observations()
        observations = [item for _, (logged, _) in entries for item in logged]
        if redelivered and observations:
            observation_log.append_entry(get_broker_redis(), observations)
        after = self._windows()
        if after != before:
            assert self.is_permitted() or self._only_decreased(before, after)
        if self.is_permitted():
            for item in observations:
                if item.epoch == self.epoch:
                    self.counted.setdefault(item.window, {})[item.step] = item.epoch

    @rule()
    def erase(self) -> None:
        erase_withdrawn_readings()
        through = self.withdrawn_through
        if through is None:
            return
        for window, steps in self.counted.items():
            self.counted[window] = {step: at for step, at in steps.items() if at > through}
        self.withdrawn_through = None

    def teardown(self) -> None:
        get_frames_redis().flushall()

    @rule(window=st.integers(0, 1))
    def stream_one_frame(self, window: int) -> None:
        """Run the usual steps of one frame."""
        self.read_permit()
        self.send_frame(window)
        self.read_as_worker()
        self.write_batch(redelivered=False)

    # --- Invariants --------------------------------------------------------------------------

    @invariant()
    def frames_count_once_and_withdrawn_ones_never(self) -> None:
        found = {
            int(row.start_at.timestamp()) // 10: row.processed
            for row in ObservationWindow.objects.filter(participant=self.learner)
        }
        expected = {window: len(steps) for window, steps in self.counted.items() if steps}
        if self.withdrawn_through is None:
            assert found == expected
        else:  # withdrawn frames may be erased already
            assert all(found[window] <= expected.get(window, 0) for window in found)

    def _claimed(self) -> list[SlotFrame]:
        return SlotReader(get_frames_redis(), 0).claim()

    def _windows(self) -> dict[Any, int]:
        rows = ObservationWindow.objects.filter(participant=self.learner)
        return {row.start_at: row.processed for row in rows}

    @staticmethod
    def _only_decreased(before: dict[Any, int], after: dict[Any, int]) -> bool:
        return all(count <= before.get(start, 0) for start, count in after.items())


@pytest.mark.django_db
@pytest.mark.usefixtures("redis_roles")
def test_any_order_of_events() -> None:
    settings = hypothesis_settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],  # shrinking takes minutes; the steps are printed
    )
    run_state_machine_as_test(AnyOrder, settings=settings)
