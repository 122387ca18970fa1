"""Stored attendance of released levels: digests of learners, look-up, and recording."""

import hashlib
import hmac
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from fer_lms.disclosure.cohort import Cohort, has_enough_present
from fer_lms.lessons.models import LessonSession
from fer_lms.reports.models import CohortKey, CohortMember, ReleasedCohort

MAX_CONNECTED_COHORTS = 400
"""Different earlier groups that a new one is compared with, nearest first."""
MIN_LINKED_SHARE = 0.75
"""Share of the students of either session who have to be present in both, to link levels."""
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


def compute_noise_key(key: str, session_id: uuid.UUID) -> bytes:
    """Return the key of the noise in a session's figures."""
    return hmac.new(key.encode(), b"noise" + session_id.bytes, hashlib.sha256).digest()


def list_earlier_groups(digests: Iterable[str]) -> set[Cohort]:
    """Return who was present where levels were released, of all sessions that are linked to these
    learners by common students."""
    found: dict[int, Cohort] = {}
    reached: set[str] = set()
    new = set(digests)
    while new and len(found) < MAX_CONNECTED_COHORTS:
        reached |= new
        linked = _load_groups(new, known=found)
        found |= linked
        new = set().union(*linked.values()) - reached
    return set(found.values())


def record_group(
    present: Cohort,
    *,
    now: datetime,
    session: LessonSession | None = None,
    level: Sequence[float | None] = (),
) -> None:
    """Store who was present where levels were released, or that again.

    Args:
        present: Digests of everybody who counted by attendance, with or without a camera.
        now: When they were released.
        session: The session of final figures, to which later ones may be linked.
        level: Its levels without rounding; None where there is no data.
    """
    fingerprint = hashlib.sha256("".join(sorted(present)).encode()).hexdigest()
    released: dict[str, object] = {"released_at": now}
    if session is not None:
        released |= {"session": session, "level": list(level)}
    cohort, created = ReleasedCohort.objects.update_or_create(
        fingerprint=fingerprint[:DIGEST_CHARACTERS], defaults=released
    )
    if created:
        CohortMember.objects.bulk_create(
            CohortMember(cohort=cohort, digest=digest) for digest in sorted(present)
        )


def forget_level(session: LessonSession) -> None:
    """Delete the unrounded levels of a session whose report is withdrawn."""
    ReleasedCohort.objects.filter(session=session).update(session=None, level=[])


def find_linkable(
    present: Cohort, min_group_size: int, *, since: datetime
) -> ReleasedCohort | None:
    """Return the newest release of mostly the same students that levels can be linked to.

    Only attendance and time decide.

    Args:
        present: Digests of those who are present now.
        min_group_size: The threshold.
        since: Readings of sessions that ended before may be deleted.
    """
    rows = ReleasedCohort.objects.filter(session__ended_at__gt=since).exclude(level=[])
    touched = CohortMember.objects.filter(digest__in=present).values("cohort")
    rows = rows.filter(pk__in=touched).order_by("-released_at", "-pk").select_related("session")
    for cohort in rows.prefetch_related("members"):
        others = {member.digest for member in cohort.members.all()}
        common = present & others
        if has_enough_present(common, min_group_size) and len(common) >= MIN_LINKED_SHARE * max(
            len(present), len(others)
        ):
            return cohort
    return None


def _load_groups(digests: set[str], *, known: Mapping[int, Cohort]) -> dict[int, Cohort]:
    touched = CohortMember.objects.filter(digest__in=digests).values_list("cohort", flat=True)
    identifiers = set(touched) - set(known)
    present: dict[int, set[str]] = {}
    rows = CohortMember.objects.filter(cohort__in=identifiers)
    for cohort, digest in rows.values_list("cohort", "digest"):
        present.setdefault(cohort, set()).add(digest)
    return {cohort: frozenset(digests) for cohort, digests in present.items()}
