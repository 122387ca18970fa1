"""Consent, frames, workers, writers and policies in any order that Hypothesis thinks of.

No frame is decoded, and no window written, but under a policy in force and the learner's own yes
of that very epoch; what is counted is counted once, and what was taken back is gone.
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
from fer_lms.consent.queries import current_text_version
from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.observations import locate_window
from fer_lms.policy.actions import end_policy
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.rights.actions import erase_withdrawn
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
    """Reads no pixels; remembers what it was given to decode."""

    def __init__(self) -> None:
        self.classifier = type("Classifier", (), {"sha256": MODEL})()
        self.decoded: list[int] = []

    def read(self, jpeg: bytes) -> FaceReading:
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
        # What must hold, kept apart from the product's own bookkeeping:
        self.said = self.epoch = 0  # changes of consent, and the last of them to the camera
        self.said_yes = self.waits = self.guarded = False
        self.text = ""
        self.seq = 0
        self.texts_left = 1
        self.first_window = locate_window(time.time_ns() // 1_000_000)[0] + 1
        self.epoch_of_seq: dict[int, int] = {}
        self.counted: dict[int, dict[int, int]] = {}  # window -> {step: epoch}
        self.taken_back_through: int | None = None
        self.stale: Permit | None = None

    def permitted(self) -> bool:
        return (
            self.policy is not None
            and self.said_yes
            and self.text == current_text_version()
            and (self.guarded or not self.policy.may_need_guardians)
        )

    def camera_changed(self) -> None:
        self.said += 1
        self.epoch = self.said

    # --- what people do ----------------------------------------------------------------------

    @precondition(lambda self: self.said > 0)
    @rule()
    def take_back_a_view(self) -> None:
        """No word on the camera: what is on its way counts."""
        change_grants(participant=self.learner, changes={"support_view": False})
        self.said += 1

    @rule(capture=st.booleans())
    def grant(self, capture: bool) -> None:
        grants = dict.fromkeys(GRANTS, capture)
        grant_consent(participant=self.learner, text_version=current_text_version(), grants=grants)
        self.camera_changed()
        self.text = current_text_version()
        if self.said_yes and not capture:
            self.taken_back_through = self.said - 1
        strict = self.policy is not None and self.policy.may_need_guardians
        given = GuardianConsent.objects.filter(
            person=self.learner.user, text_version=self.text, state="given"
        ).exists()
        self.guarded = strict and given and capture
        self.waits = strict and not given and capture
        self.said_yes = capture and not self.waits

    @rule()
    def withdraw(self) -> None:
        withdraw_consent(participant=self.learner)
        self.taken_back_through = self.said
        self.camera_changed()
        self.said_yes = self.waits = self.guarded = False

    @rule()
    def change_of_mind(self) -> None:
        """A no and a yes again before anything was erased."""
        self.withdraw()
        self.all_is_well_again()

    @precondition(lambda self: self.waits and self.text == current_text_version())
    @rule()
    def guardian_says_yes(self) -> None:
        question = GuardianConsent.objects.get(
            person=self.learner.user, state="asked", text_version=self.text
        )
        answer_by_link(guardian_consent=question, given=GRANTS, signed_name="B. Parent")
        self.camera_changed()
        self.waits, self.said_yes, self.guarded = False, True, True

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
    def all_is_well(self) -> None:
        self.all_is_well_again()

    @rule()
    def all_is_well_again(self) -> None:
        """A policy for adults and a yes: without it, random steps seldom get to any frame."""
        if self.policy is None or self.policy.may_need_guardians:
            self.sign(18)
        if not self.permitted():
            self.grant(True)

    @precondition(lambda self: self.texts_left > 0)
    @rule()
    def new_text(self) -> None:
        self.texts_left -= 1
        version = f"test-{ConsentText.objects.count()}"
        ConsentText.objects.create(version=version, locale="en", form="easy", body={"points": []})

    # --- what the machines do ----------------------------------------------------------------

    @rule()
    def look_at_permit(self) -> None:
        """A web process reads permits, and uses them for up to a second."""
        self.stale = read_permits([self.learner.pk])[self.learner.pk]
        assert self.stale.allows("frames") == self.permitted()
        assert (self.stale.epoch, self.stale.frames_epoch) == (self.said, self.epoch)

    @rule(window=st.integers(0, 1))
    def frame(self, window: int) -> None:
        if self.stale is None or not self.stale.allows("frames"):
            return
        self.seq += 1
        if self.seq > 60:
            return
        self.epoch_of_seq[self.seq] = self.stale.frames_epoch
        put(
            SlotFrame(
                participant_id=self.learner.pk,
                window=self.first_window + window,
                step=self.seq,
                epoch=self.stale.frames_epoch,
                seq=self.seq,
                received_ms=time.time_ns() // 1_000_000,
                connection=b"connect1",
                web_id=b"webproc1",
                preset="transparent",
                jpeg=str(self.seq).encode(),
            )
        )

    @rule()
    def worker_reads(self) -> None:
        self.pipeline.decoded.clear()
        drain.read_frames(self._claimed(), lambda: self.pipeline)  # type: ignore[arg-type, return-value]
        for seq in self.pipeline.decoded:
            assert self.permitted(), "decoded without a policy or a yes"
            assert self.epoch_of_seq[seq] == self.epoch, "decoded under an old epoch"

    @rule()
    def worker_dies(self) -> None:
        self._claimed()

    @rule(redelivered=st.booleans())
    def batch_is_written(self, redelivered: bool) -> None:
        """Entries become windows; a writer that died before the deletion leaves them behind."""
        before = self._windows()
        entries = observation_log.read_oldest_entries(get_broker_redis(), 100)
        write_logged_observations()
        observations = [seen for _, (logged, _) in entries for seen in logged]
        if redelivered and observations:
            observation_log.append_entry(get_broker_redis(), observations)
        after = self._windows()
        if after != before:
            assert self.permitted() or self._only_less(before, after)
        if self.permitted():
            for seen in observations:
                if seen.epoch == self.epoch:
                    self.counted.setdefault(seen.window, {})[seen.step] = seen.epoch

    @rule()
    def erase(self) -> None:
        erase_withdrawn()
        through = self.taken_back_through
        if through is None:
            return
        for window, steps in self.counted.items():
            self.counted[window] = {step: at for step, at in steps.items() if at > through}
        self.taken_back_through = None

    def teardown(self) -> None:
        get_frames_redis().flushall()

    @rule(window=st.integers(0, 1))
    def lesson_goes_on(self, window: int) -> None:
        """The usual course of things, at once."""
        self.look_at_permit()
        self.frame(window)
        self.worker_reads()
        self.batch_is_written(redelivered=False)

    # --- what always holds -------------------------------------------------------------------

    @invariant()
    def each_frame_counts_once_and_what_was_taken_back_not_at_all(self) -> None:
        found = {
            int(row.start_at.timestamp()) // 10: row.processed
            for row in ObservationWindow.objects.filter(participant=self.learner)
        }
        expected = {window: len(steps) for window, steps in self.counted.items() if steps}
        if self.taken_back_through is None:
            assert found == expected
        else:  # what awaits its erasure may be gone already
            assert all(found[window] <= expected.get(window, 0) for window in found)

    def _claimed(self) -> list[SlotFrame]:
        return SlotReader(get_frames_redis(), 0).claim()

    def _windows(self) -> dict[Any, int]:
        rows = ObservationWindow.objects.filter(participant=self.learner)
        return {row.start_at: row.processed for row in rows}

    @staticmethod
    def _only_less(before: dict[Any, int], after: dict[Any, int]) -> bool:
        return all(count <= before.get(start, 0) for start, count in after.items())


@pytest.mark.django_db
@pytest.mark.usefixtures("redis_roles")
def test_any_order_of_events() -> None:
    settings = hypothesis_settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],  # making a failure shorter takes minutes; its steps are shown
    )
    run_state_machine_as_test(AnyOrder, settings=settings)
