"""All checks of `doctor` and "Ready for learners?". A failure is a finding, never an exception."""

import os
import shutil
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.executor import MigrationExecutor

from fer_lms.environment import find_unknown_variables
from fer_lms.operations.compliance_checks import check_permission, check_retention_and_audit
from fer_lms.operations.findings import Finding, Section
from fer_lms.operations.manual_checks import list_manual_checks
from fer_lms.operations.model_checks import check_models
from fer_lms.operations.redis_checks import check_redis
from fer_lms.operations.security_checks import check_security

MIN_DISK_MB = 500


def run_checks(*, open_models: bool) -> list[Section]:
    """Run all checks.

    Args:
        open_models: Whether to create a face detector too, which loads libraries that the web
            process must not load.
    """
    database = list(check_database())
    is_usable = all(finding.state == "ok" for finding in database)
    return [
        _build_section("Permission to read faces", check_permission() if is_usable else ()),
        _build_section("Services", [*database, *_check_services(open_models)]),
        _build_section("Security", check_security()),
        _build_section("Retention and audit log", check_retention_and_audit() if is_usable else ()),
        _build_section("To be checked by a person", list_manual_checks()),
    ]


def _build_section(title: str, findings: Iterable[Finding]) -> Section:
    return Section(title, tuple(findings))


def _check_services(open_models: bool) -> Iterator[Finding]:
    yield from check_redis()
    yield from check_models(open_models=open_models)
    yield check_front_end()
    yield check_disk()
    yield from check_environment()


def check_database() -> Iterator[Finding]:
    name = f"{connection.vendor} {connection.settings_dict['NAME']}"
    try:
        connection.ensure_connection()
        executor = MigrationExecutor(connection)
        unapplied = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError as error:
        yield Finding("database", "missing", f"{name}: {' '.join(str(error).split())}")
        return
    except InconsistentMigrationHistory as error:
        yield Finding("database", "missing", str(error))
        return
    yield Finding("database", "ok", name)
    if unapplied:
        detail = f"{unapplied} not applied: run `python manage.py migrate`"
        yield Finding("migrations", "missing", detail)
        return
    yield Finding("migrations", "ok", "all applied")


def check_front_end() -> Finding:
    if (settings.FRONTEND_DIST / "manifest.json").exists():
        return Finding("front end", "ok", f"built in {settings.FRONTEND_DIST}")
    detail = "not built: run `make setup`"
    return Finding("front end", "missing", detail)


def check_disk() -> Finding:
    free_mb = shutil.disk_usage(settings.VAR_DIR).free // 2**20
    return Finding("disk", "ok" if free_mb > MIN_DISK_MB else "warning", f"{free_mb} MB free")


def check_environment() -> Iterator[Finding]:
    for name, similar in find_unknown_variables(os.environ, settings.KNOWN_VARIABLES).items():
        advice = f"use {similar}" if similar else "remove it"
        yield Finding("environment", "warning", f"{name} is unknown and has no effect: {advice}")
