"""Signs that the demo lives: the pages answer, the gateway listens, stations are online."""

import contextlib
import http.client
import socket
from typing import LiteralString

from chargenet.embedded import addresses
from chargenet.env import env_secret

ANSWER_WITHIN_S = 10.0
SERVER_ERROR = 500


def page_answers(host: str, port: int) -> bool:
    """Say whether the web process answers without failing."""
    line = http.client.HTTPConnection(host, port, timeout=ANSWER_WITHIN_S)
    with contextlib.closing(line):
        try:
            line.request("GET", "/")
            return line.getresponse().status < SERVER_ERROR
        except (OSError, http.client.HTTPException):
            return False


def listens(host: str, port: int) -> bool:
    """Say whether somebody takes connections at a port."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def stations_online() -> int:
    """Return how many stations hold a socket, as the gateway has written it down."""
    return int(str(_look("SELECT count(*) FROM stations_station WHERE is_online") or 0))


def first_operator() -> str:
    """Return the slug of the demo's own operator, empty where there is none."""
    return str(_look("SELECT slug FROM core_operator ORDER BY id LIMIT 1") or "")


def _look(query: LiteralString) -> object:
    import psycopg

    own = env_secret("DATABASE_URL_SYSTEM")
    url = own or env_secret("DATABASE_URL") or addresses.database_url()
    role = "" if own else "-c role=chargenet_system"
    try:
        with psycopg.connect(url, options=role, connect_timeout=5) as connection:
            row = connection.execute(query).fetchone()
    except psycopg.Error:
        return None
    return row[0] if row else None
