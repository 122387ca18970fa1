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
from fer_lms.consent.queries import disclosed_terms, is_current_answer
from fer_lms.people.models import User

LINK_DAYS = 14
Purpose = Literal["answer", "withdraw"]
State = GuardianConsent.State


def lock_guardian_requests(person: User) -> list[GuardianConsent]:
    """All that a guardian was ever asked about this person. Whoever changes them, or consents that
    rest on them, locks them first: questions before consents."""
    questions = GuardianConsent.objects.select_for_update().filter(person=person)
    return list(questions.order_by("pk"))


def guardian_yes_of(person: User, text_version: str) -> GuardianConsent | None:
    """The yes that stands to this version of the text, told no less than now holds."""
    yes = GuardianConsent.objects.filter(
        person=person, text_version=text_version, state=State.GIVEN
    ).first()
    return yes if yes is not None and is_current_answer(yes) else None


def refused_to(person: User, text_version: str) -> set[str]:
    """What a guardian was asked, to this version of the text, and did not agree to."""
    answered = GuardianConsent.objects.filter(
        person=person,
        text_version=text_version,
        state__in=(State.GIVEN, State.REFUSED, State.REPLACED),
        answered_at__isnull=False,
    )
    return {
        grant
        for question in answered
        if is_current_answer(question)
        for grant in set(question.asked_for) - set(question.given)
    }


def ask_guardian(*, person: User, wished: Iterable[str], text_version: str) -> GuardianConsent:
    """Open a question for staff to hand on, or widen the one that is open; a link that ran out does
    not close it, other numbers do. The caller holds the lock (lock_guardian_requests)."""
    open_one = GuardianConsent.objects.filter(
        person=person, text_version=text_version, state=State.ASKED
    ).first()
    if open_one is not None and is_current_answer(open_one):
        asked_for = _in_order({*open_one.asked_for, *wished})
        if asked_for != open_one.asked_for:
            open_one.asked_for = asked_for
            open_one.save(update_fields=["asked_for"])
        return open_one
    if open_one is not None:
        open_one.state = State.REPLACED
        open_one.save(update_fields=["state"])
    question = GuardianConsent.objects.create(
        person=person,
        text_version=text_version,
        asked_for=_in_order(wished),
        expires_at=timezone.now() + timedelta(days=LINK_DAYS),
        **disclosed_terms(),
    )
    record_event(actor=person, action="guardian.asked", subject=question)
    return question


def _in_order(grants: Iterable[str]) -> list[str]:
    wanted = set(grants)
    return [grant for grant in GRANTS if grant in wanted]


def create_link_token(question: GuardianConsent, purpose: Purpose) -> str:
    return signing.Signer(salt=_salt(purpose)).sign(question.pk.hex)


def find_request_by_token(token: str, purpose: Purpose) -> GuardianConsent | None:
    """The question that a link was made for; None for a forged link or another purpose's."""
    try:
        pk = uuid.UUID(signing.Signer(salt=_salt(purpose)).unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    return GuardianConsent.objects.select_related("person").filter(pk=pk).first()


def can_answer(question: GuardianConsent) -> bool:
    """An answer is given once, in time, and to what holds now."""
    asked = question.state == State.ASKED and question.expires_at > timezone.now()
    return asked and is_current_answer(question)


def _salt(purpose: Purpose) -> str:
    return f"fer_lms.consent.guardian.{purpose}"
