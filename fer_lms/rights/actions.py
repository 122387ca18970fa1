"""What people may demand, across all rooms: that what was kept of them is deleted.

Released class reports stand or are withdrawn whole, as the policy says (fer_lms.reports.actions).
Each erasure is told to the audit log and leaves a receipt: a random word that says nothing.
"""

import secrets
from dataclasses import dataclass
from functools import partial

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import transaction

from fer_lms import push
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

Counts = dict[str, int]


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure deleted, and the word by which it can be asked about."""

    counts: Counts
    receipt: str


def erase_withdrawn() -> int:
    """Erase what every withdrawal has taken back; returns how many were carried out."""
    waiting = Consent.objects.filter(erase_through_epoch__isnull=False)
    return sum(erase_for_consent(consent_id=pk) for pk in waiting.values_list("pk", flat=True))


@transaction.atomic
def erase_for_consent(*, consent_id: int) -> bool:
    """Delete the windows that one withdrawal took back, and leave a receipt that says nothing.

    The locked row keeps out a worker that is writing windows of the same learner.
    """
    consent = Consent.objects.select_for_update().filter(pk=consent_id).first()
    if consent is None or consent.erase_through_epoch is None:
        return False
    withdraw_release(participant=consent.participant, camera_only=True)
    through = consent.erase_through_epoch
    windows = erase_windows(participant_id=consent.participant_id, through_epoch=through)
    erase_face_evidence(participant_id=consent.participant_id, through_epoch=through)
    receipt = _fresh_receipt()
    mark_erased(consent=consent, receipt=receipt)
    transaction.on_commit(lambda: push.notify_participant_changed(consent.participant_id))
    transaction.on_commit(checkpoint_wal)
    record_event(
        actor=None,
        action="consent.erased",
        subject=consent.participant,
        details={"rows": windows, "receipt": receipt},
    )
    return True


@transaction.atomic
def erase_person(*, user: User, actor: User | None = None, dry_run: bool = False) -> Erased:
    """Delete a person and everything held on them; returns how many rows of what.

    A dry run does the same and takes it back, so that its numbers are the true ones.
    """
    # Whoever writes windows of this learner waits, and then finds nobody to write them for.
    list(Consent.objects.select_for_update().filter(participant__user=user).order_by("pk"))
    places = list(user.participations.select_related("session"))
    withdrawn = sum(
        withdraw_release(participant=each, camera_only=False)
        for each in places
        if each.role == Role.STUDENT
    )
    public_id = str(user.public_id)
    acted = None if actor is None or actor.pk == user.pk else actor
    counts = _delete_everything(user)
    erased = Erased({name: count for name, count in counts.items() if count}, _fresh_receipt())
    record_event(
        actor=acted,
        action="person.erased",
        subject=public_id,
        details={
            "rows": sum(erased.counts.values()),
            "reports_withdrawn": withdrawn,
            "by_themselves": actor is not None and acted is None,
            "receipt": erased.receipt,
        },
    )
    if dry_run:
        transaction.set_rollback(True)
    for participant in places:
        transaction.on_commit(partial(push.notify_participant_changed, participant.pk))
    transaction.on_commit(checkpoint_wal)
    return erased


def _delete_everything(user: User) -> Counts:
    logins = list_session_keys(user)
    people = ContentType.objects.get_for_model(User)
    # The admin's log names the people whose rows were changed there.
    named = LogEntry.objects.filter(content_type=people, object_id=str(user.pk)).delete()[0]
    Session.objects.filter(pk__in=logins).delete()
    counts = user.delete()[1]
    entries = counts.get("admin.LogEntry", 0) + named
    return counts | {"sessions.Session": len(logins), "admin.LogEntry": entries}


def _fresh_receipt() -> str:
    return secrets.token_urlsafe(16)
