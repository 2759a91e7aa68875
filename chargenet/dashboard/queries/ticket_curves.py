"""The curves behind a ticket: heat of the cable, power given, and how failures add up."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Max
from django.utils.translation import gettext as _

from chargenet.core.access import Person
from chargenet.dashboard.parts import Chart, Series
from chargenet.dashboard.queries import cable_page
from faults.models import CableLife, Ticket
from faults.queries import outcomes, tuning
from faults.rules import BY_CODE, sessions_failing
from faults.rules.protocol import Snapshot
from stations.models import Connector, MeterValue, Session

SHOWN_SESSIONS = 100
# Whose peak is read from their samples.
SHOWN_PEAKS = 40
# A sample may be stored a little before and long after the session it belongs to.
EARLY, LATE = timedelta(hours=1), timedelta(days=2)
HEAT, POWER, FAILURES = "heat", "power", "failures"
# What a family is about comes first.
FIRST = {
    "cable": (HEAT, POWER, FAILURES),
    "power": (POWER, FAILURES, HEAT),
    "meter": (POWER, FAILURES, HEAT),
    "safety": (HEAT, FAILURES, POWER),
}
USUAL = (FAILURES, POWER, HEAT)


def curves_of(person: Person, ticket: Ticket, *, as_of: datetime) -> list[Chart]:
    """Return the curves of the connector a ticket is about; none for a station with several."""
    connector = _connector(ticket)
    if connector is None:
        return []
    zone = connector.station.location.timezone
    sessions = _sessions(connector)
    drawn = {
        HEAT: _heat(person, connector, ticket, zone),
        POWER: _power(connector, sessions[-SHOWN_PEAKS:], zone),
        FAILURES: _failures(connector, sessions, zone, as_of),
    }
    return [chart for kind in FIRST.get(ticket.family, USUAL) for chart in drawn[kind]]


def _connector(ticket: Ticket) -> Connector | None:
    """Return the connector of a ticket, of a station with only one that one."""
    places = Connector.objects.select_related("station__location", "evse")
    if ticket.connector_id is not None:
        return places.filter(pk=ticket.connector_id).first()
    if ticket.station_id is None:
        return None
    found = list(places.filter(station_id=ticket.station_id)[:2])
    return found[0] if len(found) == 1 else None


def _sessions(connector: Connector) -> list[Session]:
    """Return the newest completed sessions of a connector, the oldest of them first."""
    rows = Session.objects.filter(
        connector=connector, state=Session.State.COMPLETED, source="ocpp"
    )
    return list(rows.order_by("-started_at")[:SHOWN_SESSIONS])[::-1]


def _heat(person: Person, connector: Connector, ticket: Ticket, zone: str) -> list[Chart]:
    lives = CableLife.objects.visible_to(person)
    mine = lives.filter(cable_id=ticket.cable_id) if ticket.cable_id else lives.none()
    life = mine.first() or lives.filter(connector=connector).first()
    return cable_page.charts_of(life, zone) if life else []


def _power(connector: Connector, sessions: Sequence[Session], zone: str) -> list[Chart]:
    if len(sessions) < 2:
        return []
    peaks = _peaks(connector, sessions)
    if len(peaks) < 2:
        return []
    told = [one for one in sessions if one.pk in peaks]
    series = [Series(_("Highest power"), [_kw(peaks[one.pk]) for one in told], "line")]
    rated = connector.max_power_w or connector.evse.max_power_w
    if rated:
        series.append(Series(_("Installed"), [_kw(rated)] * len(told), "line"))
    return [
        Chart(
            name="peaks",
            title=_("Highest power of each session"),
            labels=[_label(one.started_at, zone) for one in told],
            series=series,
            unit="kW",
            label_head=_("Session"),
            digits=1,
            is_time=True,
        )
    ]


def _peaks(connector: Connector, sessions: Sequence[Session]) -> dict[int, int]:
    ended = max(one.completed_at or one.started_at for one in sessions)
    samples = MeterValue.objects.filter(
        station_id=connector.station_id,
        session_id__in=[one.pk for one in sessions],
        power_w__isnull=False,
        received_at__range=(sessions[0].started_at - EARLY, ended + LATE),
    )
    rows = samples.order_by().values_list("session_id").annotate(peak=Max("power_w"))
    return {session_id: peak for session_id, peak in rows if session_id is not None}


def _failures(
    connector: Connector, sessions: Sequence[Session], zone: str, as_of: datetime
) -> list[Chart]:
    station = connector.station
    told = [one for one in map(outcomes.outcome_of, sessions) if one is not None]
    if len(told) < 2:
        return []
    rule = BY_CODE[sessions_failing.CODE]
    held = tuning.tuning_of(station.operator_id, station.location_id, station.model)
    thresholds = held.thresholds(rule)
    snapshot = Snapshot(as_of=as_of, station_id=station.pk, subject=connector.pk)
    scores = sessions_failing.scores_of(told, thresholds, snapshot)
    return [
        Chart(
            name="failures",
            title=_("How failed sessions add up"),
            labels=[_label(at, zone) for at, _score in scores],
            series=[
                Series(_("Score"), [round(score, 2) for _at, score in scores], "line"),
                Series(_("Fires above"), [thresholds.fire_above] * len(scores), "line"),
            ],
            unit=_("points"),
            label_head=_("Session"),
            digits=1,
            is_time=True,
        )
    ]


def _label(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"


def _kw(power_w: int) -> float:
    return round(power_w / 1000, 1)
