import uuid
from collections.abc import Collection, Iterable, Mapping

from django.db import transaction
from django.utils import timezone

from fer_lms import notifications
from fer_lms.consent.guardians import (
    get_current_guardian_consent,
    list_refused_grants,
    lock_guardian_consents,
    request_guardian_consent,
)
from fer_lms.consent.models import GRANTS, Consent, ConsentText
from fer_lms.consent.queries import (
    get_current_text_version,
    get_disclosed_terms,
    get_guardian_request,
    is_current_answer,
)
from fer_lms.consent.texts import load_texts
from fer_lms.lessons.actions import SessionClosedError
from fer_lms.lessons.models import Participant
from fer_lms.lessons.support_actions import lock_and_list_supporters
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.policy.queries import get_active_policy

SEPARATE_GRANTS = ("own_view", "support_view", "research")
"""Grants that can be changed one at a time and do not affect the camera."""


def add_missing_languages(using: str = "default") -> None:
    """Store the current version's languages that were translated after its migration.

    Args:
        using: Alias of the database.
    """
    texts = ConsentText.objects.using(using)
    version = texts.order_by("-id").values_list("version", flat=True).first()
    for locale, form, body in load_texts(version) if version else ():
        defaults = {"body": body}
        texts.get_or_create(version=version, locale=locale, form=form, defaults=defaults)


class StaleConsentError(Exception):
    """The text, terms or supporters that were shown are not current, or no consent is active."""


@transaction.atomic
def grant_consent(
    *,
    participant: Participant,
    text_version: str,
    grants: dict[str, bool],
    text_locale: str = "",
    text_form: str = "",
    supporters: Collection[uuid.UUID] | None = None,
    disclosed: Mapping[str, int] | None = None,
) -> Consent:
    """Store a complete answer to the consent text and increment the epoch.

    Where the policy covers learners who need a guardian, grants wait for the guardian's consent.

    Args:
        participant: The learner in one session.
        text_version: The version that was shown.
        grants: Answers by grant; an absent grant is refused.
        text_locale: Language of the text that was shown.
        text_form: Form of the text that was shown.
        supporters: Ids of the supporters whose names were shown; None: not checked.
        disclosed: Terms that the shown text contained; None: not checked.

    Raises:
        SessionClosedError: The camera was granted in a closed session, which reads no frames.
        StaleConsentError: What was shown is not current.
    """
    if grants.get("capture") and not participant.session.is_open:
        raise SessionClosedError
    _check_text(text_version, disclosed)
    if grants.get("support_view"):
        _check_supporters(participant, supporters)
    lock_guardian_consents(participant.user)
    consent = _lock_consent(participant)
    if not grants.get("capture"):
        mark_readings_for_erasure(consent)
    consent.text_version, consent.text_locale = text_version, text_locale
    consent.text_form = text_form
    terms = get_disclosed_terms()
    consent.kept_days, consent.small_group = terms["kept_days"], terms["small_group"]
    consent.granted_at = timezone.now()
    consent.withdrawn_at = None
    _store_grants(consent, {grant for grant in GRANTS if grants.get(grant)})
    return increment_epoch(consent)


@transaction.atomic
def change_grants(
    *,
    participant: Participant,
    changes: Mapping[str, bool],
    text_version: str = "",
    supporters: Collection[uuid.UUID] | None = None,
    disclosed: Mapping[str, int] | None = None,
) -> Consent:
    """Change some of SEPARATE_GRANTS, leave the others and increment the epoch.

    A refusal is always stored. A grant needs an active consent to the current text.

    Raises:
        StaleConsentError: What was shown is not current, or there is no active consent.
    """
    if changes.get("support_view"):
        _check_supporters(participant, supporters)
    lock_guardian_consents(participant.user)
    consent = _lock_consent(participant)
    if any(changes.values()):
        _check_text(text_version, disclosed)
        if consent.state in ("none", "withdrawn") or not is_current_answer(consent):
            raise StaleConsentError(text_version)
        consent.granted_at = timezone.now()
        added = {grant for grant, is_granted in changes.items() if is_granted}
        _store_grants(consent, consent.granted | set(consent.awaiting_guardian) | added)
    for grant, is_granted in changes.items():
        if not is_granted:
            setattr(consent, grant, False)
            consent.awaiting_guardian = [
                name for name in consent.awaiting_guardian if name != grant
            ]
    return increment_epoch(consent, camera_changed=is_camera_changed(consent))


@transaction.atomic
def withdraw_consent(*, participant: Participant) -> Consent:
    """Withdraw every grant and mark the stored readings for erasure (fer_lms.rights)."""
    consent = _lock_consent(participant)
    set_grants(consent, ())
    consent.awaiting_guardian, consent.guardian = [], None
    consent.withdrawn_at = timezone.now()
    consent.erase_through_epoch = consent.epoch
    return increment_epoch(consent)


def mark_readings_for_erasure(consent: Consent) -> None:
    """Mark everything read from the camera for erasure; the caller locks and saves the row.

    Windows of an earlier consent can exist although `capture` is false now.
    """
    if consent.capture or consent.participant.windows.exists():
        consent.erase_through_epoch = consent.epoch


def mark_erased(*, consent: Consent, receipt: str) -> None:
    """Store the completed erasure; the caller locks the row."""
    consent.erase_through_epoch = None
    consent.erased_at = timezone.now()
    consent.receipt = receipt
    consent.save(update_fields=["erase_through_epoch", "erased_at", "receipt"])


def set_grants(consent: Consent, granted: Iterable[str]) -> None:
    """Set exactly these grants; server processing requires the camera."""
    granted = set(granted)
    for grant in GRANTS:
        setattr(consent, grant, grant in granted)
    consent.server_processing = consent.server_processing and consent.capture


def is_camera_changed(consent: Consent) -> bool:
    """Return whether the camera's grants in memory differ from the stored ones."""
    stored = Consent.objects.only("capture", "server_processing").get(pk=consent.pk)
    return (stored.capture, stored.server_processing) != (
        consent.capture,
        consent.server_processing,
    )


def increment_epoch(consent: Consent, *, camera_changed: bool = True) -> Consent:
    """Store the consent with a new epoch; if the camera changed, earlier frames are dropped."""
    consent.epoch += 1
    if camera_changed:
        consent.frames_epoch = consent.epoch
    consent.save()
    transaction.on_commit(lambda: notifications.notify_participant_changed(consent.participant_id))
    return consent


def _check_text(text_version: str, disclosed: Mapping[str, int] | None) -> None:
    is_current = disclosed is None or disclosed == get_disclosed_terms()
    if text_version != get_current_text_version() or not is_current:
        raise StaleConsentError(text_version)


def _check_supporters(participant: Participant, shown: Collection[uuid.UUID] | None) -> None:
    if shown is None:
        return
    if {link.pk for link in lock_and_list_supporters(participant)} != set(shown):
        raise StaleConsentError


def _lock_consent(participant: Participant) -> Consent:
    Consent.objects.get_or_create(participant=participant)
    return Consent.objects.select_for_update().get(participant=participant)


def _store_grants(consent: Consent, requested: set[str]) -> None:
    """Set the grants that need no further consent; request the guardian's consent to the others."""
    policy = get_active_policy()
    requested -= _list_forbidden_grants(policy)
    consent.guardian, consent.awaiting_guardian = None, []
    if policy is None or not policy.may_need_guardians or not requested:
        set_grants(consent, requested)
        return
    person, text_version = consent.participant.user, consent.text_version
    current = get_current_guardian_consent(person, text_version)
    agreed = set(current.given) if current else set()
    waiting = requested - agreed - list_refused_grants(person, text_version)
    request = None
    if waiting:
        request = request_guardian_consent(person=person, grants=waiting, text_version=text_version)
    consent.guardian = current or request or get_guardian_request(person)
    consent.awaiting_guardian = [grant for grant in GRANTS if grant in waiting]
    set_grants(consent, requested & agreed)


def _list_forbidden_grants(policy: DeploymentPolicy | None) -> set[str]:
    if policy is None:
        return set()
    forbidden = {
        "server_processing": policy.on_device_only,
        "research": not policy.permits_research,
    }
    return {grant for grant, is_forbidden in forbidden.items() if is_forbidden}
