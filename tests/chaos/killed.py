"""Work that is killed (-9) at each of its writes in turn, until it lives to its end."""

import itertools
import os
import signal
import time
from collections.abc import Callable
from typing import Any

from django.db import connection

from chargenet.core import events

GONE_WITHIN_S = 20
OTHERS_AT_WORK = """
SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
    AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND xact_start IS NOT NULL)
"""


def kill_at_every_write(work: Callable[[], Any]) -> int:
    """Do work in processes that die at their first write, their second, and so on.

    The last one lives. Returns how many died; what each had not committed is undone by then.
    """
    for number in itertools.count(1):
        connection.close()
        child = os.fork()
        if child == 0:
            work_and_end(work, number)
        _, status = os.waitpid(child, 0)
        await_undone()
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0, "the work failed by itself"
            return number - 1
        assert os.WTERMSIG(status) == signal.SIGKILL
    raise AssertionError


def work_and_end(work: Callable[[], Any], number: int) -> None:
    """Do work in this process, which dies at its write of that number, or ends well."""
    writes = itertools.count(1)

    def die_at(execute: Any, sql: str, *rest: Any) -> Any:
        done = execute(sql, *rest)
        is_write = sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))
        if is_write and next(writes) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    # Its nudges are lost too: the connection to the broker is the parent's.
    events.bind_transport(lambda news: None)
    code = 1
    try:
        with connection.execute_wrapper(die_at):
            work()
        code = 0
    finally:
        os._exit(code)


def await_undone() -> None:
    """Wait until no transaction of a process that died is open."""
    deadline = time.monotonic() + GONE_WITHIN_S
    with connection.cursor() as cursor:
        while True:
            cursor.execute(OTHERS_AT_WORK)
            if cursor.fetchone() == (False,):
                return
            assert time.monotonic() < deadline, "a dead worker's transaction is still open"
            time.sleep(0.01)
