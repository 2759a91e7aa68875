"""Find out, before anything starts, whether the demo's ports are free."""

import errno
import socket
from collections.abc import Iterable

FORBIDDEN_BELOW = 1024


def complaints(host: str, wanted: Iterable[tuple[str, int]]) -> list[str]:
    """Return a sentence for each port that cannot be had; wanted are setting names and ports."""
    told = []
    seen: dict[int, str] = {}
    for setting, port in wanted:
        if port in seen:
            told.append(f"{seen[port]} and {setting} are both {port}. Choose two ports.")
        elif not 0 < port < 65536:
            told.append(f"{setting}={port} is no port. Choose one from 1024 to 65535.")
        else:
            why = _why_not(host, port)
            if why:
                other = f"make run {setting}={_next_free(host, port)}"
                told.append(f"Port {port} {why}. End it, or choose another: {other}")
        seen[port] = setting
    return told


def _why_not(host: str, port: int) -> str:
    code = _try(host, port)
    if not code:
        return ""
    if code == errno.EADDRINUSE:
        return f"is in use{_by_whom(port)}"
    if code == errno.EACCES:
        return "is reserved for root" if port < FORBIDDEN_BELOW else "is forbidden here"
    return f"cannot be had on {host} ({errno.errorcode.get(code, code)})"


def _try(host: str, port: int) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # A port whose last connections still fade is free; uvicorn asks in the same way.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen(1)
    except OSError as error:
        return error.errno or errno.EADDRNOTAVAIL
    return 0


def _by_whom(port: int) -> str:
    import psutil

    try:
        for line in psutil.net_connections("tcp"):
            where = tuple(line.laddr)
            if line.status == psutil.CONN_LISTEN and where[1:2] == (port,) and line.pid:
                return f" by {psutil.Process(line.pid).name()} (process {line.pid})"
    except psutil.Error:
        pass
    return " by another program, perhaps another demo"


def _next_free(host: str, port: int) -> int:
    return next((near for near in range(port + 1, 65536) if not _try(host, near)), port + 1)
