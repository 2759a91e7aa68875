"""What one frame means in our words: Wh, W, aware UTC, the station's own numbers.

Structs of msgspec rather than dataclasses: a frame makes half a dozen of them, and a frozen
dataclass costs ten times as much to make.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

import msgspec

from stations.metering import quirks
from stations.metering.quirks import Quirks

Json = Mapping[str, object]


@dataclass(slots=True)
class StationView:
    """What a handler may know of the station whose frame it reads."""

    id: int
    operator_id: int
    identity: str
    version: str
    epoch: int = 0
    registration: str = "accepted"
    heartbeat_interval_s: int = 300
    booted_at: datetime | None = None
    seen_at: datetime | None = None
    # How many more frames may be ones we answered already: the first ones of a connection, mostly.
    unsure: int = 8
    # How far a clock nobody set is off, and since when that is known; of this connection.
    clock_offset: timedelta | None = None
    clock_since: datetime | None = None
    # What we asked the station to send: heard even before it is accepted.
    triggered: set[str] = field(default_factory=set)
    # The schedule that the session at an EVSE was given over this connection, as it was sent.
    granted: dict[int, Mapping[str, object]] = field(default_factory=dict)
    # What its make is known for, and the zone of its site.
    quirks: Quirks = quirks.NONE
    time_zone: str = "UTC"


def registration_of(stored: str, version: str) -> str:
    """Return how far a station is accepted: a new one in 1.6 at once, in 2.x when it booted.

    2.x refuses everything before the boot (B01, B02.FR.09); 1.6 leaves it to us (errata 3.10).
    """
    return "accepted" if stored == "new" and version == "1.6" else stored


class Place(msgspec.Struct, frozen=True):
    """Where at a station, in the station's own numbers; evse 0 is the station itself.

    A 1.6 connectorId n is EVSE n, connector 1. In 2.x the connector may be unsaid (None).
    """

    evse: int
    connector: int | None = 1

    @property
    def is_station(self) -> bool:
        """Return whether the whole station is meant."""
        return self.evse <= 0


class TokenFact(msgspec.Struct, frozen=True):
    """A presented token; kind is the station's word and may differ between messages."""

    uid: str
    kind: str = ""


class Reading(msgspec.Struct):
    """One instant of one meter; None is what the station did not say.

    Energy Wh, power W, state of charge percent, current A, voltage V, temperature °C. Filled field
    by field while a frame is read, then left alone.
    """

    occurred_at: datetime
    context: str = ""
    energy_wh: int | None = None
    power_w: int | None = None
    power_offered_w: int | None = None
    current_a: Decimal | None = None
    current_l1_a: Decimal | None = None
    current_l2_a: Decimal | None = None
    current_l3_a: Decimal | None = None
    current_offered_a: Decimal | None = None
    voltage_v: Decimal | None = None
    voltage_l1_v: Decimal | None = None
    voltage_l2_v: Decimal | None = None
    voltage_l3_v: Decimal | None = None
    soc_percent: int | None = None
    temperature_c: Decimal | None = None
    temperature_body_c: Decimal | None = None
    # Of the cooler contact, where a plug tells both.
    temperature_pair_c: Decimal | None = None
    other: list[dict[str, object]] = msgspec.field(default_factory=list)
    flags: list[str] = msgspec.field(default_factory=list)


class BootFact(msgspec.Struct, frozen=True, kw_only=True):
    """The station started and says what it is."""

    vendor: str = ""
    model: str = ""
    serial_number: str = ""
    firmware_version: str = ""
    iccid: str = ""
    imsi: str = ""
    meter_serial_number: str = ""
    meter_type: str = ""
    reason: str = ""


class HeartbeatFact(msgspec.Struct, frozen=True):
    """The station lives."""


class StatusFact(msgspec.Struct, frozen=True, kw_only=True):
    """A place changed its state; codes are empty where nothing is wrong."""

    place: Place
    status: str
    occurred_at: datetime
    error_code: str = ""
    vendor_error_code: str = ""
    vendor_id: str = ""
    info: str = ""


class AuthorizeFact(msgspec.Struct, frozen=True):
    """A token asks whether it may charge."""

    token: TokenFact


class StartFact(msgspec.Struct, frozen=True, kw_only=True):
    """A 1.6 session begins."""

    place: Place
    token: TokenFact
    register_wh: int | None
    occurred_at: datetime
    reservation_id: int | None = None


class MeterFact(msgspec.Struct, frozen=True, kw_only=True):
    """Samples, with or without a session; transaction is the station's number for it."""

    place: Place | None
    transaction: str
    readings: tuple[Reading, ...]


class StopFact(msgspec.Struct, frozen=True, kw_only=True):
    """A 1.6 session ends; an empty transaction means the station never learnt its number."""

    transaction: str
    register_wh: int | None
    occurred_at: datetime
    token: TokenFact | None = None
    reason: str = ""
    readings: tuple[Reading, ...] = ()


class TransactionFact(msgspec.Struct, frozen=True, kw_only=True):
    """One 2.x transaction event; events may come in any order."""

    phase: Literal["started", "updated", "ended"]
    transaction: str
    seq_no: int | None
    occurred_at: datetime
    place: Place | None = None
    token: TokenFact | None = None
    trigger: str = ""
    charging_state: str = ""
    stopped_reason: str = ""
    remote_start_id: int | None = None
    is_offline: bool = False
    readings: tuple[Reading, ...] = ()


class NoticeFact(msgspec.Struct, frozen=True, kw_only=True):
    """Something the station wants known: a device event, a security event, a vendor's own word."""

    kind: str
    occurred_at: datetime
    source_id: str = ""
    place: Place | None = None
    detail: Json = msgspec.field(default_factory=dict)


class ReportFact(msgspec.Struct, frozen=True, kw_only=True):
    """A message a worker applies after the answer: a part of a report, a state of a long job.

    `kind` is the OCPP action; the payload is the station's, as it is kept.
    """

    kind: str
    payload: Json
    request_id: int | None = None
    seq_no: int | None = None
    is_last: bool = True


class ClockFact(msgspec.Struct, frozen=True):
    """What a station counted since an instant lies further back by this than it was believed."""

    shift: timedelta
    since: datetime | None


Fact = (
    BootFact
    | HeartbeatFact
    | StatusFact
    | AuthorizeFact
    | StartFact
    | MeterFact
    | StopFact
    | TransactionFact
    | NoticeFact
    | ReportFact
    | ClockFact
)

TokenWord = Literal["accepted", "blocked", "expired", "invalid", "concurrent"]


class TokenVerdict(msgspec.Struct, frozen=True):
    """Whether a token may charge, and until when."""

    word: TokenWord
    expires_at: datetime | None = None
    group: str = ""


class Outcome(msgspec.Struct, frozen=True):
    """What the store made of a frame, as far as an answer needs it."""

    received_at: datetime
    transaction_id: str = ""
    registration: str = "accepted"
    token: TokenVerdict | None = None


def empty_answer(_: Outcome) -> Json:
    """Return the answer of a message that is only acknowledged."""
    return {}


class Facts(msgspec.Struct, frozen=True):
    """One frame understood: what to write, what to answer if it holds.

    `key` is the business key within the station under which a repetition is recognised; empty
    where a repetition is harmless. `answer` is pure. `flags` say what was odd about the frame.
    """

    facts: tuple[Fact, ...]
    answer: Callable[[Outcome], Json] = empty_answer
    key: str = ""
    flags: tuple[str, ...] = ()
