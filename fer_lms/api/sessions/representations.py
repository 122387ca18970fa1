"""Dictionaries of sessions and consent, built from several models for the serializers."""

from typing import Any

from django.utils.translation import gettext

from fer_lms.consent.permissions import permits_face_evidence
from fer_lms.consent.queries import (
    get_consent,
    get_consent_status,
    get_current_text_version,
    get_disclosed_terms,
    get_texts,
    list_named_supporters,
)
from fer_lms.lessons.marking import AmbiguousNumber, NoAnswer
from fer_lms.lessons.models import LessonSession, Participant, Question, Role
from fer_lms.lessons.queries import StepProgress, list_progress
from fer_lms.policy.context_processors import get_banner_text
from fer_lms.policy.queries import get_controller_details, get_inference_policy, get_retention_days


def represent_session(session: LessonSession, participant: Participant | None) -> dict[str, Any]:
    """Return a session for one of its members; a teacher may not have a participation."""
    return {
        "id": session.pk,
        "state": "open" if session.is_open else "ended",
        "started_at": session.started_at,
        "closes_at": session.closes_at,
        "ended_at": session.closed_at,
        "role": participant.role if participant else Role.TEACHER,
        "participant_id": participant.pk if participant else None,
        "lesson": session.lesson,
        "progress": _list_own_progress(participant),
        "policy": _represent_policy(),
        "kept_days": get_retention_days(),
    }


def _list_own_progress(participant: Participant | None) -> list[StepProgress]:
    is_learner = participant is not None and participant.role == Role.STUDENT
    return list_progress(participant) if participant and is_learner else []


def _represent_policy() -> dict[str, Any]:
    policy = get_inference_policy()
    return {
        "inference": policy is not None,
        "on_device_only": policy is not None and policy.on_device_only,
        "research": policy is not None and policy.permits_research,
        "face_evidence_in_hints": permits_face_evidence(policy),
        "banner": get_banner_text(),
    }


def represent_consent(learner: Participant) -> dict[str, Any]:
    """Return the consent text, this learner's permissions and what is pending."""
    version = get_current_text_version()
    consent = get_consent(learner)
    return {
        "text_version": version,
        "text": get_texts(version),
        "disclosed_terms": get_disclosed_terms(),
        "responsible": get_controller_details(),
        **get_consent_status(learner),
        "epoch": consent.epoch,
        "erased": consent.erase_through_epoch is None and consent.erased_at is not None,
        "receipt": consent.receipt,
        "supporters": list_named_supporters(learner),
    }


def format_no_answer_error(kind: str, error: NoAnswer) -> str:
    """Return the message for text that is no answer to a question of this kind."""
    if isinstance(error, AmbiguousNumber):
        grouped, decimal = error.readings
        return gettext("Do you mean %(grouped)s or %(decimal)s? Write the one you mean.") % {
            "grouped": grouped,
            "decimal": decimal,
        }
    if kind == Question.Kind.NUMBER:
        return gettext("Please write a number, for example 7, 1.5 or 3/4.")
    return gettext("Please answer first.")
