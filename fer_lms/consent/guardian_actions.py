"""A guardian's yes, no and taking back, by the link or on paper."""

from collections.abc import Iterable
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from fer_lms.audit.actions import record_event
from fer_lms.audit.chain import Detail
from fer_lms.consent.actions import locked_consent, raise_epoch, set_grants, withdraw_consent
from fer_lms.consent.guardians import LINK_DAYS, can_answer
from fer_lms.consent.models import GRANTS, Consent, GuardianConsent
from fer_lms.consent.queries import current_text_version
from fer_lms.lessons.models import Participant
from fer_lms.people.models import User

LONGEST_REFERENCE = 200
"""Of all papers together: the newest are kept whole."""


class AlreadyAnswered(Exception):
    """The question was answered, taken back or ran out; or its text is no longer in force."""


@transaction.atomic
def answer_by_link(
    *, question: GuardianConsent, given: Iterable[str], signed_name: str
) -> GuardianConsent:
    """What the guardian said on the page. Nothing given is a no."""
    question = _locked(question)
    if not can_answer(question) or question.text_version != current_text_version():
        raise AlreadyAnswered
    question.way = GuardianConsent.Way.LINK
    question.signed_name = signed_name
    return _store_answer(question, set(given) & set(question.asked_for), actor=None)


@transaction.atomic
def enter_paper(
    *,
    question: GuardianConsent,
    actor: User,
    given: Iterable[str],
    reference: str,
    of_age: bool = False,
) -> GuardianConsent:
    """What a signed paper says, or that the learner needs no guardian; entered by staff."""
    require_clerk(actor)
    question = _locked(question)
    if question.state != GuardianConsent.State.ASKED:
        raise AlreadyAnswered
    if question.text_version != current_text_version():
        raise AlreadyAnswered
    way = GuardianConsent.Way.OF_AGE if of_age else GuardianConsent.Way.PAPER
    question.way, question.reference, question.entered_by = way, reference, actor
    allowed = set(GRANTS) if of_age else set(given) & set(question.asked_for)
    return _store_answer(question, allowed, actor=actor)


@transaction.atomic
def withdraw_by_guardian(*, question: GuardianConsent, actor: User | None = None) -> None:
    """Take the yes back: every consent that rests on it ends now and is then erased."""
    if actor is not None:
        require_clerk(actor)
    question = _locked(question)
    if question.state != GuardianConsent.State.GIVEN:
        raise AlreadyAnswered
    question.state = GuardianConsent.State.WITHDRAWN
    question.withdrawn_at = timezone.now()
    question.save(update_fields=["state", "withdrawn_at"])
    for consent in _resting_on(question):
        withdraw_consent(participant=consent.participant)
    record_event(actor=actor, action="guardian.withdrawn", subject=question)


@transaction.atomic
def enter_supporters_paper(*, question: GuardianConsent, actor: User, reference: str) -> None:
    """A guardian who agreed before agrees on paper to the support persons who are named now; the
    learner is asked as well, on the own page."""
    require_clerk(actor)
    question = _locked(question)
    if question.state != GuardianConsent.State.GIVEN:
        raise AlreadyAnswered
    if question.text_version != current_text_version():
        raise AlreadyAnswered
    question.given = [grant for grant in GRANTS if grant in {*question.given, "support_view"}]
    question.supporters_at = timezone.now()
    papers = ", ".join(filter(None, [question.reference, reference]))
    question.reference, question.entered_by = papers[-LONGEST_REFERENCE:], actor
    question.save(update_fields=["given", "supporters_at", "reference", "entered_by"])
    record_event(actor=actor, action="guardian.supporters_agreed", subject=question)


@transaction.atomic
def renew_link(*, question: GuardianConsent, actor: User) -> GuardianConsent:
    """A link that ran out works again for some days. A no is asked about anew."""
    require_clerk(actor)
    question = _locked(question)
    if question.state not in (GuardianConsent.State.ASKED, GuardianConsent.State.REFUSED):
        raise AlreadyAnswered
    question.state = GuardianConsent.State.ASKED
    question.answered_at, question.way = None, ""
    question.expires_at = timezone.now() + timedelta(days=LINK_DAYS)
    question.save(update_fields=["state", "answered_at", "way", "expires_at"])
    record_event(actor=actor, action="guardian.link_renewed", subject=question)
    return question


def require_clerk(actor: User) -> None:
    if not (actor.is_active and actor.is_staff and actor.has_perm("consent.enter_guardianconsent")):
        raise PermissionDenied


def _store_answer(
    question: GuardianConsent, given: set[str], *, actor: User | None
) -> GuardianConsent:
    state = GuardianConsent.State.GIVEN if given else GuardianConsent.State.REFUSED
    question.state, question.answered_at = state, timezone.now()
    question.given = [grant for grant in GRANTS if grant in given]
    question.supporters_at = question.answered_at if "support_view" in given else None
    question.save()
    for consent in _resting_on(question):
        _settle(consent.participant, question)
    details: dict[str, Detail] = {"way": str(question.way), "granted": len(question.given)}
    record_event(actor=actor, action=f"guardian.{state}", subject=question, details=details)
    return question


def _settle(participant: Participant, question: GuardianConsent) -> None:
    """What waited for the guardian now holds, as far as the guardian agreed."""
    consent = locked_consent(participant)
    if not consent.awaiting_guardian or consent.guardian_id != question.pk:
        return  # taken back, or said anew, meanwhile
    set_grants(consent, set(consent.awaiting_guardian) & set(question.given))
    consent.awaiting_guardian = []
    raise_epoch(consent)


def _resting_on(question: GuardianConsent) -> list[Consent]:
    """Locked, in the order in which whoever writes figures locks them."""
    return list(
        Consent.objects.select_for_update(of=("self",))
        .select_related("participant")
        .filter(guardian=question)
        .order_by("pk")
    )


def _locked(question: GuardianConsent) -> GuardianConsent:
    return GuardianConsent.objects.select_for_update().get(pk=question.pk)
