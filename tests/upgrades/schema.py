"""Describe a database's schema and content, so that a migrated one can be compared."""

import hashlib
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


def digest_columns(cursor: Any) -> dict[str, dict[str, str]]:
    """Return a digest of the sorted values of every column, by table and column."""
    introspection = connection.introspection
    as_text = "hex({})" if connection.vendor == "sqlite" else "{}::text"
    digests: dict[str, dict[str, str]] = {}
    for table in introspection.table_names(cursor):
        digests[table] = {}
        for column in introspection.get_table_description(cursor, table):
            name = connection.ops.quote_name(column.name)
            cursor.execute(f'SELECT {as_text.format(name)} FROM "{table}"')
            values = sorted(str(value) for (value,) in cursor.fetchall())
            digests[table][column.name] = hashlib.sha256("\n".join(values).encode()).hexdigest()
    return digests
