"""Locks of the database's own that no row stands for; each kind has a number of its own."""

from django.db import connection

MOST = 2**31


def hold(kind: int, number: int) -> None:
    """Wait until nobody else holds this, and hold it until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [kind, number % MOST])
