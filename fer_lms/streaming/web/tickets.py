"""Tickets: each opens one socket, once, within thirty seconds. Only the digest is stored."""

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass
from typing import Any, Literal

from django.conf import settings

from fer_lms.consent.permissions import get_active_consent
from fer_lms.lessons.models import Participant
from fer_lms.policy.queries import is_inference_permitted
from fer_lms.streaming.wire.redis_roles import get_frames_redis

TICKET_TTL_S = 30
Mode = Literal["frames", "scores", "lesson"]
Refusal = Literal["no_policy", "no_consent", "session_ended"]


@dataclass(frozen=True, slots=True)
class Ticket:
    """The permission of its bearer. Contains no secret and no name."""

    participant_id: str
    """UUID in hexadecimal, as `session_id`."""
    session_id: str
    mode: Mode
    preset: str


class TicketRefused(Exception):
    """The mode is not permitted; `reason` is part of the REST response."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason: Refusal = reason


def issue_ticket(*, participant: Participant, mode: Mode) -> str:
    """Store a new ticket and return it. Raises TicketRefused if the mode is not permitted."""
    _check_permitted(participant, mode)
    secret = secrets.token_urlsafe(24)
    ticket = Ticket(
        participant_id=participant.pk.hex,
        session_id=participant.session_id.hex,
        mode=mode,
        preset=participant.session.engagement_preset,
    )
    get_frames_redis().set(build_ticket_key(secret), json.dumps(asdict(ticket)), ex=TICKET_TTL_S)
    return secret


def build_ticket_key(secret: str) -> str:
    return "ticket:" + hashlib.sha256(secret.encode()).hexdigest()


def parse_ticket(stored: bytes) -> Ticket:
    fields: dict[str, Any] = json.loads(stored)
    return Ticket(**fields)


def build_ticket_response(secret: str, *, host: str, secure: bool) -> dict[str, object]:
    """Build the response with which a client opens the socket and scales its frames."""
    return {
        "ticket": secret,
        "expires_in": TICKET_TTL_S,
        "url": f"{'wss' if secure else 'ws'}://{host}/ws/capture/",
        "max_frame_bytes": settings.MAX_FRAME_BYTES,
        "max_fps": settings.MAX_FPS,
        "width": 320,
        "height": 240,
    }


def _check_permitted(participant: Participant, mode: Mode) -> None:
    if not participant.session.is_open:
        raise TicketRefused("session_ended")
    if mode == "lesson":
        return
    if not is_inference_permitted():
        raise TicketRefused("no_policy")
    consent = get_active_consent(participant)
    if not (consent.permits_frames if mode == "frames" else consent.permits_scores):
        raise TicketRefused("no_consent")
