"""A database of its own for simulations, beside the one that is configured: made, migrated, and dropped."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection
from psycopg import sql


@contextmanager
def database_of_its_own() -> Iterator[None]:
    """Until the end of the block the connection of this process leads to an empty database of its own.

    Whatever the configured database holds is neither read nor written. The account needs the right to create
    databases.
    """
    configured = connection.settings_dict["NAME"]
    own = f"{configured}_simulation_{os.getpid()}"
    _command("DROP DATABASE IF EXISTS {}", own)
    _command("CREATE DATABASE {}", own)
    try:
        _lead_to(own)
        call_command("migrate", verbosity=0)
        # Thousands of small commits, and nothing is lost with them.
        _command("ALTER DATABASE {} SET synchronous_commit = off", own)
        _lead_to(own)
        yield
    finally:
        _lead_to(configured)
        _command("DROP DATABASE IF EXISTS {}", own)


def _command(command: str, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(command).format(sql.Identifier(name)))


def _lead_to(name: str) -> None:
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's wrapper has one
    connection.settings_dict["NAME"] = name
