"""The one way into the audit log."""

import re
from collections.abc import Mapping
from datetime import timedelta

import structlog
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from fer_lms.audit.chain import START, Detail
from fer_lms.audit.models import CUT, AuditEvent, ChainCheck
from fer_lms.audit.queries import Verdict, last_verified_at, verify_chain
from fer_lms.audit.triggers import TABLE, create_triggers, drop_triggers
from fer_lms.people.models import User

log = structlog.get_logger(__name__)

LOCK = 0x4645525F41554449
"""PostgreSQL's advisory lock of whoever appends: one at a time, until its transaction ends."""
NO_FREE_TEXT = re.compile(r"[\w.:/#+=,;?&%~-]{0,200}", re.ASCII)
NO_DETAILS: Mapping[str, Detail] = {}
VERIFY_EVERY = timedelta(hours=24)


@transaction.atomic
def record_event(
    *,
    actor: User | None,
    action: str,
    subject: object | None = None,
    details: Mapping[str, Detail] = NO_DETAILS,
) -> AuditEvent:
    """Append what was done to the log, in the caller's transaction: both happen or neither.

    `action` is a code such as `policy.signed`. `subject` is what it was done to: a model's
    instance, or an opaque id. `details` hold codes, numbers and ids, never free text and nobody's
    name (ValueError). Call it last in a transaction: it waits for others who append, and they
    wait for its end. `actor` None: the product by itself, or somebody at the machine's console.
    """
    kind, identifier = _subject(subject)
    _refuse_names([action, identifier, *details.values()], people=[actor, subject])
    number, previous = _end_of_chain()
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
    event.digest = event.sealed()
    event.save()
    transaction.on_commit(lambda: log.info("audit", number=event.number, digest=event.digest))
    return event


@transaction.atomic
def cut_before(*, number: int) -> int:
    """Delete the rows before this one, because their time is over; returns how many.

    A row tells which digest the log was cut at, so that what is left still proves that nothing
    else is missing. This is the only deletion, and the triggers are away inside it only.
    """
    _lock()
    last = AuditEvent.objects.filter(number__lt=number).order_by("-number").first()
    if last is None:
        return 0
    record_event(actor=None, action=CUT, details={"through": last.number, "digest": last.digest})
    drop_triggers(connection)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE number <= %s", [last.number])  # noqa: S608
        deleted: int = cursor.rowcount
    create_triggers(connection)
    return deleted


def check_chain(*, known: tuple[int, str] | None = None) -> Verdict:
    """Follow the chain, and keep when it was found whole. That is kept beside the log and not in
    it, so that looking changes nothing that somebody noted of the log's end."""
    verdict = verify_chain(known=known)
    if verdict.whole:
        found = {"verified_at": timezone.now(), "number": verdict.number}
        ChainCheck.objects.update_or_create(pk=1, defaults=found)
    else:
        log.error("audit_broken", after=verdict.number)
    return verdict


def check_chain_daily() -> None:
    """Once a day, however often it is asked; a chain that is broken is told at each asking."""
    last = last_verified_at()
    if last is None or timezone.now() - last > VERIFY_EVERY:
        check_chain()


def _end_of_chain() -> tuple[int, str]:
    """Number and digest of the last row, which nobody else can append to until we are done."""
    _lock()
    last = AuditEvent.objects.order_by("-number").values_list("number", "digest").first()
    return last or (0, START)


def _lock() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    # SQLite's transactions are IMMEDIATE (settings): there is one writer at a time anyway.


def _subject(subject: object | None) -> tuple[str, str]:
    if subject is None:
        return "", ""
    if isinstance(subject, User):
        return subject._meta.label_lower, str(subject.public_id)
    if isinstance(subject, Model):
        return subject._meta.label_lower, str(subject.pk)
    return "", str(subject)


def _refuse_names(values: list[Detail], *, people: list[object | None]) -> None:
    names = {
        name.casefold()
        for person in people
        if isinstance(person, User)
        for name in (person.username, person.first_name, person.last_name, person.email)
        if name
    }
    for value in values:
        if isinstance(value, str) and (
            not NO_FREE_TEXT.fullmatch(value) or value.casefold() in names
        ):
            raise ValueError("The audit log takes codes, numbers and opaque ids only.")
