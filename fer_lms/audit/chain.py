"""The digest of an audit row: a pure function, the same on every database."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

Detail = str | int | bool | None

FIRST_PREVIOUS_DIGEST = "0" * 64
"""`previous` of the first row."""


def compute_row_digest(
    *,
    number: int,
    at: datetime,
    actor: uuid.UUID | None,
    action: str,
    subject_kind: str,
    subject: str,
    details: Mapping[str, Detail],
    previous: str,
) -> str:
    """Return the SHA-256 of a row and of the previous row's digest."""
    content = [
        number,
        at.astimezone(UTC).isoformat(timespec="microseconds"),
        str(actor) if actor else None,
        action,
        subject_kind,
        subject,
        details,
        previous,
    ]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
