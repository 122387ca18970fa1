"""What people may demand, across all apps: that what was kept of them is deleted.

Released lesson reports stay. They hold figures of groups of at least five and no one's id.
"""

import secrets
from datetime import datetime, timedelta
from functools import partial

from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from fer_lms import push
from fer_lms.consent.actions import mark_erased
from fer_lms.consent.models import Consent
from fer_lms.engagement.actions import erase_windows
from fer_lms.engagement.queries import baselines_before, resets_before, windows_before
from fer_lms.lessons.models import InteractionEvent
from fer_lms.people.models import User
from fer_lms.policy.queries import retention_days
from fer_lms.rights.queries import logins_of
from fer_lms.rules.actions import erase_face_evidence
from fer_lms.rules.queries import hints_before, settings_before, states_before

Counts = dict[str, int]


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
    erase_windows(participant_id=consent.participant_id, through_epoch=consent.erase_through_epoch)
    erase_face_evidence(
        participant_id=consent.participant_id, through_epoch=consent.erase_through_epoch
    )
    mark_erased(consent=consent, receipt=secrets.token_urlsafe(16))
    transaction.on_commit(lambda: push.participant_changed(consent.participant_id))
    return True


@transaction.atomic
def purge_expired(*, now: datetime | None = None, dry_run: bool = False) -> Counts:
    """Delete windows and interaction events older than the policy keeps them."""
    oldest_kept = (now or timezone.now()) - timedelta(days=retention_days())
    expired = {
        "windows": windows_before(oldest_kept),
        "events": InteractionEvent.objects.filter(occurred_at__lt=oldest_kept),
        "hints": hints_before(oldest_kept),
        "rule_states": states_before(oldest_kept),
        "rule_settings": settings_before(oldest_kept),
        "baselines": baselines_before(oldest_kept),
        "baseline_resets": resets_before(oldest_kept),
    }
    counts = {name: rows.count() for name, rows in expired.items()}
    if not dry_run:
        for rows in expired.values():
            rows.delete()
    return counts


@transaction.atomic
def erase_person(*, user: User, dry_run: bool = False) -> Counts:
    """Delete a person and everything held on them; returns how many rows of what.

    A dry run does the same and takes it back, so that its numbers are the true ones.
    """
    places = list(user.participations.values_list("pk", flat=True))
    logins = logins_of(user)
    counts = user.delete()[1] | {"sessions.Session": len(logins)}
    Session.objects.filter(pk__in=logins).delete()
    if dry_run:
        transaction.set_rollback(True)
    for participant_id in places:
        transaction.on_commit(partial(push.participant_changed, participant_id))
    return {name: count for name, count in counts.items() if count}
