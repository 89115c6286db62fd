"""Many rows of the ledger in one statement that is always the same.

Django names every value of every row apart: a booking's twenty messages would be a statement of six hundred
parameters, parsed anew each time. Here they are one parameter, a list in JSON.
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
    statement, fields = _insertion(type(rows[0]))
    with connection.cursor() as cursor:
        cursor.execute(statement, [_as_json(rows, fields)])


def update(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Bring these columns of the rows to what the objects say."""
    if not rows:
        return
    statement, fields = _change(type(rows[0]), tuple(names))
    with connection.cursor() as cursor:
        cursor.execute(statement, [_as_json(rows, fields)])


@cache
def _insertion(model: type[models.Model]) -> tuple[str, tuple[Any, ...]]:
    fields = tuple(model._meta.concrete_fields)  # noqa: SLF001  Django's public Meta
    names = ", ".join(str(field.column) for field in fields)
    table = model._meta.db_table  # noqa: SLF001
    rows = _recordset(fields)
    return f"INSERT INTO {table} ({names}) SELECT {names} FROM {rows} ON CONFLICT DO NOTHING", fields  # noqa: S608


@cache
def _change(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, tuple[Any, ...]]:
    meta = model._meta  # noqa: SLF001
    fields: tuple[Any, ...] = tuple(meta.get_field(name) for name in names)
    columns = ", ".join(f"{field.column} = new.{field.column}" for field in fields)
    key = meta.pk
    assert key is not None, "every table here has a key"
    rows, found = _recordset((key, *fields)), f"old.{key.column} = new.{key.column}"
    return f"UPDATE {meta.db_table} AS old SET {columns} FROM {rows} WHERE {found}", (key, *fields)  # noqa: S608


def _recordset(fields: Sequence[Any]) -> str:
    return f"json_to_recordset(%s::json) AS new({', '.join(f'{one.column} {_type(one)}' for one in fields)})"


def _type(field: Any) -> str:
    kind = str(field.db_type(connection)).split("(")[0]
    # Of type varchar(n) what is too long would be cut off silently; the column refuses it.
    return "text" if kind == "varchar" else kind


def _as_json(rows: Sequence[models.Model], fields: Sequence[Any]) -> str:
    values = [{field.column: getattr(row, field.attname) for field in fields} for row in rows]
    return orjson.dumps(values, default=_bytes).decode()


def _bytes(value: Any) -> str:
    """As PostgreSQL reads bytes from text."""
    return "\\x" + bytes(value).hex()
