"""Removing deleted rows from SQLite's write-ahead log."""

from django.db import connection

CHECKPOINT_TIMEOUT_MS = 2_000


def checkpoint_wal() -> None:
    """Checkpoint and truncate SQLite's write-ahead log, which still holds deleted rows.

    Deleted pages are overwritten (`secure_delete`, settings.py). While there are readers it waits
    for CHECKPOINT_TIMEOUT_MS at most; the next deletion tries again. PostgreSQL keeps dead rows
    until it vacuums (docs/privacy.md).
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        timeout = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {CHECKPOINT_TIMEOUT_MS}")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {int(timeout)}")
