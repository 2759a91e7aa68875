"""Sessions of the demo that a check holds, each for another reason; some were decided of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from billing import holds, rating
from billing.holds import Correction
from billing.models import RatingHold
from chargenet.core.models import Operator, User
from chargenet.demo import companies
from stations import status
from stations.models import Connector, MeterValue, Session, Token

NUMBER = "demo-doubt-{}"
REGISTER_WH = 2_000_000
MOST_READINGS = 100
# What is too much energy for these is no riddle at a fast charger.
MOST_POWER_W = 22_000


@dataclass(frozen=True)
class Doubt:
    """One session: how long ago it ended, how long it took, and what its meter said of it."""

    hours_ago: int
    minutes: int
    energy_wh: int
    # Minute and Wh since the start; none for one whose station told none.
    readings: tuple[tuple[int, int], ...] = ()
    # At the connector of the doubt before it, not at the next one.
    is_beside: bool = False
    is_stranger: bool = False
    more: dict[str, Any] = field(default_factory=dict)


DOUBTS: Final = (
    Doubt(20, 60, 11_000, ((0, 0), (20, 6000), (40, 5200), (60, 11_000))),
    Doubt(31, 100, 18_000, ((0, 0), (10, 700), (95, 17_000), (100, 18_000))),
    Doubt(44, 75, 9_400, ((0, 0), (30, 4000), (75, 9_400)), is_stranger=True),
    Doubt(52, 30, 240_000),
    Doubt(70, 17 * 24 * 60, 28_500),
    Doubt(95, 80, 14_000, ((0, 0), (40, 7000), (80, 14_000))),
    Doubt(95, 60, 10_500, ((0, 0), (30, 5250), (60, 10_500)), is_beside=True),
    Doubt(120, 90, 16_000, ((0, 0), (45, 8000), (50, -REGISTER_WH), (90, 16_000))),
    Doubt(
        140,
        66,
        12_300,
        ((0, 0), (33, 6000), (66, 12_300)),
        more={"needs_review": True, "flags": ["stop_missing"]},
    ),
)
DECIDED: Final = (
    Doubt(170, 16 * 24 * 60, 21_000),
    Doubt(200, 45, 180_000),
)
MET_BY_A_FAULT: Final = Doubt(
    50, 140, 24_000, ((0, 0), (35, 8000), (70, 16_000), (105, 24_000), (140, 24_000))
)


def doubt_sessions(operator: Operator, *, as_of: datetime) -> None:
    """Make the sessions once, let them be rated, and the books decide of some."""
    actor = companies.bookkeeper(operator)
    known = Session.objects.filter(operator=operator, ocpp_transaction_id=NUMBER.format(1))
    connectors = _connectors(operator)
    if actor is None or known.exists() or not connectors:
        return
    made = _make(operator, (*DOUBTS, *DECIDED, MET_BY_A_FAULT), connectors, as_of)
    met = made[-1]
    status.record_impairment(
        connector_id=met.connector_id,
        started_at=met.started_at + timedelta(minutes=100),
        ended_at=met.started_at + timedelta(minutes=135),
        code="F26",
        cause="cable",
    )
    rating.rate_sessions(session_ids=[session.pk for session in made], as_of=as_of)
    _decide(made[len(DOUBTS) : -1], actor, as_of)
    _release_unpriced(operator, actor, as_of)


def _connectors(operator: Operator) -> list[Connector]:
    """Return where they happened: priced places, of which the last asks for standing, too."""
    here = Connector.objects.filter(station__operator=operator, station__is_active=True)
    rows = here.exclude(station__location__name="Uppsala Resecentrum").order_by("station", "pk")
    slow = rows.filter(max_power_w__lte=MOST_POWER_W).select_related("station")
    found = list(slow[: len(DOUBTS) + len(DECIDED)])
    idle = here.filter(station__location__name="Malmö Hamnen").order_by("-pk").first()
    return [*found, idle] if found and idle is not None else []


def _make(
    operator: Operator,
    doubts: Sequence[Doubt],
    connectors: Sequence[Connector],
    as_of: datetime,
) -> list[Session]:
    cards = list(Token.objects.filter(operator=operator, driver=None).order_by("pk")[10:20])
    bo = Token.objects.filter(operator=operator, uid="BO000001").first()
    made: list[Session] = []
    place = -1
    for number, doubt in enumerate(doubts, start=1):
        place += 0 if doubt.is_beside else 1
        is_last = number == len(doubts)
        connector = connectors[-1] if is_last else connectors[place % (len(connectors) - 1)]
        token = bo if is_last else cards[number % len(cards)]
        made.append(_session(number, doubt, connector, token, as_of))
    return made


def _session(
    number: int, doubt: Doubt, connector: Connector, token: Token | None, as_of: datetime
) -> Session:
    ended_at = as_of - timedelta(hours=doubt.hours_ago)
    started_at = ended_at - timedelta(minutes=doubt.minutes)
    whose = None if doubt.is_stranger else token
    begins_wh = REGISTER_WH if doubt.readings else None
    session = Session.objects.create(
        operator_id=connector.operator_id,
        station_id=connector.station_id,
        connector=connector,
        token=whose,
        driver_id=None if whose is None else whose.driver_id,
        id_tag="04F3C2A19B7780" if whose is None else whose.uid,
        ocpp_transaction_id=NUMBER.format(number),
        state=Session.State.COMPLETED,
        started_at=started_at,
        ended_at=ended_at,
        received_at=started_at,
        completed_at=ended_at,
        meter_start_wh=begins_wh,
        meter_stop_wh=None if begins_wh is None else begins_wh + doubt.energy_wh,
        energy_wh=doubt.energy_wh,
        parking_s=30 * 60 if doubt is MET_BY_A_FAULT else 0,
        stop_reason="EVDisconnected",
        **doubt.more,
    )
    MeterValue.objects.bulk_create(_readings(session, doubt))
    return session


def _readings(session: Session, doubt: Doubt) -> list[MeterValue]:
    return [
        MeterValue(
            id=MOST_READINGS * session.pk + place,
            operator_id=session.operator_id,
            station_id=session.station_id,
            connector_id=session.connector_id,
            session_id=session.pk,
            occurred_at=session.started_at + timedelta(minutes=minute),
            received_at=session.started_at + timedelta(minutes=minute),
            energy_wh=REGISTER_WH + energy_wh,
        )
        for place, (minute, energy_wh) in enumerate(doubt.readings)
    ]


def _decide(sessions: Sequence[Session], actor: User, as_of: datetime) -> None:
    """Correct one, as its driver wrote, and waive another."""
    long_one, dear_one = sessions
    correction = Correction(
        long_one.started_at, long_one.started_at + timedelta(minutes=190), 21_000
    )
    holds.correct(
        session_id=long_one.pk,
        turn=1,
        correction=correction,
        reason="Kabeln drogs ur kl. 14, föraren skickade bild; stoppet kom först nu",
        actor=actor,
        as_of=as_of,
    )
    holds.waive(
        session_id=dear_one.pk,
        turn=1,
        reason="Mätaren byttes dagen efter, ingen vet vad som laddades",
        actor=actor,
        as_of=as_of,
    )


def _release_unpriced(operator: Operator, actor: User, as_of: datetime) -> None:
    """Release the newest one that no price list prices: it is noted, and goes on waiting."""
    unpriced = RatingHold.objects.filter(operator=operator, reason=rating.NO_TARIFF)
    hold = unpriced.order_by("-session__ended_at").first()
    if hold is not None:
        holds.release(
            session_id=hold.session_id,
            turn=1,
            reason="Priset för Uppsala kommer på måndag",
            actor=actor,
            as_of=as_of,
        )
