"""The stations of a trial: what is known of them beforehand."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from faults.rules.facts import Card
from stations.metering.remarkable import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorPlace:
    """One connector of a trial station; `connector` is its number within the EVSE."""

    evse: int
    connector: int = 1
    max_power_w: int | None = None
    is_dc: bool = False
    has_cable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StationPlace:
    """One station of a trial; `network` says with whom it shares its line: an APN, a gateway."""

    name: str
    site: str = ""
    operator: str = ""
    network: str = ""
    version: str = "1.6"
    vendor: str = ""
    model: str = ""
    firmware: str = ""
    time_zone: str = "UTC"
    heartbeat_interval_s: int = 300
    # Its EVSEs share one power stage: while one is in use another may say Unavailable.
    has_shared_power: bool = False
    connectors: tuple[ConnectorPlace, ...] = ()


class ConnectFact(NamedTuple):
    """A station's socket opened."""

    version: str = ""


class DisconnectFact(NamedTuple):
    """A station's socket closed."""

    code: int = 1000


class AttendFact(NamedTuple):
    """Somebody of ours came to a station, to stay until then, or left (None)."""

    until: datetime | None = None


class RepairFact(NamedTuple):
    """A person mended something and said so; evse 0 is the whole station.

    `families` names the tickets resolved, none of them named: all.
    """

    evse: int = 0
    connector: int = 1
    families: frozenset[str] = frozenset()
    is_cable_new: bool = False


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What a condition is about, in the names of the trial; connector is "evse" or "evse:n"."""

    site: str
    station: str
    connector: str


@dataclass(slots=True)
class Spot:
    """A connector while a trial runs: its id, its card and its latest word."""

    id: int
    evse: int
    connector: int
    card: Card
    status: str = ""
    status_at: datetime | None = None
    watch: Watch = field(default_factory=Watch)


def card_of(station: StationPlace, place: ConnectorPlace | None) -> Card:
    """Return what rules may read of a connector, or of the station itself."""
    if place is None:
        return Card(
            vendor=station.vendor,
            model=station.model,
            firmware=station.firmware,
            version=station.version,
        )
    return Card(
        vendor=station.vendor,
        model=station.model,
        firmware=station.firmware,
        version=station.version,
        evse_id=place.evse,
        is_dc=place.is_dc,
        has_cable=place.has_cable,
        max_power_w=place.max_power_w,
    )
