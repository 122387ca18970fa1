"""A guardian's question and the two links that belong to it: one to answer, one to take back.

A link is a signed id and good for one purpose only. The learner never gets to see it: staff hand
it to the guardian, since whoever holds it may answer.
"""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Literal

from django.core import signing
from django.utils import timezone

from fer_lms.audit.actions import record_event
from fer_lms.consent.models import GRANTS, GuardianConsent
from fer_lms.people.models import User

LINK_DAYS = 14
Purpose = Literal["answer", "withdraw"]
STANDING = (
    GuardianConsent.State.ASKED,
    GuardianConsent.State.GIVEN,
    GuardianConsent.State.REFUSED,
)


def guardian_answer_of(person: User, text_version: str) -> GuardianConsent | None:
    """The standing question or answer to this version of the text."""
    return GuardianConsent.objects.filter(
        person=person, text_version=text_version, state__in=STANDING
    ).first()


def ask_guardian(*, person: User, wished: Iterable[str], text_version: str) -> GuardianConsent:
    """Open a question for staff to hand on; a link that ran out does not close it."""
    question, made = GuardianConsent.objects.get_or_create(
        person=person,
        text_version=text_version,
        state=GuardianConsent.State.ASKED,
        defaults={
            "asked_for": [grant for grant in GRANTS if grant in set(wished)],
            "expires_at": timezone.now() + timedelta(days=LINK_DAYS),
        },
    )
    if made:
        record_event(actor=person, action="guardian.asked", subject=question)
    return question


def token_of(question: GuardianConsent, purpose: Purpose) -> str:
    return signing.Signer(salt=_salt(purpose)).sign(question.pk.hex)


def question_of_token(token: str, purpose: Purpose) -> GuardianConsent | None:
    """The question that a link was made for; None for a forged link or another purpose's."""
    try:
        pk = uuid.UUID(signing.Signer(salt=_salt(purpose)).unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    return GuardianConsent.objects.select_related("person").filter(pk=pk).first()


def can_answer(question: GuardianConsent) -> bool:
    """An answer is given once, in time."""
    asked = question.state == GuardianConsent.State.ASKED
    return asked and question.expires_at > timezone.now()


def _salt(purpose: Purpose) -> str:
    return f"fer_lms.consent.guardian.{purpose}"
