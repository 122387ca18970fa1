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
        if in_file and connection.vendor == "sqlite":
            connection.settings_dict["TEST"]["NAME"] = str(Path(folder) / "bench.sqlite3")
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            yield
        finally:
            connection.creation.destroy_test_db(before, verbosity=0)
