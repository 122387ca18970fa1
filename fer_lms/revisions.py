"""Revisions of editable objects: a digest of the fields that an editor saves together."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


class RevisionConflictError(Exception):
    """The stored object differs from the one on which the save is based."""


def compute_revision(values: Mapping[str, Any]) -> str:
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def check_revision(base: str | None, values: Mapping[str, Any]) -> None:
    """Compare the base of a save with the stored values; no base: not checked.

    Raises:
        RevisionConflictError: They differ.
    """
    if base and base != compute_revision(values):
        raise RevisionConflictError
