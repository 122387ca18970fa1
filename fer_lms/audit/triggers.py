"""Database triggers that reject changes to the audit log."""

from django.db.backends.base.base import BaseDatabaseWrapper

AUDIT_TABLE = "audit_auditevent"
SQLITE_STATEMENTS = [
    f"CREATE TRIGGER IF NOT EXISTS audit_no_{verb} BEFORE {verb} ON {AUDIT_TABLE} "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
    for verb in ("UPDATE", "DELETE")
]
POSTGRESQL_STATEMENTS = [
    "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$",
    "CREATE OR REPLACE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE "
    f"ON {AUDIT_TABLE} FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
]
TRIGGER_NAMES = {
    "sqlite": ("audit_no_UPDATE", "audit_no_DELETE"),
    "postgresql": ("audit_no_change",),
}


def create_triggers(connection: BaseDatabaseWrapper) -> None:
    statements = SQLITE_STATEMENTS if connection.vendor == "sqlite" else POSTGRESQL_STATEMENTS
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def drop_triggers(connection: BaseDatabaseWrapper) -> None:
    table = "" if connection.vendor == "sqlite" else f" ON {AUDIT_TABLE}"
    with connection.cursor() as cursor:
        for name in TRIGGER_NAMES[connection.vendor]:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{table}")


def has_triggers(connection: BaseDatabaseWrapper) -> bool:
    names = TRIGGER_NAMES[connection.vendor]
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled <> 'D'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [AUDIT_TABLE])
        return set(names) <= {row[0] for row in cursor.fetchall()}
