"""One table on the privacy page, and one line of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoredField:
    name: str
    what: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredGroup:
    title: str
    why: str
    until: str
    model: str
    fields: tuple[StoredField, ...]
