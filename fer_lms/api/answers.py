"""What several models together say, as plain values for the schemas."""

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
from fer_lms.policy.context import banner_text
from fer_lms.policy.queries import get_controller_details, get_retention_days, inference_policy


def session_answer(session: LessonSession, place: Participant | None) -> dict[str, Any]:
    """A sitting as one of its members sees it; a teacher need not have a place in it."""
    return {
        "id": session.pk,
        "state": "open" if session.is_open else "ended",
        "started_at": session.started_at,
        "ended_at": session.ended_at,
        "role": place.role if place else Role.TEACHER,
        "participant_id": place.pk if place else None,
        "lesson": session.lesson,
        "policy": _policy_answer(),
        "kept_days": get_retention_days(),
    }


def _policy_answer() -> dict[str, Any]:
    policy = inference_policy()
    return {
        "inference": policy is not None,
        "on_device_only": policy is not None and policy.on_device_only,
        "research": policy is not None and policy.permits_research,
        "banner": banner_text(),
    }


def consent_answer(learner: Participant) -> dict[str, Any]:
    """What is asked, what this learner permits now, and what is waited for."""
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


def no_answer_words(kind: str) -> str:
    if kind == Question.Kind.NUMBER:
        return gettext("Please write a number, for instance 7, 1.5 or 3/4.")
    return gettext("Please answer first.")
