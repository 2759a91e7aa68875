"""A signed message to somebody else's machine, never to one of our own network."""

import hashlib
import hmac
import http.client
import ipaddress
import json
import queue
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from chargenet.core import sealing
from faults.models import WayOut
from faults.notifiers import troubles
from faults.notifiers.protocol import NotifierError

TIMEOUT_S = 10
# From asking where the host is to its answer: one that answers byte by byte, or a name server that
# does not answer at all, holds up nobody for longer.
WHOLE_TALK_S = 15
# What stands for IPv4 where there is none (NAT64), and what did so long ago.
WITH_IPV4 = (bytes.fromhex("0064ff9b") + bytes(8), bytes(12))
# What it answers is read only so far as to say what went wrong.
MOST_ANSWER = 500
OUR_NAME = "ChargeNet"


class AddressRefused(ValueError):
    """An address we do not call: not https, not public, or none at all."""


def send_webhook(payload: Mapping[str, Any], key: str) -> None:
    """Send {"way_id", "at", "body"}; sent twice it carries the same Idempotency-Key.

    Raises NotifierError.
    """
    _post(_way(payload), dict(payload["body"]), at=payload["at"], key=key)


def send_sms(payload: Mapping[str, Any], key: str) -> None:
    """Send {"way_id", "to", "text", "at"} through the operator's gateway; raises NotifierError."""
    way = _way(payload)
    body = {"to": payload["to"], "text": payload["text"], "from": way.sender}
    _post(way, body, at=payload["at"], key=key)


def signature(secret: str, *, at: str, body: bytes) -> str:
    """Return what proves that a message is ours: over its time and every byte of it."""
    signed = at.encode() + b"." + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def checked(url: str) -> SplitResult:
    """Return an address we may call, in parts; raises AddressRefused."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefused(troubles.NO_ADDRESS) from error
    is_plain = parts.scheme == "http" and settings.PRIVATE_WEBHOOKS
    if not parts.hostname or parts.username or not (parts.scheme == "https" or is_plain):
        raise AddressRefused(troubles.NOT_HTTPS)
    if port == 0:
        raise AddressRefused(troubles.NO_PORT)
    asked = parts.path + parts.query
    if not (asked.isascii() and asked.isprintable()) or " " in asked:
        raise AddressRefused(troubles.ODD_SIGNS)
    return parts


def public_address(parts: SplitResult, until: float) -> str:
    """Return the number a name stands for now; raises AddressRefused for one that is not public.

    The connection goes to this number, so that the name cannot mean another one a moment later.
    """
    numbers = _look_up(parts, until)
    if not settings.PRIVATE_WEBHOOKS and not all(_is_public(number) for number in numbers):
        raise AddressRefused(troubles.NOT_PUBLIC)
    return numbers[0]


def _look_up(parts: SplitResult, until: float) -> list[str]:
    """Return a host's numbers, asked beside us: the system may take minutes to give up."""
    assert parts.hostname is not None, "a checked address has a host"
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            answers.put(error)
        else:
            answers.put([str(entry[4][0]).partition("%")[0] for entry in found])

    threading.Thread(target=ask, name="look-up", daemon=True).start()
    try:
        answer = answers.get(timeout=max(until - time.monotonic(), 0))
    except queue.Empty:
        raise NotifierError(troubles.NOBODY_KNOWS, permanent=False) from None
    if isinstance(answer, Exception):
        raise NotifierError(troubles.NO_HOST, permanent=False) from answer
    return answer


def _is_public(number: str) -> bool:
    at = ipaddress.ip_address(number)
    if isinstance(at, ipaddress.IPv6Address):
        inner = at.ipv4_mapped or at.sixtofour or (at.teredo[1] if at.teredo else None)
        if at.packed[:12] in WITH_IPV4:
            inner = ipaddress.IPv4Address(at.packed[12:])
        if inner is not None:
            at = inner
        elif at.is_site_local:
            return False
    return at.is_global and not at.is_multicast


def _way(payload: Mapping[str, Any]) -> WayOut:
    way = WayOut.objects.filter(pk=payload["way_id"], is_active=True).first()
    if way is None:
        raise NotifierError(troubles.SWITCHED_OFF, permanent=True)
    return way


def _post(way: WayOut, body: dict[str, Any], *, at: str, key: str) -> None:
    raw = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
    until = time.monotonic() + WHOLE_TALK_S
    try:
        secret = sealing.unseal(bytes(way.sealed))
        parts = checked(way.url)
        number = public_address(parts, until)
    except sealing.SealBroken as error:
        raise NotifierError(troubles.SEAL_BROKEN, permanent=True) from error
    except AddressRefused as error:
        raise NotifierError(str(error), permanent=True) from error
    headers = {
        "Content-Type": "application/json",
        "User-Agent": OUR_NAME,
        "Idempotency-Key": hashlib.sha256(key.encode()).hexdigest()[:32],
        "X-ChargeNet-Time": at,
        "X-ChargeNet-Signature": f"sha256={signature(secret, at=at, body=raw)}",
    }
    try:
        status, reason = _ask(parts, number, raw, headers, until)
    except (OSError, http.client.HTTPException) as error:
        raise NotifierError(troubles.told(error)[:MOST_ANSWER], permanent=False) from error
    if not 200 <= status < 300:
        # 408 and 429 ask for patience; what else it refuses it will refuse again
        is_final = 300 <= status < 500 and status not in {408, 425, 429}
        raise NotifierError(f"{status} {reason}"[:MOST_ANSWER], permanent=is_final)


def _ask(
    parts: SplitResult, number: str, raw: bytes, headers: Mapping[str, str], until: float
) -> tuple[int, str]:
    """Post to a number under the host's own name and certificate; no redirect is followed.

    Ends before `until`, by the monotonic clock; raises OSError or HTTPException.
    """
    assert parts.hostname is not None, "a checked address has a host"
    link = http.client.HTTPConnection(parts.hostname, _port(parts), timeout=TIMEOUT_S)
    sock = socket.create_connection((number, _port(parts)), timeout=_left(until))
    if parts.scheme == "https":
        context = ssl.create_default_context()
        sock = context.wrap_socket(
            sock, server_hostname=parts.hostname, do_handshake_on_connect=False
        )
    bell = threading.Timer(max(until - time.monotonic(), 0), _hang_up, [sock])
    bell.start()
    try:
        if isinstance(sock, ssl.SSLSocket):
            sock.do_handshake()
        link.sock = sock
        path = parts.path or "/"
        link.request("POST", f"{path}?{parts.query}" if parts.query else path, raw, dict(headers))
        answer = link.getresponse()
        answer.read(MOST_ANSWER)
        return answer.status, answer.reason
    finally:
        bell.cancel()
        sock.close()


def _left(until: float) -> float:
    """Return for how long a step may be waited for; raises TimeoutError where it is over."""
    left_s = until - time.monotonic()
    if left_s <= 0:
        raise TimeoutError
    return min(left_s, TIMEOUT_S)


def _hang_up(sock: socket.socket) -> None:
    """End a talk under whoever waits in it: they read an end, not another byte."""
    with suppress(OSError):
        # not the TLS kind of it, which is not for two threads
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)
