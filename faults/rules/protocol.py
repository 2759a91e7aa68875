"""What a rule is shown, and what it may answer: yes, no, or cannot know."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol, Self

# What a rule remembers and what it shows: always JSON.
State = dict[str, Any]
Scope = Literal["connector", "station"]
AT_ONCE = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusSign:
    """What a station said of a connector (None: of itself); codes are empty where nothing is."""

    id: int
    connector_id: int | None
    status: str
    error_code: str = ""
    vendor_error_code: str = ""
    detail: str = ""
    occurred_at: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceEvent:
    """What a component of a 2.x station reported: NotifyEvent, one event."""

    id: int
    connector_id: int | None
    component: str
    variable: str = ""
    value: str = ""
    trigger: str = ""
    tech_code: str = ""
    note: str = ""
    is_cleared: bool = False
    occurred_at: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOutcome:
    """A completed session; energy in Wh, token empty where nobody is known."""

    id: int
    connector_id: int
    token: str
    started_at: datetime
    ended_at: datetime
    energy_wh: int
    stop_reason: str = ""


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
class Snapshot:
    """One station as it stood at one instant, with the facts no rule has counted yet.

    `subject` is the connector in question, None for the station itself; `status` is its word.
    """

    as_of: datetime
    station_id: int
    subject: int | None = None
    connectors: tuple[int, ...] = ()
    statuses: Mapping[int | None, str] = field(default_factory=dict)
    open_codes: Mapping[int | None, frozenset[str]] = field(default_factory=dict)
    is_active: bool = True
    is_online: bool = True
    connected_at: datetime | None = None
    last_seen_at: datetime | None = None
    heartbeat_interval_s: int = 300
    # Has any other station been heard of late? If not, the silence may be our own.
    is_network_alive: bool = True
    is_clock_trusted: bool = True
    probe: Probe | None = None
    signs: tuple[StatusSign, ...] = ()
    events: tuple[DeviceEvent, ...] = ()
    sessions: tuple[SessionOutcome, ...] = ()
    tokens_elsewhere: Mapping[str, TokenElsewhere] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """Return the present word of the subject, empty where unknown."""
        return self.statuses.get(self.subject, "")

    def at(self, subject: int | None) -> Self:
        """Return the same instant with the facts of one connector, or of the station itself."""
        return replace(
            self,
            subject=subject,
            signs=tuple(sign for sign in self.signs if sign.connector_id == subject),
            events=tuple(event for event in self.events if event.connector_id == subject),
            sessions=tuple(one for one in self.sessions if one.connector_id == subject),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """Yes: the condition holds since `began_at`, or held and must be looked at by a person.

    It becomes a fault after `fires_after`, work for a person after `ticket_after`, both counted
    from `began_at`. `is_over` marks a safety condition that ended before anybody looked;
    `is_standing` is False where only past facts speak, and a repair is not seen in them.
    `is_down` is False where the place still charges, `down_since` is when it ceased to, where
    that was later than `began_at`.
    """

    state: State
    evidence: State
    began_at: datetime
    seen_at: datetime
    severity: int
    fires_after: timedelta = AT_ONCE
    ticket_after: timedelta = AT_ONCE
    attribution: str = "unknown"
    is_over: bool = False
    is_standing: bool = True
    is_down: bool = True
    down_since: datetime | None = None
    check_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear:
    """No: the condition does not hold, since `ended_at` where that is known."""

    state: State
    ended_at: datetime | None = None
    evidence: State = field(default_factory=dict)
    check_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CannotKnow:
    """Neither: the facts do not say. Never health; `wants_probe` asks the station."""

    state: State
    reason: str
    wants_probe: bool = False
    check_at: datetime | None = None


Result = Firing | Clear | CannotKnow
Check = Callable[[Snapshot, Any, State], Result]


class RuleModule(Protocol):
    """What a file of one rule must have."""

    CODE: str
    TITLE: str
    SEVERITY: int
    SCOPE: Scope
    FAMILY: str
    CAUSE: str
    IS_IMPAIRING: bool
    Thresholds: type[Any]

    def check(self, snapshot: Snapshot, thresholds: Any, state: State) -> Result:
        """Answer for one station or connector."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line of the registry.

    `family` decides which ticket a fault joins, `cause` is the impairment's word, `is_impairing`
    says whether a driver could not have charged.
    """

    code: str
    title: str
    severity: int
    scopes: frozenset[Scope]
    family: str
    cause: str
    is_impairing: bool
    thresholds: Any
    check: Check

    @classmethod
    def of(cls, module: RuleModule) -> Self:
        """Return the rule a file describes, with its default thresholds."""
        return cls(
            code=module.CODE,
            title=module.TITLE,
            severity=module.SEVERITY,
            scopes=frozenset({module.SCOPE}),
            family=module.FAMILY,
            cause=module.CAUSE,
            is_impairing=module.IS_IMPAIRING,
            thresholds=module.Thresholds(),
            check=module.check,
        )
