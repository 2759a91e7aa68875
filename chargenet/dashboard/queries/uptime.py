"""Uptime of a period as the page shows it: by site, station, connector or model."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from chargenet.core import formats
from chargenet.core.access import Person
from chargenet.core.listing import Column, Spec
from chargenet.dashboard.parts import Tile
from chargenet.dashboard.queries.revenue import Period
from faults.models import UptimeDay
from faults.uptime import standards
from faults.uptime_days import SUMS
from stations.models import Connector

GROUPS: Final = {
    "site": ("connector__station__location_id", "connector__station__location__name"),
    "station": ("connector__station_id", "connector__station__name"),
    "connector": ("connector_id", "connector__station__name"),
    "model": ("connector__station__model", "connector__station__model"),
}
# One row a connector, by the names of `GROUPS` and of what is summed.
Counted = list[dict[str, Any]]
RAPID_W: Final = 50_000
NEVI_WANTS, UK_WANTS = Decimal("0.97"), Decimal("0.99")
LONG_OUT: Final = timedelta(days=7)
MAINTENANCE_CAP: Final = standards.CEC.in_all["scheduled_maintenance"]
YEAR_S: Final = int(standards.YEAR.total_seconds())


@dataclass(frozen=True)
class UptimeRow:
    """One site, station, connector or model over a period; shares are 0 to 1."""

    key: Any
    name: str
    under: str
    connectors: int
    existed_s: int
    open_s: int
    down_s: int
    down_uk_s: int
    down_afirev_s: int
    excluded_nevi_s: int
    excluded_cec_s: int
    maintenance_s: int
    href: str = ""

    @property
    def effective(self) -> Decimal | None:
        """Return the share of opening hours in which a driver could have charged."""
        return _share(self.down_s, self.open_s)

    @property
    def nevi(self) -> Decimal | None:
        """Return NEVI's share over this period."""
        return _share(self.down_s - self.excluded_nevi_s, self.existed_s)

    @property
    def cec(self) -> Decimal | None:
        """Return California's share, maintenance left out up to its cap for each connector."""
        most = int(MAINTENANCE_CAP.total_seconds()) * self.connectors
        work = min(self.maintenance_s, most * self.existed_s // max(YEAR_S * self.connectors, 1))
        return _share(self.down_s - self.excluded_cec_s - work, self.existed_s)

    @property
    def uk(self) -> Decimal | None:
        """Return the share of opening hours in which it was reliable by its published status."""
        return _share(self.down_uk_s, self.open_s)

    @property
    def afirev(self) -> Decimal | None:
        """Return the share of opening hours in which it was available as AFIREV counts."""
        return _share(self.down_afirev_s, self.open_s)

    @property
    def sort_key(self) -> Decimal:
        """Return what the list is ordered by: the worst first, nothing counted last."""
        return Decimal(2) if self.effective is None else self.effective


def _share(lost_s: int, of_s: int) -> Decimal | None:
    return 1 - Decimal(max(lost_s, 0)) / of_s if of_s > 0 else None


def days_of(person: Person, period: Period) -> QuerySet[UptimeDay]:
    """Return the days of a period that a person may see."""
    rows = UptimeDay.objects.visible_to(person)
    return rows.filter(day__gte=period.start, day__lt=period.end)


def count_days(person: Person, period: Period) -> Counted:
    """Return what the days of each connector come to, with what it belongs to; one query."""
    wanted = [name for pair in GROUPS.values() for name in pair]
    found = days_of(person, period).values(*dict.fromkeys(wanted), "connector__evse__number")
    sums = found.annotate(**{f"{each}_sum": Sum(each) for each in SUMS})
    return [{**row, "connectors": 1} for row in sums.order_by()]


def rows_by(counted: Counted, period: Period, group: str) -> list[UptimeRow]:
    """Return the uptime of each site, station, connector or model."""
    key, _name = GROUPS[group]
    together: dict[Any, Counted] = {}
    for row in counted:
        together.setdefault(row[key], []).append(row)
    added = ["connectors", *(f"{each}_sum" for each in SUMS)]
    return [
        _row(
            {**rows[0], **{each: sum(row[each] for row in rows) for each in added}}, group, period
        )
        for rows in together.values()
    ]


def _row(row: dict[str, Any], group: str, period: Period) -> UptimeRow:
    key, name = GROUPS[group]
    label, under = str(row[name] or _("Not told")), ""
    if group == "connector":
        label = f"{label} · {row['connector__evse__number']}"
        under = row["connector__station__location__name"]
    href = ""
    if group == "connector":
        href = f"{reverse('uptime_connector', args=[row[key]])}?period={period.name}"
    return UptimeRow(
        key=row[key],
        name=label,
        under=under,
        connectors=row["connectors"],
        href=href,
        **{each: row[f"{each}_sum"] for each in SUMS},
    )


def uptime_spec() -> Spec:
    """Return what the list of uptimes can do: the worst first."""
    return Spec(
        name="uptime",
        columns=(
            Column("name", _("Where"), ("name",), csv=lambda row: row.name),
            Column("connectors", _("Connectors"), is_number=True, csv=lambda row: row.connectors),
            Column(
                "effective",
                _("Effective"),
                ("sort_key", "name"),
                is_number=True,
                csv=lambda row: row.effective,
            ),
            Column("down", _("Out"), ("down_s",), is_number=True, csv=lambda row: row.down_s),
            Column("nevi", "NEVI", is_number=True, csv=lambda row: row.nevi),
            Column("cec", "CEC", is_number=True, csv=lambda row: row.cec),
            Column("uk", "UK", is_number=True, csv=lambda row: row.uk),
            Column("afirev", "AFIREV", is_number=True, csv=lambda row: row.afirev),
        ),
        default_sort="effective",
        search=lambda text: lambda row: row.name.lower().startswith(text.lower()),
        search_label=_("Search by name"),
    )


def tiles(person: Person, counted: Counted, period: Period) -> list[Tile]:
    """Return what the period comes to for the whole network a person sees."""
    rows = rows_by(counted, period, "connector")
    whole = sum_of(rows)
    low = [row for row in rows if row.nevi is not None and row.nevi < NEVI_WANTS]
    high = [row for row in rows if (share := row.afirev) is not None and share >= UK_WANTS]
    rapid = set(
        Connector.objects.visible_to(person)
        .filter(max_power_w__gte=RAPID_W)
        .values_list("pk", flat=True)
    )
    found = _Network(
        whole=whole,
        uk=sum_of([row for row in rows if row.key in rapid]),
        low=len(low),
        high=_share(len(rows) - len(high), len(rows)),
        long=sum(row.down_afirev_s > LONG_OUT.total_seconds() for row in rows),
    )
    return _tiles(found, f"?period={period.name}&by=connector")


@dataclass(frozen=True)
class _Network:
    whole: UptimeRow
    uk: UptimeRow
    low: int
    high: Decimal | None
    long: int


def _tiles(found: _Network, here: str) -> list[Tile]:
    told = {"share": percent_of(found.high), "long": formats.number(found.long)}
    return [
        Tile(
            label=_("Effective uptime"),
            value=percent_of(found.whole.effective),
            href=here,
            icon="activity",
            note=_("A driver could have charged"),
        ),
        Tile(
            label="NEVI",
            value=percent_of(found.whole.nevi),
            href=here,
            icon="route",
            note=_("%(count)s below 97 %%") % {"count": formats.number(found.low)},
        ),
        Tile(
            label=_("UK, 50 kW and more"),
            value=percent_of(found.uk.uk),
            href=here,
            icon="bolt",
            note=_("99 % is asked for"),
        ),
        Tile(
            label="AFIREV",
            value=percent_of(found.whole.afirev),
            href=here,
            icon="charging-pile",
            note=_("%(share)s at 99 %% and more, %(long)s out for over 7 days") % told,
        ),
    ]


def sum_of(rows: Iterable[UptimeRow]) -> UptimeRow:
    """Return several rows as one."""
    found = list(rows)
    return UptimeRow(
        key=None,
        name="",
        under="",
        connectors=sum(row.connectors for row in found),
        **{each: sum(getattr(row, each) for row in found) for each in SUMS},
    )


def percent_of(share: Decimal | None) -> str:
    """Write a share with two decimals, a dash where nothing was counted."""
    return "–" if share is None else formats.percent(share, digits=2)
