"""Is the log whole? Read from the first row to the last."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Max, Min
from django.utils import timezone

from fer_lms.audit.chain import START
from fer_lms.audit.models import CUT, AuditEvent, ChainCheck
from fer_lms.audit.triggers import triggers_present

OVERDUE_AFTER = timedelta(hours=50)
"""The chain is followed once a day. After two days without, somebody has to look."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far the chain holds. `number` and `digest` are those of the last row that does."""

    number: int
    digest: str
    problem: str = ""

    @property
    def whole(self) -> bool:
        return not self.problem


def verify_chain(*, known: tuple[int, str] | None = None) -> Verdict:
    """Check every row. `known` is a number and digest noted earlier, elsewhere: what a log that
    was rewritten or cut short as a whole can no longer show."""
    verdict = _follow(
        _beginning(), AuditEvent.objects.order_by("number").iterator(chunk_size=2000), known
    )
    if verdict.whole and known and verdict.number < known[0]:
        return _broken(verdict, f"row {known[0]} is gone: the log ends at {verdict.number}")
    if verdict.whole and not triggers_present(connection):
        return _broken(verdict, "the triggers that refuse changes are missing from the database")
    return verdict


def last_verified_at() -> datetime | None:
    """When the whole chain was last found whole."""
    newest: datetime | None = ChainCheck.objects.aggregate(newest=Max("verified_at"))["newest"]
    return newest


def verification_is_overdue(now: datetime | None = None) -> bool:
    """Whether the chain was not found whole for two days, though there is one: nobody looked, or
    whoever looked found it broken."""
    first = AuditEvent.objects.aggregate(first=Min("at"))["first"]
    since = last_verified_at() or first
    return since is not None and (now or timezone.now()) - since > OVERDUE_AFTER


def _beginning() -> Verdict:
    """Before the first row; or, where the log was cut, where its newest cut says that it was."""
    cut = AuditEvent.objects.filter(action=CUT).order_by("-number").first()
    if cut is None:
        return Verdict(0, START)
    return Verdict(int(cut.details["through"]), str(cut.details["digest"]))


def _follow(
    verdict: Verdict, events: Iterable[AuditEvent], known: tuple[int, str] | None
) -> Verdict:
    for event in events:
        problem = next(_problems(event, verdict, known), "")
        if problem:
            return _broken(verdict, problem)
        verdict = Verdict(event.number, event.digest)
    return verdict


def _problems(event: AuditEvent, before: Verdict, known: tuple[int, str] | None) -> Iterator[str]:
    if event.number != before.number + 1:
        yield f"row {before.number + 1} is missing"
    if event.previous != before.digest:
        yield f"row {event.number} does not follow row {before.number}"
    if event.digest != event.sealed():
        yield f"row {event.number} was changed"
    if known and event.number == known[0] and event.digest != known[1]:
        yield f"row {event.number} is another one than was noted"


def _broken(verdict: Verdict, problem: str) -> Verdict:
    return Verdict(verdict.number, verdict.digest, problem)
