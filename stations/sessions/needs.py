"""What the frames of a batch speak of: found before anything is asked."""

from dataclasses import dataclass, field
from datetime import datetime

from stations.metering.facts import (
    AuthorizeFact,
    Fact,
    MeterFact,
    Place,
    StartFact,
    StatusFact,
    StopFact,
    TokenFact,
    TransactionFact,
)
from stations.sessions.arrivals import Arrival
from stations.sessions.places import Places

# The numbers of EVSEs and connectors are 16-bit columns.
MOST_PLACES = 2**15


@dataclass(slots=True)
class Needs:
    """What the frames of a batch speak of."""

    tokens: set[tuple[int, str]] = field(default_factory=set)
    # Stations whose sessions matter, and the sessions named among them.
    stations: dict[int, list[str]] = field(default_factory=dict)
    strange: list[tuple[Arrival, Place]] = field(default_factory=list)
    # Where and when sessions begin: the cable fitted then is theirs.
    starts: list[tuple[int, datetime]] = field(default_factory=list)
    keyed: list[Arrival] = field(default_factory=list)


def token_of(fact: Fact) -> TokenFact | None:
    """Return the token a fact presents."""
    if isinstance(fact, TransactionFact | AuthorizeFact | StartFact | StopFact):
        return fact.token
    return None


def find_needs(arrivals: list[Arrival], places: Places, *, is_careful: bool) -> Needs:
    """Return what the frames of a batch speak of."""
    needs = Needs()
    for arrival in arrivals:
        station = arrival.station
        if arrival.facts.key and (is_careful or station.unsure > 0):
            needs.keyed.append(arrival)
        for fact in arrival.facts.facts:
            if isinstance(fact, MeterFact):
                named = needs.stations.setdefault(station.id, [])
                if fact.transaction:
                    named.append(fact.transaction)
                _need_place(needs, arrival, fact.place, places)
            elif isinstance(fact, TransactionFact | StartFact | StopFact | StatusFact):
                _need_session(needs, arrival, fact, places)
            elif isinstance(fact, AuthorizeFact):
                _need_token(needs, arrival, fact.token)
    return needs


def _need_session(
    needs: Needs,
    arrival: Arrival,
    fact: TransactionFact | StartFact | StopFact | StatusFact,
    places: Places,
) -> None:
    named = needs.stations.setdefault(arrival.station.id, [])
    if isinstance(fact, StatusFact):
        _need_place(needs, arrival, fact.place, places)
        return
    _need_token(needs, arrival, fact.token)
    if isinstance(fact, TransactionFact | StopFact) and fact.transaction:
        named.append(fact.transaction)
    if isinstance(fact, StopFact):
        return
    place = fact.place
    if place is None and not places.of(arrival.station.id):
        place = Place(1)
    _need_place(needs, arrival, place, places)
    if _may_begin(fact):
        view = places.find(arrival.station.id, place) if place else None
        if view:
            needs.starts.append((view.id, fact.occurred_at))


def _may_begin(fact: StartFact | TransactionFact) -> bool:
    """Say whether a fact may say where a session begins: at its start, or when plugged in."""
    if isinstance(fact, StartFact):
        return True
    return fact.phase == "started" or fact.trigger == "CablePluggedIn"


def _need_token(needs: Needs, arrival: Arrival, token: TokenFact | None) -> None:
    if token is not None and token.uid:
        needs.tokens.add((arrival.station.operator_id, token.uid.lower()))


def _need_place(needs: Needs, arrival: Arrival, place: Place | None, places: Places) -> None:
    """Note a place nobody registered: a fact must have a home."""
    if place is None or place.is_station or places.find(arrival.station.id, place):
        return
    if place.evse < MOST_PLACES and 0 < (place.connector or 1) < MOST_PLACES:
        needs.strange.append((arrival, place))
