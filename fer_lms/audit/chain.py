"""What a row's seal is made of. Pure: the same row has the same digest on every database."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

Detail = str | int | bool | None

START = "0" * 64
"""Stands before the first row."""


def digest_of(
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
    """SHA-256 over everything in a row and the digest of the row before it."""
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
