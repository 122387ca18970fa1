"""Is the log whole? Read from the first row to the last."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection

from fer_lms.audit.chain import START
from fer_lms.audit.models import AuditEvent
from fer_lms.audit.triggers import triggers_present


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
    verdict = _follow(AuditEvent.objects.order_by("number").iterator(chunk_size=2000), known)
    if verdict.whole and known and verdict.number < known[0]:
        return _broken(verdict, f"row {known[0]} is gone: the log ends at {verdict.number}")
    if verdict.whole and not triggers_present(connection):
        return _broken(verdict, "the triggers that refuse changes are missing from the database")
    return verdict


def _follow(events: Iterable[AuditEvent], known: tuple[int, str] | None) -> Verdict:
    verdict = Verdict(0, START)
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
