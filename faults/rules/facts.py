"""What happened, as rules see it: one small shape for each kind of fact, no rows behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Self

Period = tuple[datetime, datetime | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusSign:
    """What a station said of a connector (None: of itself); codes are empty where nothing is."""

    id: int
    connector_id: int | None
    status: str
    error_code: str = ""
    vendor_error_code: str = ""
    vendor_id: str = ""
    detail: str = ""
    occurred_at: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceEvent:
    """What a component of a 2.x station reported: NotifyEvent, one event."""

    id: int
    connector_id: int | None
    component: str
    instance: str = ""
    variable: str = ""
    value: str = ""
    trigger: str = ""
    tech_code: str = ""
    note: str = ""
    severity: int | None = None
    is_cleared: bool = False
    occurred_at: datetime
    received_at: datetime

    @classmethod
    def told(
        cls,
        said: Mapping[str, Any],
        *,
        number: int,
        connector_id: int | None,
        severity: object,
        at: tuple[datetime, datetime],
    ) -> Self:
        """Return what the words of an observation mean; `at` is when it happened and was heard."""
        return cls(
            id=number,
            connector_id=connector_id,
            component=str(said.get("component", "")),
            instance=str(said.get("instance", "")),
            variable=str(said.get("variable", "")),
            value=str(said.get("value", "")),
            trigger=str(said.get("trigger", "")),
            tech_code=str(said.get("tech_code", "")),
            note=str(said.get("tech_info", "")),
            severity=severity if isinstance(severity, int) else None,
            is_cleared=said.get("is_cleared") is True,
            occurred_at=at[0],
            received_at=at[1],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Any other word kept of a station: boot, connected, security_event, reading, human.

    `kind` and `detail` are those of `stations.models.Observation`.
    """

    id: int
    kind: str
    connector_id: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    occurred_at: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One meter reading in the columns of `stations.models.MeterValue`; None: not said.

    Temperatures in °C, `pair_c` of the second contact where a DC connector has two sensors.
    """

    at: datetime
    energy_wh: int | None = None
    power_w: int | None = None
    power_offered_w: int | None = None
    current_a: float | None = None
    phases_a: tuple[float | None, float | None, float | None] = (None, None, None)
    current_offered_a: float | None = None
    voltage_v: float | None = None
    phases_v: tuple[float | None, float | None, float | None] = (None, None, None)
    soc_percent: int | None = None
    cable_c: float | None = None
    pair_c: float | None = None
    body_c: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """What the samples of one session say together; None: they do not say.

    Made by `faults.rules.measuring`; the words of faults.md 8.4 to 8.8 in plain units.
    """

    samples: int = 0
    first_energy_at: datetime | None = None
    # Contact resistance: rise of temperature per ampere squared, K/A².
    theta: float | None = None
    hottest_c: float | None = None
    # A station whose plug is never cool speaks another scale than it says.
    coolest_c: float | None = None
    ambient_c: float | None = None
    # Widest difference between the two contacts of a DC plug at over 100 A, K.
    pair_gap_k: float | None = None
    # Median of power given over power that could have been given, and of how many samples.
    power_ratio: float | None = None
    power_ratio_samples: int = 0
    # Median of that power itself, W: what this vehicle's battery took.
    hungry_w: int | None = None
    # Was it told how much was offered? If not, rated power stands for it.
    is_ratio_of_offer: bool = False
    # Highest power over rated power: steps of it tell a lost module.
    plateau: float | None = None
    plateau_share: float | None = None
    # Mean current of each phase over the largest of them.
    phase_shares: tuple[float, float, float] | None = None
    # Minus dV/dI, ohm.
    impedance_ohm: float | None = None
    # The register's own increments and the integral of power over the same time, Wh.
    register_wh: int | None = None
    integral_wh: int | None = None
    # How far off the integral can be, power being told only now and then.
    integral_slack_wh: int | None = None
    # The finest step the register was seen to take, Wh.
    register_step_wh: int | None = None
    is_backwards: bool = False
    # Volt-amperes less power, as a share of power, median.
    vi_gap: float | None = None
    usual_interval_s: float | None = None
    longest_gap_s: float | None = None
    interval_cv: float | None = None
    # Did the station offer less than it can? And was that, or the power, a limit we know of?
    is_offer_low: bool = False
    was_limited: bool = False
    # Lowest and highest voltage of any phase that at least two samples reach, V.
    lowest_v: float | None = None
    highest_v: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOutcome:
    """A completed session; energy in Wh, token empty where nobody is known.

    `channel` is how it began: rfid, remote, free or empty.
    """

    id: int
    connector_id: int
    token: str
    started_at: datetime
    ended_at: datetime
    energy_wh: int
    stop_reason: str = ""
    channel: str = ""
    meter_start_wh: int | None = None
    meter_stop_wh: int | None = None
    flags: frozenset[str] = frozenset()
    measures: Measures | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A session under way, as far as its last message tells."""

    id: int
    token: str
    started_at: datetime
    power_w: int | None = None
    energy_wh: int | None = None
    last_meter_at: datetime | None = None
    # Since when it draws nothing, and whether vehicle or station said that it is suspended.
    still_since: datetime | None = None
    is_suspended: bool = False


@dataclass(frozen=True, slots=True)
class TokenElsewhere:
    """How a token fared at other stations within seven days."""

    failed_stations: int = 0
    has_succeeded: bool = False


@dataclass(frozen=True, slots=True)
class Probe:
    """The newest question sent to a silent station.

    waiting: no answer yet; answered: any answer; unanswered: it left, and nothing came back;
    not_sent: it never left the house, which says nothing about the station.
    """

    asked_at: datetime
    outcome: Literal["waiting", "answered", "unanswered", "not_sent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What is written on a connector, or on the station itself: what a rule may expect of it.

    `signals` are the words of `stations.commissioning.SIGNALS` it was seen to give; None: not yet
    looked at, so nothing is known to be missing.
    """

    vendor: str = ""
    model: str = ""
    firmware: str = ""
    version: str = ""
    evse_id: int | None = None
    is_dc: bool = False
    has_cable: bool = True
    max_power_w: int | None = None
    # Since when this cable is fitted: baselines of the one before do not count.
    cable_id: int | None = None
    cable_since: datetime | None = None
    commissioned_at: datetime | None = None
    signals: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How a site is used, for the rules that hear silence: read only for the hourly look.

    `starts`: the session starts of the last 60 days of each connector of the site that could have
    been chosen instead, its own among them, in order. `peer_rates`: sessions a day of connectors
    of the same kind elsewhere. `away`: when a connector was known to be down, or its site closed.
    `demand`: 168 weights, one for each hour of the week of the site, mean 1.
    """

    starts: Mapping[int, tuple[datetime, ...]] = field(default_factory=dict)
    remote_starts: Mapping[int, tuple[datetime, ...]] = field(default_factory=dict)
    peer_rates: tuple[float, ...] = ()
    away: Mapping[int, tuple[Period, ...]] = field(default_factory=dict)
    demand: tuple[float, ...] = (1.0,) * 168
    time_zone: str = "UTC"
    known_for: timedelta = timedelta(0)
