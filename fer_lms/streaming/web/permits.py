"""Permits of connected participants: read for all at once, at most a second old."""

import uuid
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from channels.db import DatabaseSyncToAsync

from fer_lms.consent.models import Consent
from fer_lms.consent.permissions import get_permissions
from fer_lms.lessons.models import LessonSession, Participant
from fer_lms.lessons.queries import has_active_enrolment
from fer_lms.policy.compliance import permits_inference_now
from fer_lms.policy.queries import get_active_policy
from fer_lms.streaming.web.clock import now_ms

MAX_AGE_MS = 1_000


@dataclass(frozen=True, slots=True)
class Permit:
    """Permissions of one participant to send and receive, as of `read_at_ms`."""

    epoch: int
    """Number of the last change of consent."""
    frames_epoch: int
    """Number of the last change of consent that concerns the camera."""
    can_send_frames: bool
    can_send_scores: bool
    can_view_readings: bool
    is_inference_permitted: bool
    is_session_open: bool
    read_at_ms: int
    has_platform_access: bool = True
    """True while the learner's platform and deployment are still switched on."""
    is_member: bool = True
    """True while the account is active and enrolled in the course."""

    def allows(self, mode: str) -> bool:
        if not (self.has_platform_access and self.is_member and self.is_session_open):
            return False
        if mode == "lesson":
            return True
        has_consent = self.can_send_frames if mode == "frames" else self.can_send_scores
        return has_consent and self.is_inference_permitted

    def get_refusal_reason(self, mode: str) -> str:
        """Return the reason of the protocol's `error` message if `mode` is not allowed."""
        if not self.has_platform_access:
            return "signed_out"
        if not self.is_member:
            return "no_participant"
        if not self.is_session_open:
            return "session_ended"
        return "no_policy" if not self.is_inference_permitted else "no_consent"

    def is_fresh(self, at_ms: int) -> bool:
        return at_ms - self.read_at_ms <= MAX_AGE_MS


def read_permits(participant_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Permit]:
    """Read the permit of each participant, in four queries however many there are."""
    read_at_ms = now_ms()  # before the queries, so that the age is never underestimated
    policy = get_active_policy()
    is_inference_permitted = policy is not None and permits_inference_now(policy)
    permissions = get_permissions(participant_ids, policy)
    participants = (
        Participant.objects.filter(pk__in=participant_ids)
        .annotate(enrolled=has_active_enrolment())
        .select_related("consent", "user")
    )
    # Hundreds of participants share few sessions: each session is read once.
    sessions = LessonSession.objects.select_related("lesson__course").in_bulk(
        {participant.session_id for participant in participants}
    )
    permits = {}
    for participant in participants:
        session = sessions.get(participant.session_id)
        if session is None:  # deleted between the two queries, with its participants
            continue
        permitted = permissions.get(participant.pk) or Consent()
        stored = getattr(participant, "consent", None) or Consent()
        permits[participant.pk] = Permit(
            epoch=stored.epoch,
            frames_epoch=stored.frames_epoch,
            can_send_frames=permitted.permits_frames,
            can_send_scores=permitted.permits_scores,
            can_view_readings=permitted.own_view,
            is_inference_permitted=is_inference_permitted,
            is_session_open=session.is_open and participant.left_at is None,
            read_at_ms=read_at_ms,
            has_platform_access=not (
                participant.user.access_suspended or session.lesson.course.access_suspended
            ),
            is_member=participant.user.is_active and participant.enrolled,
        )
    return permits


_executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="permits")
read_permits_async = DatabaseSyncToAsync(read_permits, thread_sensitive=False, executor=_executor)
"""In a thread of its own: a permit that waits behind hints and answers would be too old."""
