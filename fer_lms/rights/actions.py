"""Erasure of personal data in every app.

Released class reports stay or are withdrawn, as the policy states (fer_lms.reports.actions). Each
erasure is recorded in the audit log and has a receipt, a random string.
"""

import secrets
from dataclasses import dataclass
from functools import partial

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import transaction

from fer_lms import notifications
from fer_lms.audit.actions import record_event
from fer_lms.consent.actions import mark_erased
from fer_lms.consent.models import Consent
from fer_lms.engagement.actions import erase_windows
from fer_lms.lessons.models import Role
from fer_lms.people.models import User
from fer_lms.reports.actions import withdraw_release
from fer_lms.rights.queries import list_session_keys
from fer_lms.rights.wal_checkpoint import checkpoint_wal
from fer_lms.rules.actions import erase_face_evidence

RowCounts = dict[str, int]


@dataclass(frozen=True, slots=True)
class ErasureResult:
    """Number of deleted rows by table, and the receipt."""

    counts: RowCounts
    receipt: str


def erase_withdrawn_readings() -> int:
    """Erase the readings of every withdrawn consent and return the number of consents."""
    waiting = Consent.objects.filter(erase_through_epoch__isnull=False)
    return sum(erase_for_consent(consent_id=pk) for pk in waiting.values_list("pk", flat=True))


@transaction.atomic
def erase_for_consent(*, consent_id: int) -> bool:
    """Erase the readings of one withdrawn consent and store a receipt.

    The row's lock excludes workers that write windows of the same learner.
    """
    consent = Consent.objects.select_for_update().filter(pk=consent_id).first()
    if consent is None or consent.erase_through_epoch is None:
        return False
    withdraw_release(participant=consent.participant, camera_only=True)
    through = consent.erase_through_epoch
    windows = erase_windows(participant_id=consent.participant_id, through_epoch=through)
    erase_face_evidence(participant_id=consent.participant_id, through_epoch=through)
    receipt = _create_receipt()
    mark_erased(consent=consent, receipt=receipt)
    transaction.on_commit(lambda: notifications.notify_participant_changed(consent.participant_id))
    transaction.on_commit(checkpoint_wal)
    record_event(
        actor=None,
        action="consent.erased",
        subject=consent.participant,
        details={"rows": windows, "receipt": receipt},
    )
    return True


@transaction.atomic
def erase_person(*, user: User, actor: User | None = None, dry_run: bool = False) -> ErasureResult:
    """Delete a person and all their data.

    Args:
        user: Whom to erase.
        actor: Who requested it; None for the console or the purge.
        dry_run: Do the same and roll back, so that the counts are exact.
    """
    # Transactions that write this learner's windows wait for the lock, and then find no consent.
    list(Consent.objects.select_for_update().filter(participant__user=user).order_by("pk"))
    participations = list(user.participations.select_related("session"))
    withdrawn = sum(
        withdraw_release(participant=participant, camera_only=False)
        for participant in participations
        if participant.role == Role.STUDENT
    )
    public_id = str(user.public_id)
    is_self = actor is not None and actor.pk == user.pk
    counts = _delete_person(user)
    deleted = {name: count for name, count in counts.items() if count}
    result = ErasureResult(deleted, _create_receipt())
    record_event(
        actor=None if is_self else actor,
        action="person.erased",
        subject=public_id,
        details={
            "rows": sum(result.counts.values()),
            "reports_withdrawn": withdrawn,
            "by_themselves": is_self,
            "receipt": result.receipt,
        },
    )
    if dry_run:
        transaction.set_rollback(True)
    for participant in participations:
        transaction.on_commit(partial(notifications.notify_participant_changed, participant.pk))
    transaction.on_commit(checkpoint_wal)
    return result


def _delete_person(user: User) -> RowCounts:
    session_keys = list_session_keys(user)
    user_type = ContentType.objects.get_for_model(User)
    # Entries of Django's admin log contain people's names in plain text.
    deleted = LogEntry.objects.filter(content_type=user_type, object_id=str(user.pk)).delete()[0]
    Session.objects.filter(pk__in=session_keys).delete()
    counts = user.delete()[1]
    entries = counts.get("admin.LogEntry", 0) + deleted
    return counts | {"sessions.Session": len(session_keys), "admin.LogEntry": entries}


def _create_receipt() -> str:
    return secrets.token_urlsafe(16)
