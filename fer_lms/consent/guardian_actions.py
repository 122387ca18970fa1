"""A guardian's consent, refusal and withdrawal, by link or on a signed form."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from fer_lms.audit.actions import record_event
from fer_lms.audit.chain import Detail
from fer_lms.consent.actions import (
    increment_epoch,
    is_camera_changed,
    mark_readings_for_erasure,
    set_grants,
    withdraw_consent,
)
from fer_lms.consent.guardians import (
    LINK_LIFETIME,
    State,
    can_answer,
    lock_guardian_consents,
)
from fer_lms.consent.models import GRANTS, Consent, GuardianConsent, sort_grants
from fer_lms.consent.queries import is_current_answer
from fer_lms.people.models import User

MAX_REFERENCE_LENGTH = 200
"""Length of all forms' references together; the oldest are cut off first."""


class GuardianConsentStateError(Exception):
    """The request's state does not permit the action: answered, withdrawn, expired or outdated."""


@transaction.atomic
def answer_by_link(
    *, guardian_consent: GuardianConsent, given: Iterable[str], signed_name: str
) -> GuardianConsent:
    """Store the answer from the guardian's page; no grants at all is a refusal."""
    guardian_consent = _lock_request(guardian_consent)
    if not can_answer(guardian_consent):
        raise GuardianConsentStateError
    guardian_consent.way = GuardianConsent.Way.LINK
    guardian_consent.signed_name = signed_name
    allowed = set(given) & set(guardian_consent.asked_for)
    return _store_answer(guardian_consent, allowed, actor=None)


@transaction.atomic
def enter_paper_consent(
    *,
    guardian_consent: GuardianConsent,
    actor: User,
    given: Iterable[str],
    reference: str,
    of_age: bool = False,
) -> GuardianConsent:
    """Store a signed form, or that the learner is of age and needs no guardian."""
    _require_permission(actor)
    guardian_consent = _lock_request(guardian_consent)
    if guardian_consent.state != State.ASKED or not is_current_answer(guardian_consent):
        raise GuardianConsentStateError
    way = GuardianConsent.Way.OF_AGE if of_age else GuardianConsent.Way.PAPER
    guardian_consent.way, guardian_consent.reference = way, reference
    guardian_consent.entered_by = actor
    allowed = set(GRANTS) if of_age else set(given) & set(guardian_consent.asked_for)
    return _store_answer(guardian_consent, allowed, actor=actor)


@transaction.atomic
def withdraw_by_guardian(*, guardian_consent: GuardianConsent, actor: User | None = None) -> None:
    """Withdraw all consents and requests of this learner's guardian, by any of their links.

    The learner's consents that depend on them are withdrawn and then erased. A record that the
    learner is of age is withdrawn by its own link only.
    """
    if actor is not None:
        _require_permission(actor)
    person = guardian_consent.person
    withdrawn = list_withdrawable_consents(guardian_consent, lock_guardian_consents(person))
    if not withdrawn:
        raise GuardianConsentStateError
    for answer in withdrawn:
        answer.state, answer.withdrawn_at = State.WITHDRAWN, timezone.now()
        answer.save(update_fields=["state", "withdrawn_at"])
        record_event(actor=actor, action="guardian.withdrawn", subject=answer)
    for consent in _lock_consents(person):
        is_of_age = consent.guardian is not None and consent.guardian.state == State.GIVEN
        if consent.withdrawn_at is None and not is_of_age:
            withdraw_consent(participant=consent.participant)


def list_withdrawable_consents(
    guardian_consent: GuardianConsent, answers: Iterable[GuardianConsent]
) -> list[GuardianConsent]:
    """Return the learner's requests and answers that the link of this one withdraws."""
    return [
        answer
        for answer in answers
        if answer.state in (State.ASKED, State.GIVEN)
        and (answer.pk == guardian_consent.pk or answer.way != GuardianConsent.Way.OF_AGE)
    ]


@transaction.atomic
def enter_supporters_consent(
    *, guardian_consent: GuardianConsent, actor: User, reference: str
) -> None:
    """Store that a guardian agreed, on a signed form, to the support persons named now."""
    _require_permission(actor)
    guardian_consent = _lock_request(guardian_consent)
    if guardian_consent.state != State.GIVEN or not is_current_answer(guardian_consent):
        raise GuardianConsentStateError
    guardian_consent.given = sort_grants({*guardian_consent.given, "support_view"})
    guardian_consent.supporters_at = timezone.now()
    references = ", ".join(filter(None, [guardian_consent.reference, reference]))
    guardian_consent.reference = references[-MAX_REFERENCE_LENGTH:]
    guardian_consent.entered_by = actor
    guardian_consent.save(update_fields=["given", "supporters_at", "reference", "entered_by"])
    record_event(actor=actor, action="guardian.supporters_agreed", subject=guardian_consent)


@transaction.atomic
def renew_link(*, guardian_consent: GuardianConsent, actor: User) -> GuardianConsent:
    """Renew an expired link, or reopen a refused request if no other is open."""
    _require_permission(actor)
    guardian_consent = _lock_request(guardian_consent)
    others = GuardianConsent.objects.filter(
        person=guardian_consent.person_id,
        text_version=guardian_consent.text_version,
        state=State.ASKED,
    ).exclude(pk=guardian_consent.pk)
    if guardian_consent.state not in (State.ASKED, State.REFUSED) or others.exists():
        raise GuardianConsentStateError
    guardian_consent.state = State.ASKED
    guardian_consent.answered_at, guardian_consent.way = None, ""
    guardian_consent.expires_at = timezone.now() + LINK_LIFETIME
    guardian_consent.save(update_fields=["state", "answered_at", "way", "expires_at"])
    record_event(actor=actor, action="guardian.link_renewed", subject=guardian_consent)
    return guardian_consent


def _require_permission(actor: User) -> None:
    if not (actor.is_active and actor.is_staff and actor.has_perm("consent.enter_guardianconsent")):
        raise PermissionDenied


def _store_answer(
    guardian_consent: GuardianConsent, given: set[str], *, actor: User | None
) -> GuardianConsent:
    guardian_consent.answered_at = timezone.now()
    guardian_consent.state = State.GIVEN if given else State.REFUSED
    guardian_consent.given = sort_grants(given)
    is_support_given = "support_view" in given
    guardian_consent.supporters_at = guardian_consent.answered_at if is_support_given else None
    if given:
        _merge_earlier_consent(guardian_consent)
    guardian_consent.save()
    is_camera_refused = "capture" in guardian_consent.asked_for and "capture" not in given
    for consent in _lock_consents(guardian_consent.person):
        _apply_answer(consent, guardian_consent)
        if is_camera_refused and consent.withdrawn_at is None:
            mark_readings_for_erasure(consent)
            consent.save(update_fields=["erase_through_epoch"])
    details: dict[str, Detail] = {"way": str(guardian_consent.way), "granted": len(given)}
    action = f"guardian.{guardian_consent.state}"
    record_event(actor=actor, action=action, subject=guardian_consent, details=details)
    return guardian_consent


def _merge_earlier_consent(guardian_consent: GuardianConsent) -> None:
    """Merge the earlier consent into this one, unless it was given to other terms."""
    earlier = GuardianConsent.objects.filter(
        person=guardian_consent.person_id,
        text_version=guardian_consent.text_version,
        state=State.GIVEN,
    ).first()
    if earlier is None:
        return
    if is_current_answer(earlier):
        guardian_consent.asked_for = sort_grants(earlier.asked_for + guardian_consent.asked_for)
        guardian_consent.given = sort_grants(earlier.given + guardian_consent.given)
        guardian_consent.supporters_at = guardian_consent.supporters_at or earlier.supporters_at
    earlier.state = State.REPLACED
    earlier.save(update_fields=["state"])


def _apply_answer(consent: Consent, guardian_consent: GuardianConsent) -> None:
    """Grant what the guardian agreed to; a refusal only ends the grants that wait."""
    is_same_text = consent.text_version == guardian_consent.text_version
    if consent.withdrawn_at is not None or consent.guardian_id is None or not is_same_text:
        return
    before = after = consent.granted
    if guardian_consent.state == State.GIVEN:
        after = (before | set(consent.awaiting_guardian)) & set(guardian_consent.given)
        consent.guardian = guardian_consent
    had_waiting_grants = bool(consent.awaiting_guardian)
    consent.awaiting_guardian = []
    set_grants(consent, after)
    if had_waiting_grants or after != before:
        increment_epoch(consent, camera_changed=is_camera_changed(consent))
    else:
        consent.save(update_fields=["guardian"])


def _lock_consents(person: User) -> list[Consent]:
    """Lock a person's consents, in the order in which writers of windows lock them."""
    return list(
        Consent.objects.select_for_update(of=("self",))
        .select_related("participant", "guardian")
        .filter(participant__user=person)
        .order_by("pk")
    )


def _lock_request(guardian_consent: GuardianConsent) -> GuardianConsent:
    """Lock all requests about the same person and return this one as stored."""
    locked = lock_guardian_consents(guardian_consent.person)
    return next(answer for answer in locked if answer.pk == guardian_consent.pk)
