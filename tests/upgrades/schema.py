"""Describe a database's schema, so that a migrated one can be compared with a new one."""

from typing import Any

from django.apps import apps
from django.db import connection


def describe_schema(cursor: Any) -> dict[str, list[list[Any]]]:
    """Return by table the columns (name, type, nullable) and the constraints named in models."""
    introspection = connection.introspection
    schema: dict[str, list[list[Any]]] = {}
    for table in introspection.table_names(cursor):
        columns = introspection.get_table_description(cursor, table)
        schema[table] = sorted(
            [column.name, str(column.type_code), bool(column.null_ok)] for column in columns
        )
    for model in apps.get_models():
        found = introspection.get_constraints(cursor, model._meta.db_table)
        names = {item.name for item in [*model._meta.constraints, *model._meta.indexes]}
        schema[model._meta.db_table] += sorted([name] for name in names & found.keys())
    return schema
