"""Everything that `doctor` and "Ready for learners?" look at. What is broken is an answer, never an
exception."""

import os
import shutil
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.executor import MigrationExecutor

from fer_lms.environment import find_unknown_variables
from fer_lms.operations.findings import Finding, Section
from fer_lms.operations.learner_checks import permission_findings, proof_findings
from fer_lms.operations.model_checks import model_findings
from fer_lms.operations.person_checks import person_findings
from fer_lms.operations.redis_checks import redis_findings
from fer_lms.operations.safety_checks import safety_findings

LOW_DISK_MB = 500


def all_sections(*, open_models: bool) -> list[Section]:
    """`open_models`: whether this process may make a detector. One that serves people may not: the
    libraries for it belong into workers alone."""
    database = list(_database())
    usable = all(finding.state == "ok" for finding in database)
    return [
        _section("May it read faces?", permission_findings() if usable else ()),
        _section("Is it running?", [*database, *_running(open_models)]),
        _section("Is it safe?", safety_findings()),
        _section("Is it kept and proved as promised?", proof_findings() if usable else ()),
        _section("What only a person can check", person_findings()),
    ]


def _section(title: str, findings: Iterable[Finding]) -> Section:
    return Section(title, tuple(findings))


def _running(open_models: bool) -> Iterator[Finding]:
    yield from redis_findings()
    yield from model_findings(open_models=open_models)
    yield _front_end()
    yield _disk()
    yield from _environment()


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


def _waiting_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _front_end() -> Finding:
    manifest = settings.FRONTEND_DIST / "manifest.json"
    if manifest.exists():
        return Finding("front end", "ok", f"built in {settings.FRONTEND_DIST}")
    detail = "not built: run `npm --prefix frontend ci && npm --prefix frontend run build`"
    return Finding("front end", "missing", detail)


def _disk() -> Finding:
    free = shutil.disk_usage(settings.VAR_DIR).free // 2**20
    return Finding("disk", "ok" if free > LOW_DISK_MB else "warning", f"{free} MB free")


def _environment() -> Iterator[Finding]:
    for name, similar in find_unknown_variables(os.environ, settings.KNOWN_VARIABLES).items():
        advice = f"use {similar}" if similar else "remove it"
        yield Finding("environment", "warning", f"{name} is unknown and has no effect: {advice}")
