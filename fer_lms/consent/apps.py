from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.models.signals import post_migrate


class ConsentConfig(AppConfig):
    name = "fer_lms.consent"

    def ready(self) -> None:
        post_migrate.connect(_add_missing_languages, sender=self)


def _add_missing_languages(using: str, **_options: Any) -> None:
    """Add languages that were translated after the version's migration was applied."""
    from fer_lms.consent.actions import add_missing_languages

    executor = MigrationExecutor(connections[using])
    if executor.migration_plan(executor.loader.graph.leaf_nodes("consent")):
        return  # migrated in part: the table is missing or an earlier one
    add_missing_languages(using)
