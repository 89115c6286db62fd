"""Many rows of the ledger in one statement that is always the same.

Django names every value of every row apart: a booking's twenty messages would be a statement of six hundred
parameters, parsed anew each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import orjson
from django.db import connection, models


def insert(rows: Sequence[models.Model]) -> None:
    """Insert the rows; those whose unique key is there already are passed over."""
    if not rows:
        return
    statement, fields = _statement(type(rows[0]))
    with connection.cursor() as cursor:
        cursor.execute(statement, [[_plain(field, row) for row in rows] for field in fields])


def update(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Bring these columns of the rows to what the objects say."""
    if not rows:
        return
    model = type(rows[0])
    fields: list[Any] = [model._meta.get_field(name) for name in names]  # noqa: SLF001  Django's public Meta
    columns: list[str] = [field.column for field in fields]
    casts = ["%s::uuid[]", *(_cast(field) for field in fields)]
    statement = (
        f"UPDATE {model._meta.db_table} AS old "  # noqa: S608, SLF001  names of ours
        f"SET {', '.join(f'{column} = new.{column}' for column in columns)} "
        f"FROM unnest({', '.join(casts)}) AS new(id, {', '.join(columns)}) WHERE old.id = new.id"
    )
    values = [[_plain(field, row) for row in rows] for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, [[row.pk for row in rows], *values])


@cache
def _statement(model: type[models.Model]) -> tuple[str, tuple[Any, ...]]:
    fields = tuple(model._meta.concrete_fields)  # noqa: SLF001
    names = ", ".join(str(field.column) for field in fields)
    casts = ", ".join(_cast(field) for field in fields)
    table = model._meta.db_table  # noqa: SLF001
    return (
        f"INSERT INTO {table} ({names}) SELECT * FROM unnest({casts}) ON CONFLICT DO NOTHING",  # noqa: S608
        fields,
    )


def _cast(field: Any) -> str:
    if isinstance(field, models.JSONField):
        return "%s::text[]::jsonb[]"
    kind = field.db_type(connection).split("(")[0]
    # A cast to varchar(n) would cut off silently what is too long.
    return "%s::text[]" if kind == "varchar" else f"%s::{kind}[]"


def _plain(field: Any, row: models.Model) -> Any:
    value = getattr(row, field.attname)
    return orjson.dumps(value).decode() if isinstance(field, models.JSONField) else value
