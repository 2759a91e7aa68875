"""What a rule saw, drawn: its own readings beside their limits, or how the place is used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from chargenet.core.access import Person
from chargenet.dashboard import evidence
from chargenet.dashboard.evidence_words import WORDS
from chargenet.dashboard.parts import Chart, Series
from chargenet.dashboard.queries import ticket_curves
from faults import rules
from faults.models import Fault, Ticket
from stations.models import Session

# Rules of silence: what they saw is that nobody came.
SILENCE: Final = frozenset({"F11", "F36"})
# Rules of sessions: what is behind them is drawn from the sessions themselves.
SESSIONS: Final = frozenset({"F10", "F14", "F20", "F21", "F22", "F23", "F24", "F25", "F28", "F39"})
SHOWN_DAYS: Final = 56
AFTER: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Readings:
    """How one list of readings of the evidence is drawn, and which limits stand beside it."""

    unit: str
    limits: tuple[str, ...] = ()
    scale: float = 1
    digits: int = 1


DRAWN: Final[Mapping[str, Readings]] = {
    "temperature_c": Readings("°C", ("overheated_c", "hot_c")),
    "theta": Readings("K/kA²", ("baseline_theta",), scale=1_000_000),
    "voltage_v": Readings("V", ("lowest_v", "highest_v")),
    "power_ratio": Readings("%", ("low", "siblings"), scale=100),
    "of_own_limit": Readings("%", scale=100),
    "plateau": Readings("%", ("level",), scale=100),
    "register_over_power": Readings("%", ("off_by",), scale=100),
    "register_moved_wh": Readings("Wh", ("energy_wh",), digits=0),
}


def charts_of(person: Person, fault: Fault, *, zone: str, as_of: datetime) -> list[Chart]:
    """Return what a fault was seen by, as charts; none where nothing can be drawn."""
    drawn = _readings(fault.evidence, zone)
    if not drawn and fault.code in SILENCE:
        return _starts(fault, zone, as_of)
    if not drawn and fault.code in SESSIONS:
        return ticket_curves.curves_of(person, _as_ticket(fault), as_of=as_of)[:1]
    return drawn


def _readings(seen: Mapping[str, Any], zone: str) -> list[Chart]:
    charts = []
    for name, how in DRAWN.items():
        told = evidence.series(seen.get(name))
        if len(told) < 2:
            continue
        values = [round(value * how.scale, 3) for _at, value in told]
        charts.append(
            Chart(
                name=name.replace("_", "-"),
                title=WORDS[name],
                labels=[f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}" for at, _v in told],
                series=[Series(str(WORDS[name]), values, "line"), *_limits(seen, how, len(told))],
                unit=how.unit,
                label_head=_("When"),
                digits=how.digits,
                is_time=True,
            )
        )
    return charts


def _limits(seen: Mapping[str, Any], how: Readings, count: int) -> list[Series]:
    found = []
    for name in how.limits:
        value = seen.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            found.append(Series(str(WORDS[name]), [round(value * how.scale, 3)] * count, "line"))
    return found


def _starts(fault: Fault, zone: str, as_of: datetime) -> list[Chart]:
    """Return the starts of each day at the connector, and at those beside it."""
    if fault.connector_id is None or fault.location_id is None:
        return []
    until = min(as_of, (fault.cleared_at or as_of) + AFTER).astimezone(ZoneInfo(zone)).date()
    days = [until - timedelta(days=back) for back in range(SHOWN_DAYS - 1, -1, -1)]
    here = Session.objects.filter(connector_id=fault.connector_id)
    beside = Session.objects.filter(station__location_id=fault.location_id)
    beside = beside.exclude(connector_id=fault.connector_id)
    return [
        Chart(
            name="starts",
            title=_("Starts a day"),
            labels=[day.isoformat() for day in days],
            series=[
                Series(_("Here"), _by_day(here, days, zone)),
                Series(_("Beside it"), _by_day(beside, days, zone), "line"),
            ],
            unit=_("starts"),
            label_head=_("Day"),
            is_time=True,
        )
    ]


def _by_day(rows: Any, days: Sequence[Any], zone: str) -> list[int]:
    place = ZoneInfo(zone)
    begin = datetime.combine(days[0], datetime.min.time(), tzinfo=place)
    end = datetime.combine(days[-1], datetime.min.time(), tzinfo=place) + timedelta(days=1)
    counted = dict(
        rows.filter(started_at__gte=begin, started_at__lt=end)
        .annotate(day=TruncDate("started_at", tzinfo=place))
        .order_by()
        .values_list("day")
        .annotate(count=Count("pk"))
    )
    return [counted.get(day, 0) for day in days]


def _as_ticket(fault: Fault) -> Ticket:
    """Return what a ticket of the fault would be about; it is never stored."""
    rule = rules.BY_CODE.get(fault.code)
    return Ticket(
        operator_id=fault.operator_id,
        station_id=fault.station_id,
        connector_id=fault.connector_id,
        cable_id=fault.cable_id,
        family=rule.family if rule else "",
    )
