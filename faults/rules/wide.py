"""What the rules are shown that look at more than one station: a site, a network, a cohort."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b

LONGEST_KEY = 40
# A closed socket opens again at once, mostly: for this long it is no silence.
GONE_GRACE = timedelta(seconds=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class StationSeen:
    """One active station of a site or a network, as far as a wide rule must know it.

    `gone_at`: since when nothing is heard of it (its socket closed and did not open again, or it
    said nothing for longer than it may); None while it is heard. `back_at`: when it was last
    heard again after that. `power_lost_at`: when it last gave evidence of lost mains: a session
    ended by PowerLoss, CX015, or a boot with the reason PowerUp.
    """

    id: int
    site_id: int
    network: str = ""
    gone_at: datetime | None = None
    back_at: datetime | None = None
    power_lost_at: datetime | None = None
    # A session was completed since it came back.
    has_charged_since: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """How the power of one site is shared: W, None where it is not known."""

    # What is shared: a fuse by its name.
    name: str = ""
    connection_w: int | None = None
    # The sum of what was granted to its stations, and what they draw.
    granted_w: int | None = None
    used_w: int | None = None
    # Connectors that were offered less than half of what they could give, and asked for more.
    starved: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSilence:
    """How many connectors of a site were ever used, and how many are silent with all the others.

    `since` is the last start at any of them.
    """

    used: int
    silent: int
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSnapshot:
    """One site at one instant."""

    as_of: datetime
    site_id: int
    stations: tuple[StationSeen, ...]
    supply: Supply | None = None
    silence: SiteSilence | None = None
    # An outage feed of the grid company says that the site is without mains.
    is_outage_known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnHealth:
    """How our own service does; seconds, None where nobody measures it."""

    queue_lag_s: float | None = None
    beat_age_s: float | None = None
    gateway_age_s: float | None = None
    is_store_reached: bool = True
    refused_sockets: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSnapshot:
    """The stations of one operator that share a line: an APN, a gateway, a vendor's cloud."""

    as_of: datetime
    key: str
    stations: tuple[StationSeen, ...]
    own: OwnHealth | None = None
    # Sites that lost their mains, F40: their silence says nothing of the line.
    dark_sites: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Sessions of a set of stations within the window: tried and failed, by station."""

    tried: Mapping[int, int] = field(default_factory=dict)
    failed: Mapping[int, int] = field(default_factory=dict)

    @property
    def stations(self) -> int:
        """Return how many stations were tried at all."""
        return sum(1 for count in self.tried.values() if count)

    def without(self, station_id: int | None) -> tuple[int, int]:
        """Return failed and tried in all, but for one station."""
        failed = sum(n for one, n in self.failed.items() if one != station_id)
        return failed, sum(n for one, n in self.tried.items() if one != station_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortSnapshot:
    """The stations of one operator with the same model and firmware, beside the others.

    `peers` are stations of the same model with another firmware, `others` all other stations.
    """

    as_of: datetime
    key: str
    model: str
    firmware: str
    cohort: Tally
    peers: Tally
    others: Tally


def gone_at(
    *,
    as_of: datetime,
    is_online: bool,
    last_seen_at: datetime | None,
    disconnected_at: datetime | None,
    offline_since: datetime | None,
) -> datetime | None:
    """Return since when a station is silent, as far as anybody can tell by now.

    `offline_since`: when its F01 began, pending or firing, if it has one.
    """
    if last_seen_at is None:
        return None
    if not is_online and disconnected_at is not None:
        return disconnected_at if as_of >= disconnected_at + GONE_GRACE else None
    if offline_since is None or last_seen_at > offline_since:
        return None
    return offline_since


def site_key(site_id: int) -> str:
    """Return the scope key of a site."""
    return f"site:{site_id}"


def network_key(operator_id: int, network: str = "") -> str:
    """Return the scope key of an operator's network, or of one line of it."""
    return _short(f"network:{operator_id}:{network}" if network else f"network:{operator_id}")


def cohort_key(operator_id: int, model: str, firmware: str) -> str:
    """Return the scope key of a cohort."""
    return _short(f"cohort:{operator_id}:{model}:{firmware}")


def _short(key: str) -> str:
    """Return a key that a column of 40 characters holds."""
    if len(key) <= LONGEST_KEY:
        return key
    kind, operator_id, _ = key.split(":", 2)
    return f"{kind}:{operator_id}:{blake2b(key.encode(), digest_size=8).hexdigest()}"
