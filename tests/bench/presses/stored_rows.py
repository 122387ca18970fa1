"""What a write changed in the database of a running demonstration, read beside it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from fer_lms.stack import Stack

COUNTED_APPS = ("lessons_", "rules_", "consent_", "people_user", "lti_", "engagement_")
COUNTED_TABLES = ("reports_correction", "audit_auditevent")
NUMBERS = ("revision", "number", "attempts", "epoch")
"""Columns that rise where a row is changed in place."""

SIMULATED = """(SELECT learner.id FROM lessons_participant AS learner
    JOIN people_user AS person ON person.id = learner.user_id WHERE person.simulated)"""
"""Participants of the class that goes on by itself."""

Totals = dict[str, int]


@contextmanager
def open_database(stack: Stack, mode: str = "ro") -> Iterator[sqlite3.Connection]:
    path = Path(stack.environment["DATABASE_URL"].removeprefix("sqlite:///"))
    with closing(sqlite3.connect(f"file:{path}?mode={mode}", uri=True, timeout=30)) as connection:
        yield connection


def change_hint(stack: Stack, hint_id: int, kind: str) -> None:
    """Turn a hint that the learner asked for into one of another kind, as a rule offers it."""
    with open_database(stack, "rw") as connection:
        rule = "(SELECT min(id) FROM rules_interactionrule)"
        query = f"UPDATE rules_hint SET kind = ?, rule_id = {rule} WHERE id = ?"
        connection.execute(query, [kind, hint_id])
        connection.commit()


def read_totals(stack: Stack) -> Totals:
    """Read the number of rows of each table, and the sums of its version numbers."""
    totals: Totals = {}
    with open_database(stack) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in tables.fetchall():
            if not table.startswith(COUNTED_APPS + COUNTED_TABLES):
                continue
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            is_counted_by_row = table.startswith(COUNTED_TABLES)
            sums = [name for name in NUMBERS if name in columns and not is_counted_by_row]
            query = ", ".join(["count(*)", *(f"coalesce(sum({name}), 0)" for name in sums)])
            others = (
                f" WHERE participant_id NOT IN {SIMULATED}" if "participant_id" in columns else ""
            )
            # Names of tables and columns come from the database itself.
            values = connection.execute(f"SELECT {query} FROM {table}{others}").fetchone()
            for name, value in zip(["rows", *sums], values, strict=True):
                totals[f"{table}.{name}"] = int(value)
    return totals


def subtract(after: Totals, before: Totals) -> Totals:
    """Return what changed."""
    changes = {name: value - before.get(name, 0) for name, value in after.items()}
    return {name: change for name, change in changes.items() if change}
