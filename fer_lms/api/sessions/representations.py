"""Plain values of sessions and consent, composed of several models, for their serializers."""

from typing import Any

from django.utils.translation import gettext

from fer_lms.consent.queries import (
    current_text_version,
    disclosed_terms,
    get_consent,
    get_consent_status,
    get_texts,
    list_named_supporters,
)
from fer_lms.lessons.models import LessonSession, Participant, Question, Role
from fer_lms.policy.context_processors import get_banner_text
from fer_lms.policy.queries import get_controller_details, get_retention_days, inference_policy


def represent_session(session: LessonSession, place: Participant | None) -> dict[str, Any]:
    """Return a session for one of its members; a teacher may have no place in it."""
    return {
        "id": session.pk,
        "state": "open" if session.is_open else "ended",
        "started_at": session.started_at,
        "ended_at": session.ended_at,
        "role": place.role if place else Role.TEACHER,
        "participant_id": place.pk if place else None,
        "lesson": session.lesson,
        "policy": _represent_policy(),
        "kept_days": get_retention_days(),
    }


def _represent_policy() -> dict[str, Any]:
    policy = inference_policy()
    return {
        "inference": policy is not None,
        "on_device_only": policy is not None and policy.on_device_only,
        "research": policy is not None and policy.permits_research,
        "banner": get_banner_text(),
    }


def represent_consent(learner: Participant) -> dict[str, Any]:
    """Return the consent text, this learner's permissions and what is pending."""
    version = current_text_version()
    consent = get_consent(learner)
    return {
        "text_version": version,
        "text": get_texts(version),
        "promised": disclosed_terms(),
        "responsible": get_controller_details(),
        **get_consent_status(learner),
        "epoch": consent.epoch,
        "erased": consent.erase_through_epoch is None and consent.erased_at is not None,
        "receipt": consent.receipt,
        "supporters": list_named_supporters(learner),
    }


def format_no_answer(kind: str) -> str:
    """Return the message for text that is no answer to a question of this kind."""
    if kind == Question.Kind.NUMBER:
        return gettext("Please write a number, for example 7, 1.5 or 3/4.")
    return gettext("Please answer first.")
