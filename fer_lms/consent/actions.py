from django.db import transaction
from django.utils import timezone

from fer_lms import push
from fer_lms.consent.models import GRANTS, Consent
from fer_lms.consent.queries import current_text_version
from fer_lms.lessons.models import Participant


class StaleConsentText(Exception):
    """The person answered another text than the one in force; ask again with the new one."""


@transaction.atomic
def grant_consent(
    *, participant: Participant, text_version: str, grants: dict[str, bool]
) -> Consent:
    """Store what was said to a text, whole: what is absent is refused. Raises the epoch."""
    if text_version != current_text_version():
        raise StaleConsentText(text_version)
    consent = _locked_consent(participant)
    for grant in GRANTS:
        setattr(consent, grant, grants.get(grant, False))
    consent.server_processing = consent.server_processing and consent.capture
    consent.text_version = text_version
    consent.granted_at = timezone.now()
    consent.withdrawn_at = None
    return _raise_epoch(consent)


@transaction.atomic
def withdraw_consent(*, participant: Participant) -> Consent:
    """Take everything back. What was kept until now is then erased (fer_lms.rights)."""
    consent = _locked_consent(participant)
    for grant in GRANTS:
        setattr(consent, grant, False)
    consent.withdrawn_at = timezone.now()
    consent.erase_through_epoch = consent.epoch
    return _raise_epoch(consent)


def mark_erased(*, consent: Consent, receipt: str) -> None:
    """What awaited erasure is gone. The caller holds the row's lock."""
    consent.erase_through_epoch = None
    consent.erased_at = timezone.now()
    consent.receipt = receipt
    consent.save(update_fields=["erase_through_epoch", "erased_at", "receipt"])


def _locked_consent(participant: Participant) -> Consent:
    Consent.objects.get_or_create(participant=participant)
    return Consent.objects.select_for_update().get(participant=participant)


def _raise_epoch(consent: Consent) -> Consent:
    consent.epoch += 1
    consent.save()
    transaction.on_commit(lambda: push.participant_changed(consent.participant_id))
    return consent
