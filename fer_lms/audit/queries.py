"""Verification of the audit chain."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Max, Min
from django.utils import timezone

from fer_lms.audit.chain import FIRST_PREVIOUS_DIGEST
from fer_lms.audit.models import TRUNCATION_ACTION, AuditEvent, ChainCheck
from fer_lms.audit.triggers import has_triggers

OVERDUE_AFTER = timedelta(hours=50)
"""The chain is verified once a day; it is reported as overdue after about two days."""


@dataclass(frozen=True, slots=True)
class ChainStatus:
    """Result of verifying the chain: `number` and `digest` of the last intact row."""

    number: int
    digest: str
    problem: str = ""

    @property
    def is_intact(self) -> bool:
        return not self.problem


def verify_chain(*, known_row: tuple[int, str] | None = None) -> ChainStatus:
    """Verify every row, and that the triggers exist.

    Args:
        known_row: Number and digest of a row that were recorded elsewhere, to detect a log that was
            completely rewritten or truncated.
    """
    events = AuditEvent.objects.order_by("number").iterator(chunk_size=2000)
    status = _verify_events(_get_initial_status(), events, known_row)
    if status.is_intact and known_row and status.number < known_row[0]:
        return replace(
            status, problem=f"row {known_row[0]} is missing: the log ends at {status.number}"
        )
    if status.is_intact and not has_triggers(connection):
        return replace(status, problem="the triggers that reject changes are missing")
    return status


def get_last_verified_at() -> datetime | None:
    newest: datetime | None = ChainCheck.objects.aggregate(newest=Max("verified_at"))["newest"]
    return newest


def is_verification_overdue(now: datetime | None = None) -> bool:
    """Return whether there are rows and none were verified for two days."""
    first = AuditEvent.objects.aggregate(first=Min("at"))["first"]
    since = get_last_verified_at() or first
    return since is not None and (now or timezone.now()) - since > OVERDUE_AFTER


def _get_initial_status() -> ChainStatus:
    """Return the status before the first stored row, after a truncation if there was one."""
    truncation = AuditEvent.objects.filter(action=TRUNCATION_ACTION).order_by("-number").first()
    if truncation is None:
        return ChainStatus(0, FIRST_PREVIOUS_DIGEST)
    return ChainStatus(int(truncation.details["through"]), str(truncation.details["digest"]))


def _verify_events(
    status: ChainStatus, events: Iterable[AuditEvent], known_row: tuple[int, str] | None
) -> ChainStatus:
    for event in events:
        problem = next(_list_problems(event, status, known_row), "")
        if problem:
            return replace(status, problem=problem)
        status = ChainStatus(event.number, event.digest)
    return status


def _list_problems(
    event: AuditEvent, previous: ChainStatus, known_row: tuple[int, str] | None
) -> Iterator[str]:
    if event.number != previous.number + 1:
        yield f"row {previous.number + 1} is missing"
    if event.previous != previous.digest:
        yield f"row {event.number} does not follow row {previous.number}"
    if event.digest != event.compute_digest():
        yield f"row {event.number} was changed"
    if known_row and event.number == known_row[0] and event.digest != known_row[1]:
        yield f"row {event.number} differs from the given one"
