"""A fleet goes dark together: one ticket, and each station's own when it is let go."""

from datetime import UTC, datetime, timedelta

from faults.engine.fleet import (
    ConnectFact,
    ConnectorPlace,
    DisconnectFact,
    Fleet,
    StationPlace,
)
from faults.engine.memory import Held, Job
from stations.metering.facts import BootFact, HeartbeatFact, Place, StatusFact

T0 = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SITE = [f"S{number}" for number in range(12)]
ELSEWHERE = [f"E{number}" for number in range(4)]


def _fleet() -> Fleet:
    sockets = (ConnectorPlace(evse=1), ConnectorPlace(evse=2))
    places = [StationPlace(name=name, site="mall", connectors=sockets) for name in SITE]
    places += [StationPlace(name=name, site=name, connectors=sockets) for name in ELSEWHERE]
    fleet = Fleet(places)
    for name in (*SITE, *ELSEWHERE):
        fleet.take(name, T0, [ConnectFact(), BootFact()])
    return fleet


def _live(fleet: Fleet, names: list[str], begin: int, end: int) -> None:
    """Let some stations give signs of life, from one minute to another."""
    for minute in range(begin, end, 4):
        for name in names:
            fleet.take(name, T0 + minute * MINUTE, [HeartbeatFact()])


def _cut(fleet: Fleet, names: list[str], minute: int, *, code: str = "") -> None:
    at = T0 + minute * MINUTE
    for number, name in enumerate(names):
        word = StatusFact(
            place=Place(0),
            status="Faulted",
            occurred_at=at,
            error_code="OtherError",
            vendor_error_code=code,
        )
        facts = [word] if code and number == 0 else []
        fleet.take(name, at, [*facts, DisconnectFact()])


def _back(fleet: Fleet, names: list[str], minute: int) -> None:
    at = T0 + minute * MINUTE
    for name in names:
        word = StatusFact(place=Place(0), status="Available", occurred_at=at)
        fleet.take(name, at, [ConnectFact(), BootFact(), word])


def _fired(fleet: Fleet, code: str) -> list[Held]:
    return [one for one in fleet.conditions() if one.code == code]


def _standing(fleet: Fleet) -> list[Job]:
    """Return the tickets that no wider one took over."""
    return [one for one in fleet.tickets() if one.duplicate_of is None]


def test_a_power_cut_over_twelve_stations_is_one_ticket_and_ends_with_it() -> None:
    fleet = _fleet()
    _cut(fleet, SITE, 10, code="CX015")
    _live(fleet, ELSEWHERE, 10, 130)
    (ticket,) = _standing(fleet)
    assert (ticket.code, ticket.place.scope) == ("F40", "site")
    assert fleet.where(ticket.place).site == "mall"
    _back(fleet, SITE, 130)
    _live(fleet, SITE + ELSEWHERE, 132, 180)
    assert _standing(fleet) == [ticket]
    assert ticket.closed_at is not None
    (cut,) = [one for one in _fired(fleet, "F40") if one.scope == "site"]
    assert cut.cleared_at == T0 + 130 * MINUTE


def test_without_a_word_of_power_it_is_the_line() -> None:
    fleet = _fleet()
    _cut(fleet, SITE, 10)
    _live(fleet, ELSEWHERE, 10, 130)
    (ticket,) = fleet.tickets()
    assert (ticket.code, ticket.place.scope) == ("F41", "site")
    assert ticket.opened_at == T0 + 25 * MINUTE
    assert _fired(fleet, "F01") == []


def test_what_stays_silent_after_the_site_is_back_fires_with_its_true_start() -> None:
    fleet = _fleet()
    _cut(fleet, SITE, 10)
    _live(fleet, ELSEWHERE, 10, 90)
    _back(fleet, SITE[1:], 90)
    _live(fleet, SITE[1:] + ELSEWHERE, 92, 140)
    (alone,) = _fired(fleet, "F01")
    assert fleet.where(alone.place).station == "S0"
    assert (alone.began_at, alone.cleared_at) == (T0, None)
    assert alone.opened_at is not None
    assert alone.opened_at >= T0 + 90 * MINUTE
    assert {ticket.code: ticket.is_open for ticket in fleet.tickets()} == {
        "F41": False,
        "F01": True,
    }


def test_one_station_of_a_site_is_its_own_ticket() -> None:
    fleet = _fleet()
    _cut(fleet, SITE[:1], 10)
    _live(fleet, SITE[1:] + ELSEWHERE, 10, 130)
    (ticket,) = fleet.tickets()
    assert (ticket.code, ticket.place.scope) == ("F01", "station")


def test_a_short_storm_of_reconnects_is_nothing() -> None:
    fleet = _fleet()
    everybody = SITE + ELSEWHERE
    _cut(fleet, everybody, 10)
    _back(fleet, everybody, 13)
    _live(fleet, everybody, 14, 120)
    assert fleet.tickets() == []


def test_a_network_of_many_sites_is_one_ticket() -> None:
    fleet = _fleet()
    _cut(fleet, SITE + ELSEWHERE, 10)
    fleet.advance(T0 + 200 * MINUTE)
    assert [(one.code, one.place.scope) for one in fleet.tickets()] == [("F42", "network")]
