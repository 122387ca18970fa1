"""Databases of every release, migrated forwards by today's code and read by it."""

import gzip
import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from tests.upgrades.schema import describe_schema

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RELEASES = sorted(path.name for path in HERE.iterdir() if (path / "rows.json").exists())
RENAMED_TABLES: dict[str, str] = {
    "rules_settingsseen": "rules_settingssnapshot",
    "rules_teacherword": "rules_teachernotification",
}
"""Former name -> present name."""
REMOVED_TABLES = {"reports_figurecell"}
"""Ten-second cells of open sessions: nothing may be shown of them any more."""
MAY_SHRINK = {"django_session", *REMOVED_TABLES}
MAY_CHANGE = {
    ("reports_release", column) for column in ("cohort", "key", "seen", "through", "took_part")
}
"""(former table, former column) whose values a migration changes on purpose."""
MAY_GROW = {"rules_ruleversion", "consent_consenttext"}
"""Tables to which a migration adds rows."""
REGISTRIES = {"django_migrations", "django_content_type", "auth_permission"}
"""Tables that Django itself writes at every migration."""
DIGEST = """
import json, sys
from django.db import connection
from tests.upgrades.schema import digest_columns
with connection.cursor() as cursor:
    sys.stdout.write(json.dumps(digest_columns(cursor)))
"""


def load_sqlite(release: str, folder: Path) -> str:
    path = folder / "release.sqlite3"
    connection = sqlite3.connect(path)
    connection.executescript(
        gzip.decompress((HERE / release / "sqlite.sql.gz").read_bytes()).decode()
    )
    connection.close()
    return f"sqlite:///{path}"


def load_postgresql(release: str, folder: Path) -> str:
    """Restore the dump into a database of its own, on the server that the tests run on."""
    server = urlsplit(os.environ["DATABASE_URL"])
    name = f"release_{release.replace('.', '_')}"
    socket, _, database = server.path[1:].rpartition("/")
    address = f"host={socket} user=fer"
    with psycopg.connect(f"{address} dbname={database}", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name}")
    dump = gzip.decompress((HERE / release / "postgresql.sql.gz").read_bytes())
    subprocess.run(
        ["psql", "-qv", "ON_ERROR_STOP=1", "-h", socket, "-U", "fer", "-d", name],
        input=dump,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return urlunsplit(server._replace(path=f"/{socket}/{name}"))


@pytest.fixture(params=RELEASES)
def release(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def environment(release: str, tmp_path: Path) -> dict[str, str]:
    on_postgresql = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
    load = load_postgresql if on_postgresql else load_sqlite
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "fer_lms.settings",
        "DATABASE_URL": load(release, tmp_path),
        "FER_SECRET_KEY": "upgrade-fixture",
        "FER_VAR_DIR": str(tmp_path / "var"),
        "FER_RUN_DIR": str(tmp_path / "run"),
    }


def manage(environment: dict[str, str], *arguments: str, code: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        input=code,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def read_json(environment: dict[str, str], code: str) -> dict[str, Any]:
    """Run code in `manage.py shell` and parse the last line that it prints."""
    printed: dict[str, Any] = json.loads(
        manage(environment, "shell", "-v0", code=code).splitlines()[-1]
    )
    return printed


def find_changed_columns(
    before: dict[str, dict[str, str]], after: dict[str, dict[str, str]]
) -> list[str]:
    """Return the former columns whose values no column of the present table holds.

    Columns may have been renamed, so only their values are compared.
    """
    changed = []
    for table, columns in before.items():
        if table in REGISTRIES | REMOVED_TABLES | MAY_GROW:
            continue
        present = Counter(after.get(RENAMED_TABLES.get(table, table), {}).values())
        for column, digest in columns.items():
            if (table, column) not in MAY_CHANGE and not present[digest]:
                changed.append(f"{table}.{column}")
            present[digest] -= 1
    return changed


@pytest.mark.django_db
def test_a_database_of_a_release_is_migrated_and_read(
    release: str, environment: dict[str, str]
) -> None:
    """Nothing is lost, all of it is readable, and the schema is that of a new database."""
    before: dict[str, int] = json.loads((HERE / release / "rows.json").read_text())
    values_before = read_json(environment, DIGEST)
    manage(environment, "migrate", "-v0")
    assert find_changed_columns(values_before, read_json(environment, DIGEST)) == []
    reading = (HERE / "read_everything.py").read_text()
    output = read_json(environment, reading)
    after: dict[str, int] = output["rows"]
    lost = {
        table: (count, after.get(RENAMED_TABLES.get(table, table)))
        for table, count in before.items()
        if table not in MAY_SHRINK and after.get(RENAMED_TABLES.get(table, table), -1) < count
    }
    assert lost == {}
    with connection.cursor() as cursor:
        new_database = describe_schema(cursor)
    assert output["schema"] == new_database


def test_every_table_of_the_project_had_rows_to_migrate(release: str) -> None:
    """A fixture with empty tables would prove nothing about them."""
    rows = json.loads((HERE / release / "rows.json").read_text())
    third_party = ("auth_", "django_", "people_user_")
    through = {"rules_learnergroup_members"}
    empty = [
        table
        for table, count in rows.items()
        if not count and not table.startswith(third_party) and table not in through
    ]
    assert empty == []
