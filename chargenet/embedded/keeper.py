"""Run one private engine for as long as anybody uses it.

A keeper is a process of its own: it starts the server, starts it again when it dies, and stops it
when the last user has left or was killed. Users hold a shared lock, which the kernel drops even
after kill -9.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from chargenet.embedded import addresses, engine, locks, place
from chargenet.embedded.postgres_server import PostgresServer
from chargenet.embedded.redis_server import RedisServer

ENGINES: dict[str, type[PostgresServer] | type[RedisServer]] = {
    PostgresServer.name: PostgresServer,
    RedisServer.name: RedisServer,
}
LOOK_EVERY_S = 0.5
READY_WITHIN_S = 120.0
STOP_WITHIN_S = 30.0
# After kill -9 the old server's children need a moment to let go of its memory.
START_ATTEMPTS = 5
LOG_KEPT_BYTES = 5_000_000
LOG_TOLD_LINES = 12


class Keeper:
    """The life of one engine."""

    def __init__(self, server: engine.Engine) -> None:
        self.server = server
        self.where = server.where
        self.log = addresses.log_dir() / f"{server.name}.log"
        # A plain flag: an Event set by a signal handler while the same thread waits for it
        # deadlocks, for the handler runs inside the wait and wants its lock.
        self.asked_to_stop = False

    def ask_to_stop(self) -> None:
        """Stop at the next look around; called by a signal handler."""
        self.asked_to_stop = True

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server and wait until it answers; raises EngineFailed."""
        self.server.prepare()
        for attempt in range(START_ATTEMPTS):
            child = self._spawn()
            if self._becomes_ready(child):
                return child
            if self.asked_to_stop:
                break
            if attempt:
                self.server.recover()
            time.sleep(attempt)
            self.server.prepare()
        raise engine.EngineFailed(
            f"{self.server.name} did not start. {self.log} ends:\n{self._tail()}"
        )

    def keep(self, child: subprocess.Popen[bytes]) -> None:
        """Hold the server up until nobody uses it; stop it then."""
        users, mutex = locks.state_file(self.server.name, "users"), locks.mutex()
        while not self.asked_to_stop:
            time.sleep(LOOK_EVERY_S)
            if not users.exists() or not mutex.exists():
                break  # var/ was deleted under us
            if self._is_alone(mutex, users):
                break
            if child.poll() is not None:
                child = self.start()
        self.stop(child)

    def _is_alone(self, mutex: Path, users: Path) -> bool:
        """Say whether the last user is gone; unknown while others start or stop engines."""
        nobody_decides = locks.try_alone(mutex)
        if nobody_decides is None:
            return False
        with nobody_decides:
            nobody_uses = locks.try_alone(users)
            if nobody_uses is None:
                return False
            nobody_uses.close()
            return True

    def stop(self, child: subprocess.Popen[bytes]) -> None:
        """End the server: politely, then not."""
        if child.poll() is None:
            child.send_signal(self.server.stop_signal)
            try:
                child.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def _spawn(self) -> subprocess.Popen[bytes]:
        argv = self.server.argv()
        with self.log.open("ab") as log:
            return subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
                cwd="/",
                preexec_fn=engine.child_setup(
                    death_signal=self.server.stop_signal,
                    uid=self.where.uid,
                    nested=engine.named_user() if self.where.is_nested else None,
                ),
            )

    def _becomes_ready(self, child: subprocess.Popen[bytes]) -> bool:
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline and not self.asked_to_stop:
            if child.poll() is not None:
                return False
            if self.server.is_ready(child.pid):
                return True
            time.sleep(0.02)
        self.stop(child)
        return False

    def _tail(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-LOG_TOLD_LINES:])


def _tell(word: str) -> None:
    """Answer the process that started us, and let go of its pipe."""
    sys.stdout.write(word)
    sys.stdout.flush()
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.close(quiet)


def main(name: str) -> int:
    """Keep one engine; standard output says "ready" or why not, then closes."""
    mine = locks.try_alone(locks.state_file(name, "keeper"))
    if mine is None:
        _tell("ready")
        return 0
    mine.truncate(0)
    mine.write(str(os.getpid()))
    mine.flush()
    where = place.find_place(addresses.var_dir())
    keeper = Keeper(ENGINES[name](where))
    keeper.log.parent.mkdir(parents=True, exist_ok=True)
    if keeper.log.exists() and keeper.log.stat().st_size > LOG_KEPT_BYTES:
        keeper.log.replace(keeper.log.with_suffix(".log.1"))
    for wish in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wish, lambda *_: keeper.ask_to_stop())
    try:
        child = keeper.start()
        _tell("ready")
        keeper.keep(child)
    except engine.EngineFailed as error:
        _tell(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
