"""Emptying and filling the tests' database in milliseconds, as is done around almost every test.

Django truncates every table, whether a row is in it or not, and makes all content types and permissions anew:
a fifth of a second, more than most tests take. The cast takes sixty statements where it is written anew.
"""

from django.db import connection
from django.test import TransactionTestCase

#: What `migrate` writes, and no test changes.
OF_MIGRATE = ("django_migrations", "django_content_type", "auth_permission")

#: Runs `deed` for each table of ours, `{0}` being its name. Without triggers, since the journal refuses to
#: forget, and foreign keys would ask for an order; for this statement alone, since tests are about them.
FOR_EACH_TABLE = f"""
DO $$
DECLARE name text; filled bool; counter regclass; top bigint;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN
        SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = %s AND c.relkind = 'r' AND c.relname <> ALL ('{{{",".join(OF_MIGRATE)}}}')
    LOOP
        {{deed}}
    END LOOP;
    SET LOCAL session_replication_role = DEFAULT;
END $$
"""
EMPTY = "EXECUTE format('DELETE FROM public.%I', name);"
KEEP = """
EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO filled;
IF filled THEN EXECUTE format('CREATE TABLE kept.%I AS TABLE public.%I', name, name); END IF;
"""
#: Numbers that the rows put back have are not given out again: Django's `add` to a many-to-many passes over a
#: number that is taken without a word.
RESTORE = """
EXECUTE format('INSERT INTO public.%I SELECT * FROM kept.%I', name, name);
counter := pg_get_serial_sequence(format('public.%I', name), 'id');
IF counter IS NOT NULL THEN
    EXECUTE format('SELECT max(id) FROM public.%I', name) INTO top;
    PERFORM setval(counter, GREATEST(top, pg_sequence_last_value(counter)));
END IF;
"""


def empty(_test: TransactionTestCase | None = None) -> None:
    """Remove every row, and commit. Takes the place of `TransactionTestCase._fixture_teardown` as well."""
    _for_each_table("public", EMPTY)


def keep() -> None:
    """Keep every row of now aside, for `restore`."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA kept")
    _for_each_table("public", KEEP)


def restore() -> None:
    """Put back the rows that `keep` has kept, into tables that have none of them."""
    _for_each_table("kept", RESTORE)


def _for_each_table(schema: str, deed: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FOR_EACH_TABLE.replace("{deed}", deed).replace("%s", f"'{schema}'"))
