"""Everything that `doctor` looks at. What is broken is an answer, never an exception."""

import shutil
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.executor import MigrationExecutor

from fer_lms.audit.triggers import triggers_present
from fer_lms.demo.checks import demo_stays_alone
from fer_lms.operations.findings import Finding
from fer_lms.operations.model_checks import model_findings
from fer_lms.operations.redis_checks import redis_findings
from fer_lms.policy.queries import policy_in_force
from fer_lms.rights.retention import last_purge_at, purge_is_overdue

LOW_DISK_MB = 500


def all_findings() -> Iterator[Finding]:
    yield _installation()
    yield from _demonstration()
    yield from _database()
    yield from redis_findings()
    yield from model_findings()
    yield _front_end()
    yield _disk()


def _installation() -> Finding:
    if settings.DEMO:
        return Finding("installation", "ok", f"demonstration, data in {settings.VAR_DIR}")
    hosts = ", ".join(settings.ALLOWED_HOSTS)
    if settings.DEBUG:
        return Finding("installation", "warning", f"FER_DEBUG is on, answers to {hosts}")
    return Finding("installation", "ok", f"answers to {hosts}, data in {settings.VAR_DIR}")


def _demonstration() -> Iterator[Finding]:
    for message in demo_stays_alone():
        detail = f"{message.msg} {message.hint or ''}".strip()
        yield Finding("demonstration", "missing" if message.is_serious() else "warning", detail)


def _database() -> Iterator[Finding]:
    name = f"{connection.vendor} {connection.settings_dict['NAME']}"
    try:
        connection.ensure_connection()
        waiting = _waiting_migrations()
    except DatabaseError as error:
        yield Finding("database", "missing", f"{name}: {' '.join(str(error).split())}")
        return
    except InconsistentMigrationHistory as error:
        yield Finding("database", "missing", str(error))
        return
    yield Finding("database", "ok", name)
    if waiting:
        detail = f"{waiting} not applied: run `python manage.py migrate`"
        yield Finding("migrations", "missing", detail)
        return
    yield Finding("migrations", "ok", "all applied")
    yield _policy()
    yield _purge()
    yield _audit_log()


def _waiting_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _purge() -> Finding:
    last = last_purge_at()
    when = f"came to its end last on {last:%Y-%m-%d %H:%M} UTC" if last else "has not run yet"
    if purge_is_overdue():
        return Finding("retention", "missing", f"the purge {when}: is beat running?")
    return Finding("retention", "ok", f"the purge {when}")


def _audit_log() -> Finding:
    if triggers_present(connection):
        return Finding("audit log", "ok", "append-only; `audit_verify` follows its chain")
    detail = "the triggers that refuse changes are missing from the database"
    return Finding("audit log", "missing", detail)


def _policy() -> Finding:
    policy = policy_in_force()
    if policy is None:
        return Finding("policy", "warning", "none in force: nothing is inferred")
    infers = "permits inference" if policy.permits_inference else "permits no inference"
    until = f"until {policy.valid_until:%Y-%m-%d}" if policy.valid_until else "without an end"
    detail = (
        f"{policy}, {until}, {infers}, from age {policy.minimum_age}, kept {policy.kept_days} days"
    )
    return Finding("policy", "ok", f"{detail}; signed by {policy.signed_by}")


def _front_end() -> Finding:
    manifest = settings.FRONTEND_DIST / "manifest.json"
    if manifest.exists():
        return Finding("front end", "ok", f"built in {settings.FRONTEND_DIST}")
    detail = "not built: run `npm --prefix frontend ci && npm --prefix frontend run build`"
    return Finding("front end", "missing", detail)


def _disk() -> Finding:
    free = shutil.disk_usage(settings.VAR_DIR).free // 2**20
    return Finding("disk", "ok" if free > LOW_DISK_MB else "warning", f"{free} MB free")
