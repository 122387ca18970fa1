"""What a deletion leaves behind in a database's own files."""

from django.db import connection

PATIENCE_MS = 2_000


def checkpoint_wal() -> None:
    """Have SQLite write its journal into the database and cut it off: until then the journal holds
    deleted rows as they were. Deleted pages are overwritten (`secure_delete`, settings.py).

    Where somebody is reading it waits for a moment at most; the next deletion tries again. What
    PostgreSQL leaves until it vacuums is in docs/privacy.md.
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        usual = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {PATIENCE_MS}")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {int(usual)}")
