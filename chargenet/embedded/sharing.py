"""Use the private engines together: the first user starts them, the last one stops them."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from chargenet.embedded import addresses, engine, locks, place, postgres_server

POSTGRES, REDIS = "postgres", "redis"


@dataclass
class Use:
    """One process's use of one engine."""

    name: str
    shared: IO[str]
    starting: subprocess.Popen[str] | None


@contextmanager
def engines_in_use(
    names: Sequence[str], *, when_ready: Callable[[], None] | None = None
) -> Iterator[None]:
    """Keep these engines running while the block runs.

    when_ready runs before anybody else can start or stop them. Raises EngineFailed.
    """
    with _mutex():
        uses = [_enter(name) for name in names]
        try:
            for use in uses:
                _await_ready(use)
            if POSTGRES in names:
                postgres_server.ensure_database(place.find_place(addresses.var_dir()))
            if when_ready:
                when_ready()
        except BaseException:
            _leave(uses)
            raise
    try:
        yield
    finally:
        with _mutex():
            _leave(uses)


@contextmanager
def _mutex() -> Iterator[None]:
    path = locks.mutex()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        held = locks.wait_alone(path)
    except PermissionError as error:
        raise engine.EngineFailed(
            f"{error.filename} belongs to another user. Give it back "
            f"(sudo chown -R {os.getuid()} {addresses.var_dir()}) "
            "or set CHARGENET_VAR to a folder of your own."
        ) from error
    with held:
        yield


def _enter(name: str) -> Use:
    shared = locks.wait_shared(locks.state_file(name, "users"))
    return Use(name=name, shared=shared, starting=None if _kept(name) else _start_keeper(name))


def _kept(name: str) -> bool:
    free = locks.try_alone(locks.state_file(name, "keeper"))
    if free:
        free.close()
    return free is None


def _start_keeper(name: str) -> subprocess.Popen[str]:
    log = addresses.log_dir() / "keeper.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a") as errors:
        return subprocess.Popen(
            [sys.executable, "-m", "chargenet.embedded.keeper", name],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=addresses.REPOSITORY,
            env=os.environ | {"CHARGENET_VAR": str(addresses.var_dir())},
            start_new_session=True,
        )


def _await_ready(use: Use) -> None:
    if use.starting is None:
        return
    assert use.starting.stdout, "a keeper is started with a pipe"
    with use.starting.stdout as told:
        answer = told.read()
    if answer != "ready":
        log = addresses.log_dir() / "keeper.log"
        raise engine.EngineFailed(answer or f"{use.name} was not started. {log} says why.")


def _leave(uses: list[Use]) -> None:
    """Stop using the engines; the last one waits until they have stopped."""
    stopping = []
    for use in uses:
        use.shared.close()
        last = locks.try_alone(locks.state_file(use.name, "users"))
        if last:
            last.close()
            _ask_to_stop(locks.state_file(use.name, "keeper"))
            stopping.append(use)
    for use in stopping:
        locks.wait_alone(locks.state_file(use.name, "keeper")).close()
        if use.starting:
            use.starting.wait()


def _ask_to_stop(keeper_file: Path) -> None:
    free = locks.try_alone(keeper_file)
    if free:
        free.close()
        return
    # No number yet, or no such process: it is on its way out.
    with contextlib.suppress(ValueError, ProcessLookupError):
        os.kill(int(keeper_file.read_text(encoding="utf-8")), signal.SIGTERM)
