"""What a rule is shown, and what it may answer: yes, no, or cannot know."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol, Self

from faults.rules.facts import (
    Card,
    DeviceEvent,
    Notice,
    OpenSession,
    Probe,
    SessionOutcome,
    StatusSign,
    TokenElsewhere,
    Usage,
)
from faults.rules.vocabulary.meaning import Meaning

# What a rule remembers and what it shows: always JSON.
State = dict[str, Any]
Span = tuple[datetime, datetime]
Scope = Literal["connector", "station", "site", "network", "cohort"]
# Kinds of fact a rule wants to be woken by; "usage" rules are asked in the hourly look only.
# A remarkable sample is a "reading", any other notice a "notice"; "report" is a fact that raises
# the rule's own code. "time" asks a rule at each look while it remembers what waiting may change
# (its WAITING, else anything), "now" at each look.
Wake = Literal["status", "event", "notice", "reading", "session", "report", "usage", "time", "now"]
EVERYTHING: frozenset[Wake] = frozenset(
    {"status", "event", "notice", "reading", "session", "time"}
)
# Of a rule that only hears what a station reports of itself.
TOLD: frozenset[Wake] = frozenset({"report", "time"})
# Of a rule that may say yes to how a place stands at present, without a new fact.
ALWAYS: frozenset[Wake] = EVERYTHING | {"now"}
AT_ONCE = timedelta(0)
NO_CARD = Card()


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
    # By the station's clock, since when it is so: what came later and happened before is history.
    status_times: Mapping[int | None, datetime] = field(default_factory=dict)
    open_codes: Mapping[int | None, frozenset[str]] = field(default_factory=dict)
    is_active: bool = True
    is_online: bool = True
    connected_at: datetime | None = None
    last_seen_at: datetime | None = None
    heartbeat_interval_s: int = 300
    # Has any other station been heard of late? If not, the silence may be our own.
    is_network_alive: bool = True
    is_clock_trusted: bool = True
    # Reception minus occurrence of the station's latest facts, without what waited in its queue.
    skews: tuple[timedelta, ...] = ()
    probe: Probe | None = None
    # Calls sent to the station within a day: read where some failed or were slow, else 0.
    calls_sent: int = 0
    signs: tuple[StatusSign, ...] = ()
    events: tuple[DeviceEvent, ...] = ()
    notices: tuple[Notice, ...] = ()
    sessions: tuple[SessionOutcome, ...] = ()
    open_sessions: Mapping[int, OpenSession] = field(default_factory=dict)
    cards: Mapping[int | None, Card] = field(default_factory=dict)
    # What a make's own codes stand for, by folded code; what an operator wrote down.
    vendor_codes: Mapping[str, Meaning] = field(default_factory=dict)
    # Somebody of ours is there, or firmware is being installed: alarms of openings mean nothing.
    is_attended: bool = False
    usage: Usage | None = None
    # For each connector those of its kind, where the site has several kinds.
    usages: Mapping[int | None, Usage] = field(default_factory=dict)
    tokens_elsewhere: Mapping[str, TokenElsewhere] = field(default_factory=dict)
    # What a rule remembers of the other connectors of the site: {code: {connector: state}}.
    neighbours: Mapping[str, Mapping[int, State]] = field(default_factory=dict)
    # What a view of one place was taken of: the facts of the whole station.
    whole: "Snapshot | None" = None

    @property
    def card(self) -> Card:
        """Return what is written on the subject, blank where nothing is known."""
        return self.cards.get(self.subject) or self.cards.get(None) or NO_CARD

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
            notices=tuple(one for one in self.notices if one.connector_id == subject),
            sessions=tuple(one for one in self.sessions if one.connector_id == subject),
            usage=self.usages.get(subject, self.usage),
            whole=self,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """Yes: the condition holds since `began_at`, or held and must be looked at by a person.

    It becomes a fault after `fires_after`, work for a person after `ticket_after`, both counted
    from `began_at`. `is_over` marks a safety condition that ended before anybody looked;
    `is_standing` is False where only past facts speak, and a repair is not seen in them.
    `is_down` is False where the place still charges, `down_since` is when it ceased to, where
    that was later than `began_at`. `missed` are times, by now over, in which it held and took the
    place out of service before anybody had heard of it: no work, and true all the same.
    `is_work` opens a ticket though it is only information, S5.
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
    missed: tuple[Span, ...] = ()
    is_work: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear:
    """No: the condition does not hold, since `ended_at` where that is known."""

    state: State
    ended_at: datetime | None = None
    evidence: State = field(default_factory=dict)
    check_at: datetime | None = None
    missed: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CannotKnow:
    """Neither: the facts do not say. Never health; `wants_probe` asks the station."""

    state: State
    reason: str
    wants_probe: bool = False
    check_at: datetime | None = None


Result = Firing | Clear | CannotKnow
# Of a station's rule the snapshot is a Snapshot, of a wide one a type of `faults.rules.wide`.
Check = Callable[[Any, Any, State], Result]


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
    # Optional: WAKES, the kinds of fact it wants (default: all but "usage"); WAITING, the entries
    # of its state that waiting alone may change (default: all); IS_TRIAL, S5 until it has earned
    # more.

    def check(self, snapshot: Any, thresholds: Any, state: State) -> Result:
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
    wakes: frozenset[Wake] = EVERYTHING
    # Entries of its state, or of a part of it, that waiting alone may change; None means all.
    waiting: frozenset[str] | None = None
    # In shadow: what it finds is kept and measured, and opens no ticket.
    is_trial: bool = False

    @classmethod
    def of(cls, module: RuleModule) -> Self:
        """Return the rule a file describes, with its default thresholds."""
        return cls(
            code=module.CODE,
            title=module.TITLE,
            severity=module.SEVERITY,
            scopes=frozenset(getattr(module, "SCOPES", (module.SCOPE,))),
            family=module.FAMILY,
            cause=module.CAUSE,
            is_impairing=module.IS_IMPAIRING,
            thresholds=module.Thresholds(),
            check=module.check,
            wakes=getattr(module, "WAKES", EVERYTHING),
            waiting=getattr(module, "WAITING", None),
            is_trial=getattr(module, "IS_TRIAL", False),
        )
