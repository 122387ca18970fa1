"""Verification of the audit chain."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Max, Min
from django.utils import timezone

from fer_lms.audit.chain import START
from fer_lms.audit.models import TRUNCATED, AuditEvent, ChainCheck
from fer_lms.audit.triggers import has_triggers

OVERDUE_AFTER = timedelta(hours=50)
"""The chain is verified once a day; without a success for two days there is an alarm."""


@dataclass(frozen=True, slots=True)
class ChainStatus:
    """How far the chain is intact: `number` and `digest` of the last intact row."""

    number: int
    digest: str
    problem: str = ""

    @property
    def is_intact(self) -> bool:
        return not self.problem


def verify_chain(*, known: tuple[int, str] | None = None) -> ChainStatus:
    """Check every row.

    Args:
        known: Number and digest of a row, noted earlier and elsewhere; they detect a log that was
            rewritten or truncated as a whole.
    """
    events = AuditEvent.objects.order_by("number").iterator(chunk_size=2000)
    status = _verify_events(_get_start(), events, known)
    if status.is_intact and known and status.number < known[0]:
        return replace(
            status, problem=f"row {known[0]} is missing: the log ends at {status.number}"
        )
    if status.is_intact and not has_triggers(connection):
        return replace(status, problem="the triggers that reject changes are missing")
    return status


def get_last_verified_at() -> datetime | None:
    newest: datetime | None = ChainCheck.objects.aggregate(newest=Max("verified_at"))["newest"]
    return newest


def is_verification_overdue(now: datetime | None = None) -> bool:
    """Return whether the chain, if there is one, was not verified for two days."""
    first = AuditEvent.objects.aggregate(first=Min("at"))["first"]
    since = get_last_verified_at() or first
    return since is not None and (now or timezone.now()) - since > OVERDUE_AFTER


def _get_start() -> ChainStatus:
    """Return the status before the first row that is left."""
    truncation = AuditEvent.objects.filter(action=TRUNCATED).order_by("-number").first()
    if truncation is None:
        return ChainStatus(0, START)
    return ChainStatus(int(truncation.details["through"]), str(truncation.details["digest"]))


def _verify_events(
    status: ChainStatus, events: Iterable[AuditEvent], known: tuple[int, str] | None
) -> ChainStatus:
    for event in events:
        problem = next(_list_problems(event, status, known), "")
        if problem:
            return replace(status, problem=problem)
        status = ChainStatus(event.number, event.digest)
    return status


def _list_problems(
    event: AuditEvent, previous: ChainStatus, known: tuple[int, str] | None
) -> Iterator[str]:
    if event.number != previous.number + 1:
        yield f"row {previous.number + 1} is missing"
    if event.previous != previous.digest:
        yield f"row {event.number} does not follow row {previous.number}"
    if event.digest != event.compute_digest():
        yield f"row {event.number} was changed"
    if known and event.number == known[0] and event.digest != known[1]:
        yield f"row {event.number} differs from the noted one"
