import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection


@contextmanager
def temporary_database(*, in_file: bool = False) -> Iterator[None]:
    """Migrate an empty database, use it in the block, and delete it.

    It is Django's test database: SQLite's is in memory unless `in_file`, as in production.
    """
    before = str(connection.settings_dict["NAME"])
    with TemporaryDirectory(prefix="fer-lms-bench-") as folder:
        name = str(Path(folder) / "bench.sqlite3") if in_file else None
        if connection.vendor != "sqlite":  # several processes may measure at the same time
            name = f"fer_lms_bench_{os.getpid()}"
        connection.settings_dict["TEST"]["NAME"] = name
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            yield
        finally:
            connection.creation.destroy_test_db(before, verbosity=0)
