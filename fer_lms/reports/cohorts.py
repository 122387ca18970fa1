"""Stored cohorts: digests of learners, look-up of earlier cohorts, and recording of new ones."""

import hashlib
import hmac
import uuid
from collections.abc import Iterable
from datetime import datetime

from fer_lms.disclosure.cohort import Cohort
from fer_lms.reports.models import CohortKey, CohortMember, ReleasedCohort

MAX_CONNECTED_COHORTS = 400
"""Different earlier cohorts that a new one is compared with, nearest first."""
DIGEST_CHARACTERS = 32


def get_key(*, lock: bool = False) -> str:
    """Return the key of the digests.

    Args:
        lock: Hold the row's lock until the transaction ends, so that two sessions whose cohorts
            are released at the same time compare them one after the other.
    """
    CohortKey.objects.get_or_create(pk=1)
    keys = CohortKey.objects.select_for_update() if lock else CohortKey.objects
    return keys.get(pk=1).key


def compute_digest(key: str, public_id: uuid.UUID) -> str:
    """Return the digest of a person, the same in every session."""
    mac = hmac.new(key.encode(), public_id.bytes, hashlib.sha256)
    return mac.hexdigest()[:DIGEST_CHARACTERS]


def list_earlier_cohorts(digests: Iterable[str]) -> set[Cohort]:
    """Return the released cohorts that are linked to these learners by chains of common members."""
    found: dict[int, Cohort] = {}
    reached: set[str] = set()
    new = set(digests)
    while new and len(found) < MAX_CONNECTED_COHORTS:
        reached |= new
        linked = _load_cohorts(new, known=found)
        found |= linked
        new = set().union(*linked.values()) - reached
    return set(found.values())


def record_cohort(members: Cohort, *, now: datetime) -> None:
    """Store a released cohort, or that it was released again."""
    fingerprint = hashlib.sha256("".join(sorted(members)).encode()).hexdigest()
    cohort, created = ReleasedCohort.objects.update_or_create(
        fingerprint=fingerprint[:DIGEST_CHARACTERS], defaults={"released_at": now}
    )
    if created:
        CohortMember.objects.bulk_create(
            CohortMember(cohort=cohort, digest=digest) for digest in sorted(members)
        )


def _load_cohorts(digests: set[str], *, known: dict[int, Cohort]) -> dict[int, Cohort]:
    touched = CohortMember.objects.filter(digest__in=digests).values_list("cohort", flat=True)
    identifiers = set(touched) - set(known)
    members: dict[int, set[str]] = {}
    rows = CohortMember.objects.filter(cohort__in=identifiers).values_list("cohort", "digest")
    for cohort, digest in rows:
        members.setdefault(cohort, set()).add(digest)
    return {cohort: frozenset(digests) for cohort, digests in members.items()}
