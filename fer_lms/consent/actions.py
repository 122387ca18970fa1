import uuid
from collections.abc import Collection, Iterable, Mapping

from django.db import transaction
from django.utils import timezone

from fer_lms import push
from fer_lms.consent.guardians import (
    ask_guardian,
    guardian_yes_of,
    lock_guardian_requests,
    refused_to,
)
from fer_lms.consent.models import GRANTS, Consent
from fer_lms.consent.queries import (
    current_text_version,
    disclosed_terms,
    get_guardian_request,
    is_current_answer,
)
from fer_lms.lessons.models import Participant
from fer_lms.lessons.support_actions import lock_and_list_supporters
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.policy.queries import active_policy

CHANGED_ALONE = ("own_view", "support_view", "research")
"""What a yes to the camera is not about: each is given and taken back by itself."""


class StaleConsentText(Exception):
    """The person answered another text than the one in force, or was shown other numbers in it or
    other supporters than those that are named; ask again with the new one."""


@transaction.atomic
def grant_consent(
    *,
    participant: Participant,
    text_version: str,
    grants: dict[str, bool],
    text_locale: str = "",
    text_form: str = "",
    supporters: Collection[uuid.UUID] | None = None,
    named: Mapping[str, int] | None = None,
) -> Consent:
    """Store what was said to a text, whole: what is absent is refused. Raises the epoch.

    Where the policy covers learners who cannot agree alone, what was said waits for a guardian.
    `supporters`: who was shown beside that question, `named`: which numbers it named; None where
    whoever asks did not say.
    """
    _refuse_another_text(text_version, named)
    if grants.get("support_view"):
        _refuse_others_than_shown(participant, supporters)
    lock_guardian_requests(participant.user)
    consent = locked_consent(participant)
    if not grants.get("capture"):
        mark_readings_for_erasure(consent)
    consent.text_version, consent.text_locale = text_version, text_locale
    consent.text_form = text_form
    consent.kept_days, consent.small_group = (
        disclosed_terms()["kept_days"],
        disclosed_terms()["small_group"],
    )
    consent.granted_at = timezone.now()
    consent.withdrawn_at = None
    _store_wishes(consent, {grant for grant in GRANTS if grants.get(grant)})
    return raise_epoch(consent)


@transaction.atomic
def change_grants(
    *,
    participant: Participant,
    changes: Mapping[str, bool],
    text_version: str = "",
    supporters: Collection[uuid.UUID] | None = None,
    named: Mapping[str, int] | None = None,
) -> Consent:
    """Change some of CHANGED_ALONE and leave the rest as it is. Raises the epoch.

    A no needs nothing. A yes adds to one that holds, under the text in force (StaleConsentText).
    """
    if changes.get("support_view"):
        _refuse_others_than_shown(participant, supporters)
    lock_guardian_requests(participant.user)
    consent = locked_consent(participant)
    if any(changes.values()):
        _refuse_another_text(text_version, named)
        if consent.state in ("none", "withdrawn") or not is_current_answer(consent):
            raise StaleConsentText(text_version)
        consent.granted_at = timezone.now()
        _store_wishes(consent, _wishes(consent) | {g for g, yes in changes.items() if yes})
    for grant in (grant for grant, yes in changes.items() if not yes):
        _take_back(consent, grant)
    return raise_epoch(consent, camera=camera_changes(consent))


def _refuse_another_text(text_version: str, named: Mapping[str, int] | None) -> None:
    if text_version != current_text_version() or (named is not None and named != disclosed_terms()):
        raise StaleConsentText(text_version)


def mark_readings_for_erasure(consent: Consent) -> None:
    """A no to the camera takes back what was read before, however it is said, and also where that
    was read under a yes that no longer counts. The caller holds the lock and stores the row."""
    if consent.capture or consent.participant.windows.exists():
        consent.erase_through_epoch = consent.epoch


def _refuse_others_than_shown(
    participant: Participant, supporters: Collection[uuid.UUID] | None
) -> None:
    """A yes is a yes to the people whose names one was shown."""
    if supporters is None:
        return
    named = {link.pk for link in lock_and_list_supporters(participant)}
    if named != set(supporters):
        raise StaleConsentText


def _wishes(consent: Consent) -> set[str]:
    granted = {grant for grant in GRANTS if getattr(consent, grant)}
    return granted | set(consent.awaiting_guardian)


def _take_back(consent: Consent, grant: str) -> None:
    setattr(consent, grant, False)
    consent.awaiting_guardian = [each for each in consent.awaiting_guardian if each != grant]


def _store_wishes(consent: Consent, wished: set[str]) -> None:
    """Into the columns what holds at once; beside them what a guardian still has to agree to."""
    policy = active_policy()
    wished = _permitted_wishes(wished, policy)
    consent.guardian, consent.awaiting_guardian = None, []
    if policy is None or not policy.may_need_guardians or not wished:
        set_grants(consent, wished)
    else:
        _store_as_far_as_agreed(consent, wished)


def _store_as_far_as_agreed(consent: Consent, wished: set[str]) -> None:
    """What the guardian's yes covers holds; what no guardian was asked about yet is asked, and
    waits; what a guardian said no to stays off."""
    person, text = consent.participant.user, consent.text_version
    yes = guardian_yes_of(person, text)
    agreed = set(yes.given) if yes else set()
    unasked = wished - agreed - refused_to(person, text)
    question = None
    if unasked:
        question = ask_guardian(person=person, wished=unasked, text_version=text)
    consent.guardian = yes or question or get_guardian_request(person)
    consent.awaiting_guardian = [grant for grant in GRANTS if grant in unasked]
    set_grants(consent, wished & agreed)


def _permitted_wishes(wished: set[str], policy: DeploymentPolicy | None) -> set[str]:
    """Without what the policy lets nobody agree to: no guardian is asked about that either."""
    if policy is None:
        return wished
    forbidden = {
        "server_processing": policy.on_device_only,
        "research": not policy.permits_research,
    }
    return {grant for grant in wished if not forbidden.get(grant)}


def set_grants(consent: Consent, granted: Iterable[str]) -> None:
    """These and no others; pictures go nowhere without the camera."""
    granted = set(granted)
    for grant in GRANTS:
        setattr(consent, grant, grant in granted)
    consent.server_processing = consent.server_processing and consent.capture


@transaction.atomic
def withdraw_consent(*, participant: Participant) -> Consent:
    """Take everything back. What was kept until now is then erased (fer_lms.rights)."""
    consent = locked_consent(participant)
    set_grants(consent, ())
    consent.awaiting_guardian, consent.guardian = [], None
    consent.withdrawn_at = timezone.now()
    consent.erase_through_epoch = consent.epoch
    return raise_epoch(consent)


def mark_erased(*, consent: Consent, receipt: str) -> None:
    """What awaited erasure is gone. The caller holds the row's lock."""
    consent.erase_through_epoch = None
    consent.erased_at = timezone.now()
    consent.receipt = receipt
    consent.save(update_fields=["erase_through_epoch", "erased_at", "receipt"])


def locked_consent(participant: Participant) -> Consent:
    Consent.objects.get_or_create(participant=participant)
    return Consent.objects.select_for_update().get(participant=participant)


def camera_changes(consent: Consent) -> bool:
    """Whether what is about to be stored says something else on the camera than what is stored."""
    stored = Consent.objects.only("capture", "server_processing").get(pk=consent.pk)
    return (stored.capture, stored.server_processing) != (
        consent.capture,
        consent.server_processing,
    )


def raise_epoch(consent: Consent, *, camera: bool = True) -> Consent:
    """Store a change. `camera`: also what is on its way from the camera no longer counts."""
    consent.epoch += 1
    if camera:
        consent.frames_epoch = consent.epoch
    consent.save()
    transaction.on_commit(lambda: push.participant_changed(consent.participant_id))
    return consent
