"""What connected participants permit now: one query for all of them, at most a second old."""

import time
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from channels.db import database_sync_to_async

from fer_lms.consent.models import Consent
from fer_lms.consent.permissions import get_permissions
from fer_lms.lessons.models import LessonSession, Participant
from fer_lms.lessons.queries import has_active_enrolment
from fer_lms.policy.compliance import permits_inference_now
from fer_lms.policy.queries import active_policy

MAX_AGE_MS = 1_000


@dataclass(frozen=True, slots=True)
class Permit:
    epoch: int
    frames_epoch: int
    frames: bool
    scores: bool
    own_view: bool
    policy: bool
    session_open: bool
    read_at_ms: int
    signed_in: bool = True
    """Whether platform and deployment that let this learner in are still switched on."""
    member: bool = True
    """Whether this person may still come in, and is still in the course."""

    def allows(self, mode: str) -> bool:
        if not self.signed_in or not self.member:
            return False
        if mode == "lesson":
            return self.session_open
        granted = self.frames if mode == "frames" else self.scores
        return granted and self.policy and self.session_open

    def refusal(self, mode: str) -> str:
        """Why `mode` is not allowed, in one word."""
        if not self.signed_in:
            return "signed_out"
        if not self.member:
            return "no_participant"
        if not self.session_open:
            return "session_ended"
        return "no_policy" if not self.policy else "no_consent"

    def is_fresh(self, now_ms: int) -> bool:
        return now_ms - self.read_at_ms <= MAX_AGE_MS


def read_permits(participant_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Permit]:
    """The permit of each participant. Four queries, however many there are."""
    now_ms = time.time_ns() // 1_000_000  # a permit is as old as the question, not the answer
    policy = active_policy()
    infers = policy is not None and permits_inference_now(policy)
    counting = get_permissions(participant_ids, policy)
    # Participants by hundreds share few sessions: each session is read and made once.
    participants = Participant.objects.filter(pk__in=participant_ids).annotate(
        enrolled=has_active_enrolment()
    )
    participants = participants.select_related("consent", "user")
    sessions = LessonSession.objects.select_related("lesson__course").in_bulk(
        {each.session_id for each in participants}
    )
    permits = {}
    for participant in participants:
        session = sessions.get(participant.session_id)
        if session is not None:  # else deleted between the two questions, with its participants
            counts = counting.get(participant.pk) or Consent()
            stored = getattr(participant, "consent", None) or Consent()
            open_here = session.is_open and participant.left_at is None
            permits[participant.pk] = Permit(
                epoch=stored.epoch,
                frames_epoch=stored.frames_epoch,
                frames=counts.permits_frames,
                scores=counts.permits_scores,
                own_view=counts.own_view,
                policy=infers,
                session_open=open_here,
                read_at_ms=now_ms,
                signed_in=_is_let_in(participant, session),
                member=participant.user.is_active and participant.enrolled,
            )
    return permits


read_permits_async = database_sync_to_async(read_permits)


def _is_let_in(participant: Participant, session: LessonSession) -> bool:
    return not (participant.user.access_suspended or session.lesson.course.access_suspended)
