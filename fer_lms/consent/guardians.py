"""Requests for a guardian's consent, and their two links: one to answer, one to withdraw.

A link is a signed id for one purpose. Whoever has it may answer, so only staff see it and hand it
over.
"""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Literal

from django.core import signing
from django.utils import timezone

from fer_lms.audit.actions import record_event
from fer_lms.consent.models import GuardianConsent, sort_grants
from fer_lms.consent.queries import get_disclosed_terms, is_current_answer
from fer_lms.people.models import User

LINK_LIFETIME = timedelta(days=14)
Purpose = Literal["answer", "withdraw"]
State = GuardianConsent.State


def lock_guardian_consents(person: User) -> list[GuardianConsent]:
    """Lock and return all requests about this person; lock the consents after them."""
    requests = GuardianConsent.objects.select_for_update().filter(person=person)
    return list(requests.order_by("pk"))


def get_current_guardian_consent(person: User, text_version: str) -> GuardianConsent | None:
    """Return the consent to this text whose terms cover the current ones."""
    given = GuardianConsent.objects.filter(
        person=person, text_version=text_version, state=State.GIVEN
    ).first()
    return given if given is not None and is_current_answer(given) else None


def list_refused_grants(person: User, text_version: str) -> set[str]:
    """Return the grants of this text that a guardian was asked for and did not give."""
    answered = GuardianConsent.objects.filter(
        person=person,
        text_version=text_version,
        state__in=(State.GIVEN, State.REFUSED, State.REPLACED),
        answered_at__isnull=False,
    )
    return {
        grant
        for answer in answered
        if is_current_answer(answer)
        for grant in set(answer.asked_for) - set(answer.given)
    }


def request_guardian_consent(
    *, person: User, grants: Iterable[str], text_version: str
) -> GuardianConsent:
    """Create a request for staff to hand over, or add the grants to the open request.

    An open request stays open when its link expires, and is replaced when the terms change. The
    caller holds the lock (lock_guardian_consents).
    """
    opened = GuardianConsent.objects.filter(
        person=person, text_version=text_version, state=State.ASKED
    ).first()
    if opened is not None and is_current_answer(opened):
        asked_for = sort_grants({*opened.asked_for, *grants})
        if asked_for != opened.asked_for:
            opened.asked_for = asked_for
            opened.save(update_fields=["asked_for"])
        return opened
    if opened is not None:
        opened.state = State.REPLACED
        opened.save(update_fields=["state"])
    created = GuardianConsent.objects.create(
        person=person,
        text_version=text_version,
        asked_for=sort_grants(grants),
        expires_at=timezone.now() + LINK_LIFETIME,
        **get_disclosed_terms(),
    )
    record_event(actor=person, action="guardian.asked", subject=created)
    return created


def create_link_token(guardian_consent: GuardianConsent, purpose: Purpose) -> str:
    return _create_signer(purpose).sign(guardian_consent.pk.hex)


def find_guardian_consent(token: str, purpose: Purpose) -> GuardianConsent | None:
    """Return the request of a link; None for a forged link or one of the other purpose."""
    try:
        pk = uuid.UUID(_create_signer(purpose).unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    return GuardianConsent.objects.select_related("person").filter(pk=pk).first()


def can_answer(guardian_consent: GuardianConsent) -> bool:
    """Return whether it is unanswered, not expired and about the current text and terms."""
    is_open = guardian_consent.state == State.ASKED and guardian_consent.expires_at > timezone.now()
    return is_open and is_current_answer(guardian_consent)


def _create_signer(purpose: Purpose) -> signing.Signer:
    return signing.Signer(salt=f"fer_lms.consent.guardian.{purpose}")
