"""A guardian's yes, no and taking back, by the link or on paper."""

from collections.abc import Iterable
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from fer_lms.audit.actions import record_event
from fer_lms.audit.chain import Detail
from fer_lms.consent.actions import (
    camera_changes,
    mark_readings_for_erasure,
    raise_epoch,
    set_grants,
    withdraw_consent,
)
from fer_lms.consent.guardians import LINK_DAYS, State, can_answer, lock_guardian_requests
from fer_lms.consent.models import GRANTS, Consent, GuardianConsent
from fer_lms.consent.queries import is_current_answer
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
    if not can_answer(question):
        raise AlreadyAnswered
    question.way = GuardianConsent.Way.LINK
    question.signed_name = signed_name
    return _store_answer(question, set(given) & set(question.asked_for), actor=None)


@transaction.atomic
def enter_paper_consent(
    *,
    question: GuardianConsent,
    actor: User,
    given: Iterable[str],
    reference: str,
    of_age: bool = False,
) -> GuardianConsent:
    """What a signed paper says, or that the learner needs no guardian; entered by staff."""
    require_guardian_consent_permission(actor)
    question = _locked(question)
    if question.state != State.ASKED or not is_current_answer(question):
        raise AlreadyAnswered
    way = GuardianConsent.Way.OF_AGE if of_age else GuardianConsent.Way.PAPER
    question.way, question.reference, question.entered_by = way, reference, actor
    allowed = set(GRANTS) if of_age else set(given) & set(question.asked_for)
    return _store_answer(question, allowed, actor=actor)


@transaction.atomic
def withdraw_by_guardian(*, question: GuardianConsent, actor: User | None = None) -> None:
    """Take it all back, whichever of this learner's links is used: no yes of a guardian's stands
    any more, no question waits, every consent ends now and is then erased. What was entered of a
    learner who is old enough stands, unless it is the very answer that is taken back."""
    if actor is not None:
        require_guardian_consent_permission(actor)
    taken_back = list_withdrawable(question, lock_guardian_requests(question.person))
    if not taken_back:
        raise AlreadyAnswered
    for each in taken_back:
        each.state, each.withdrawn_at = State.WITHDRAWN, timezone.now()
        each.save(update_fields=["state", "withdrawn_at"])
        record_event(actor=actor, action="guardian.withdrawn", subject=each)
    for consent in _locked_consents_of(question.person):
        of_age = consent.guardian is not None and consent.guardian.state == State.GIVEN
        if consent.withdrawn_at is None and not of_age:
            withdraw_consent(participant=consent.participant)


def list_withdrawable(
    question: GuardianConsent, questions: Iterable[GuardianConsent]
) -> list[GuardianConsent]:
    """Of all that was asked about a learner, what taking back by this one's link ends."""
    return [
        each
        for each in questions
        if each.state in (State.ASKED, State.GIVEN)
        and (each.pk == question.pk or each.way != GuardianConsent.Way.OF_AGE)
    ]


@transaction.atomic
def enter_supporters_paper(*, question: GuardianConsent, actor: User, reference: str) -> None:
    """A guardian who agreed before agrees on paper to the support persons who are named now; the
    learner is asked as well, on the own page."""
    require_guardian_consent_permission(actor)
    question = _locked(question)
    if question.state != State.GIVEN or not is_current_answer(question):
        raise AlreadyAnswered
    question.given = [grant for grant in GRANTS if grant in {*question.given, "support_view"}]
    question.supporters_at = timezone.now()
    papers = ", ".join(filter(None, [question.reference, reference]))
    question.reference, question.entered_by = papers[-LONGEST_REFERENCE:], actor
    question.save(update_fields=["given", "supporters_at", "reference", "entered_by"])
    record_event(actor=actor, action="guardian.supporters_agreed", subject=question)


@transaction.atomic
def renew_link(*, question: GuardianConsent, actor: User) -> GuardianConsent:
    """A link that ran out works again for some days. A no is asked about anew, where nothing else
    is being asked."""
    require_guardian_consent_permission(actor)
    question = _locked(question)
    same = GuardianConsent.objects.filter(
        person=question.person_id, text_version=question.text_version, state=State.ASKED
    )
    if question.state not in (State.ASKED, State.REFUSED) or same.exclude(pk=question.pk).exists():
        raise AlreadyAnswered
    question.state = State.ASKED
    question.answered_at, question.way = None, ""
    question.expires_at = timezone.now() + timedelta(days=LINK_DAYS)
    question.save(update_fields=["state", "answered_at", "way", "expires_at"])
    record_event(actor=actor, action="guardian.link_renewed", subject=question)
    return question


def require_guardian_consent_permission(actor: User) -> None:
    if not (actor.is_active and actor.is_staff and actor.has_perm("consent.enter_guardianconsent")):
        raise PermissionDenied


def _store_answer(
    question: GuardianConsent, given: set[str], *, actor: User | None
) -> GuardianConsent:
    question.answered_at = timezone.now()
    question.state = State.GIVEN if given else State.REFUSED
    question.given = [grant for grant in GRANTS if grant in given]
    question.supporters_at = question.answered_at if "support_view" in given else None
    if given:
        _stand_in_place_of_earlier(question)
    question.save()
    no_camera = "capture" in question.asked_for and "capture" not in given
    for consent in _locked_consents_of(question.person):
        _settle(consent, question)
        if no_camera and consent.withdrawn_at is None:
            mark_readings_for_erasure(consent)
            consent.save(update_fields=["erase_through_epoch"])
    details: dict[str, Detail] = {"way": str(question.way), "granted": len(given)}
    record_event(
        actor=actor, action=f"guardian.{question.state}", subject=question, details=details
    )
    return question


def _stand_in_place_of_earlier(question: GuardianConsent) -> None:
    """A yes to more is added to the yes that stands; one that was told other numbers is not."""
    earlier = GuardianConsent.objects.filter(
        person=question.person_id, text_version=question.text_version, state=State.GIVEN
    ).first()
    if earlier is None:
        return
    if is_current_answer(earlier):
        question.asked_for = _both(earlier.asked_for, question.asked_for)
        question.given = _both(earlier.given, question.given)
        question.supporters_at = question.supporters_at or earlier.supporters_at
    earlier.state = State.REPLACED
    earlier.save(update_fields=["state"])


def _both(some: list[str], others: list[str]) -> list[str]:
    return [grant for grant in GRANTS if grant in {*some, *others}]


def _settle(consent: Consent, question: GuardianConsent) -> None:
    """What waited for the guardian now holds, as far as the guardian agreed, and what held does as
    long as the guardian agrees."""
    rests = consent.guardian_id is not None and consent.text_version == question.text_version
    if consent.withdrawn_at is not None or not rests:
        return  # taken back meanwhile, or said to another text
    held = {grant for grant in GRANTS if getattr(consent, grant)}
    holds = held
    if question.state == State.GIVEN:
        holds = (held | set(consent.awaiting_guardian)) & set(question.given)
        consent.guardian = question
    waited, consent.awaiting_guardian = consent.awaiting_guardian, []
    set_grants(consent, holds)
    if waited or holds != held:
        raise_epoch(consent, camera=camera_changes(consent))
    else:
        consent.save(update_fields=["guardian"])


def _locked_consents_of(person: User) -> list[Consent]:
    """In the order in which whoever writes figures locks them."""
    return list(
        Consent.objects.select_for_update(of=("self",))
        .select_related("participant", "guardian")
        .filter(participant__user=person)
        .order_by("pk")
    )


def _locked(question: GuardianConsent) -> GuardianConsent:
    """As it is now, with all that was asked about the same person."""
    locked = {each.pk: each for each in lock_guardian_requests(question.person)}
    return locked[question.pk]
