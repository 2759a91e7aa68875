"""The handshake: who knocks, whether it is them, and in which version we speak."""

import base64
import binascii
import time
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from stations.ocpp.framing import Call
from stations.sessions.doors import StationRow

# Our preference where a station offers several: the richer one.
SUBPROTOCOLS = {"ocpp2.1": "2.1", "ocpp2.0.1": "2.0.1", "ocpp1.6": "1.6"}
PROTOCOL_ERROR = 1002
# Failed attempts of one address that are answered in full, per window; then only 429.
FAILURES, WINDOW_S, MAX_ADDRESSES = 30, 60.0, 10_000
# Failures under one name that are looked at, per window, wherever they come from.
GUESSES = 60
# Take-overs of a live connection, per station and window: two devices with one identity.
TAKEOVERS = 5
RETRY_AFTER = (b"retry-after", b"10")
WANTS_BASIC = (b"www-authenticate", b'Basic realm="ocpp", charset="UTF-8"')


@dataclass(frozen=True, slots=True)
class Denial:
    """An HTTP answer instead of a connection."""

    status: int
    text: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()


UNKNOWN = Denial(404, b"Unknown station.\n")
UNPROVEN = Denial(401, b"Wrong or missing credentials.\n", (WANTS_BASIC,))
NO_VERSION = Denial(
    400, b"No common subprotocol; ocpp1.6, ocpp2.0.1 and ocpp2.1 are spoken here.\n"
)
STORE_AWAY = Denial(503, b"The store is away, try again.\n", (RETRY_AFTER,))
CROWDED = Denial(503, b"Too many are coming in, try again.\n", (RETRY_AFTER,))
TOO_MANY = Denial(429, b"Too many failed attempts.\n", (RETRY_AFTER,))
CONTESTED = Denial(429, b"Two devices use one identity.\n", (RETRY_AFTER,))


class Window:
    """Counts events by name over a sliding minute, forgetting the names long unheard."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def add(self, name: str) -> None:
        """Count one event."""
        seen = self._seen.setdefault(name, deque(maxlen=self._most))
        seen.append(time.monotonic())
        self._seen.move_to_end(name)
        if len(self._seen) > MAX_ADDRESSES:
            self._seen.popitem(last=False)

    def is_full(self, name: str) -> bool:
        """Say whether the window of a name is used up."""
        seen = self._seen.get(name)
        if not seen or len(seen) < self._most:
            return False
        return time.monotonic() - seen[0] < WINDOW_S


def read_basic(headers: Mapping[bytes, bytes]) -> tuple[bytes, bytes] | None:
    """Return user and password of Basic authentication as raw bytes, or None.

    The password of 1.6 is raw bytes that need be no text and may hold a colon.
    """
    scheme, _, value = headers.get(b"authorization", b"").partition(b" ")
    if scheme.lower() != b"basic":
        return None
    try:
        user, colon, password = base64.b64decode(value.strip(), validate=True).partition(b":")
    except binascii.Error:
        return None
    return (user, password) if colon else None


def choose_version(station: StationRow, offered: list[str]) -> tuple[str, str] | None:
    """Return subprotocol and version: the one the station last spoke, else our preference."""
    common = {name: version for name, version in SUBPROTOCOLS.items() if name in offered}
    for name, version in common.items():
        if version == station.ocpp_version:
            return name, version
    return next(iter(common.items()), None)


def renewal(version: str) -> tuple[str, dict[str, object]]:
    """Return the call that has a station ask for a new certificate at once (A00.FR.429)."""
    if version == "1.6":
        return "ExtendedTriggerMessage", {"requestedMessage": "SignChargePointCertificate"}
    return "TriggerMessage", {"requestedMessage": "SignChargingStationCertificate"}


def is_another(serial_number: str, call: Call) -> bool:
    """Say whether a call is a BootNotification with another serial number (B01.FR.11, 12).

    One that names none contradicts nothing.
    """
    if call.action != "BootNotification":
        return False
    boot = call.payload
    device = boot.get("chargingStation")
    told = device if isinstance(device, Mapping) else boot
    names = ("serialNumber", "chargePointSerialNumber", "chargeBoxSerialNumber")
    said = {str(told[name]) for name in names if told.get(name)}
    return bool(said) and serial_number not in said


async def deny(send: Any, denial: Denial) -> None:
    """Answer a handshake with plain HTTP.

    Part 4 §3.2 wants a station without a common version let in, without the header, and sent away;
    its certification case TC_B_58 wants it refused. Which of the two is a setting.
    """
    if denial is NO_VERSION and settings.OCPP_CLOSE_WITHOUT_VERSION:
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": PROTOCOL_ERROR})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *denial.headers]
    await send(
        {"type": "websocket.http.response.start", "status": denial.status, "headers": headers}
    )
    await send({"type": "websocket.http.response.body", "body": denial.text})
