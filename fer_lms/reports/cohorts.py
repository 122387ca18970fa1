"""Stored cohorts: digests of learners, look-up of earlier cohorts, and recording of new ones."""

import hashlib
import hmac
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime

from fer_lms.disclosure.cohort import ReleasedGroup
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


def list_earlier_groups(digests: Iterable[str]) -> set[ReleasedGroup]:
    """Return what was released of groups that are linked to these learners by common students."""
    found: dict[int, ReleasedGroup] = {}
    reached: set[str] = set()
    new = set(digests)
    while new and len(found) < MAX_CONNECTED_COHORTS:
        reached |= new
        linked = _load_groups(new, known=found)
        found |= linked
        new = set().union(*(group.present for group in linked.values())) - reached
    return set(found.values())


def record_group(group: ReleasedGroup, *, now: datetime) -> None:
    """Store that levels of a cohort were released, and who was present, or that again."""
    parts = ("".join(sorted(digests)) for digests in (group.members, group.present))
    fingerprint = hashlib.sha256("|".join(parts).encode()).hexdigest()
    cohort, created = ReleasedCohort.objects.update_or_create(
        fingerprint=fingerprint[:DIGEST_CHARACTERS], defaults={"released_at": now}
    )
    if created:
        CohortMember.objects.bulk_create(
            CohortMember(cohort=cohort, digest=digest, counted=digest in group.members)
            for digest in sorted(group.members | group.present)
        )


def _load_groups(
    digests: set[str], *, known: Mapping[int, ReleasedGroup]
) -> dict[int, ReleasedGroup]:
    touched = CohortMember.objects.filter(digest__in=digests).values_list("cohort", flat=True)
    identifiers = set(touched) - set(known)
    present: dict[int, set[str]] = {}
    members: dict[int, set[str]] = {}
    rows = CohortMember.objects.filter(cohort__in=identifiers)
    for cohort, digest, counted in rows.values_list("cohort", "digest", "counted"):
        present.setdefault(cohort, set()).add(digest)
        if counted:
            members.setdefault(cohort, set()).add(digest)
    return {
        cohort: ReleasedGroup(frozenset(members.get(cohort, ())), frozenset(digests))
        for cohort, digests in present.items()
    }
