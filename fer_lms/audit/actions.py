"""Appending to, truncating and verifying the audit log; nothing else writes to it."""

import re
from collections.abc import Mapping
from datetime import timedelta

import structlog
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from fer_lms.audit.chain import FIRST_PREVIOUS_DIGEST, Detail
from fer_lms.audit.models import TRUNCATION_ACTION, AuditEvent, ChainCheck
from fer_lms.audit.queries import ChainStatus, get_last_verified_at, verify_chain
from fer_lms.audit.triggers import AUDIT_TABLE, create_triggers, drop_triggers
from fer_lms.people.models import User

log = structlog.get_logger(__name__)

ADVISORY_LOCK_ID = 0x4645525F41554449
"""PostgreSQL advisory lock that serialises appends."""
CODE_PATTERN = re.compile(r"[\w.:/#+=,;?&%~-]{0,200}", re.ASCII)
NO_DETAILS: Mapping[str, Detail] = {}
VERIFICATION_INTERVAL = timedelta(hours=24)


@transaction.atomic
def record_event(
    *,
    actor: User | None,
    action: str,
    subject: object,
    details: Mapping[str, Detail] = NO_DETAILS,
) -> AuditEvent:
    """Append an event to the audit log in the caller's transaction.

    Call it last in a transaction: transactions that append wait for each other.

    Args:
        actor: Who did it; None for the program itself or the console.
        action: A code such as `policy.signed`.
        subject: What it was done to: a model's instance or an opaque id.
        details: Codes, numbers and opaque ids.

    Raises:
        ValueError: A value is free text or a name of the actor or subject.
    """
    kind, identifier = _identify_subject(subject)
    _check_values([action, identifier, *details.values()], people=[actor, subject])
    number, previous = _lock_last_row()
    event = AuditEvent(
        number=number + 1,
        at=timezone.now(),
        actor=actor.public_id if actor else None,
        action=action,
        subject_kind=kind,
        subject=identifier,
        details=dict(details),
        previous=previous,
    )
    event.digest = event.compute_digest()
    event.save()
    transaction.on_commit(lambda: log.info("audit", number=event.number, digest=event.digest))
    return event


@transaction.atomic
def truncate_before(*, number: int) -> int:
    """Delete the rows before this number, whose retention is over, and return how many.

    A new row records the digest of the last deleted one, so that the rest can still be verified.
    Nothing else deletes rows, and nothing else drops the triggers.
    """
    _lock_log()
    last = AuditEvent.objects.filter(number__lt=number).order_by("-number").first()
    if last is None:
        return 0
    record_event(
        actor=None,
        action=TRUNCATION_ACTION,
        subject=AuditEvent._meta.label_lower,
        details={"through": last.number, "digest": last.digest},
    )
    drop_triggers(connection)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {AUDIT_TABLE} WHERE number <= %s", [last.number])  # noqa: S608
        deleted: int = cursor.rowcount
    create_triggers(connection)
    return deleted


def check_chain(*, known_row: tuple[int, str] | None = None) -> ChainStatus:
    """Verify the chain and, if it is intact, store the time in ChainCheck."""
    status = verify_chain(known_row=known_row)
    if status.is_intact:
        check = {"verified_at": timezone.now(), "number": status.number}
        ChainCheck.objects.update_or_create(pk=1, defaults=check)
    else:
        log.error("audit_broken", after=status.number)
    return status


def check_chain_daily() -> None:
    """Verify the chain if the last successful verification is more than a day old."""
    last = get_last_verified_at()
    if last is None or timezone.now() - last > VERIFICATION_INTERVAL:
        check_chain()


def _lock_last_row() -> tuple[int, str]:
    """Return number and digest of the last row; the lock excludes other appends."""
    _lock_log()
    last = AuditEvent.objects.order_by("-number").values_list("number", "digest").first()
    return last or (0, FIRST_PREVIOUS_DIGEST)


def _lock_log() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK_ID])
    # SQLite's transactions are IMMEDIATE (settings): one writer at a time.


def _identify_subject(subject: object) -> tuple[str, str]:
    if subject is None or subject == "":
        raise ValueError("An audit row needs a subject: a row, or the name of a table or setting.")
    if isinstance(subject, User):
        return subject._meta.label_lower, str(subject.public_id)
    if isinstance(subject, Model):
        return subject._meta.label_lower, str(subject.pk)
    return "", str(subject)


def _check_values(values: list[Detail], *, people: list[object | None]) -> None:
    names = {
        name.casefold()
        for person in people
        if isinstance(person, User)
        for name in (person.username, person.first_name, person.last_name, person.email)
        if name
    }
    for value in values:
        if isinstance(value, str) and (
            not CODE_PATTERN.fullmatch(value) or value.casefold() in names
        ):
            raise ValueError("The audit log accepts codes, numbers and opaque ids only.")
