"""Charging cables as their pages show them: which to replace next, and the life of one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chargenet.core import formats
from chargenet.core.access import Person
from chargenet.core.listing import Column, Filter, ListPage, Spec
from chargenet.dashboard.queries.revenue import connector_name
from faults.models import CableLife
from faults.rules import cable_risk
from stations.models import Cable, Location

HIGH, SOME = 50, 20
MAX_SITES = 500
MOST_REASONS = 3
BELOW = {"energy", "fitted"}


@dataclass(frozen=True)
class CableRow:
    """One cable of the list."""

    id: int
    serial_number: str
    kind: str
    where: str
    site: str
    station_href: str
    risk: int
    level: str
    reasons: str
    times_base: float | None
    hottest_c: float | None
    faults: int
    cycles: int
    energy_wh: int
    fitted_at: datetime | None
    zone: str
    href: str


def lives_of(person: Person) -> QuerySet[CableLife]:
    """Return the cables a person may see, with where they are fitted."""
    rows = CableLife.objects.visible_to(person).select_related(
        "cable", "connector__evse", "connector__station__location"
    )
    return rows.annotate(cycles=F("cable__plug_cycles") + F("sessions"))


def level_of(risk: int) -> str:
    """Return the word for a risk."""
    return "high" if risk >= HIGH else "some" if risk >= SOME else "low"


def cable_spec(person: Person) -> Spec:
    """Return what the list of cables can do: the one to replace next comes first."""
    sites = Location.objects.visible_to(person).values_list("pk", "name")[:MAX_SITES]
    return Spec(
        name="cables",
        columns=_columns(),
        default_sort="-risk",
        filters=(
            Filter(
                "state",
                _("In use"),
                [("stored", _("In store")), ("retired", _("Retired")), ("all", _("All"))],
                _in_state,
            ),
            Filter(
                "risk",
                _("All risks"),
                [("high", _("Replace soon")), ("some", _("Keep an eye on it"))],
                lambda word: Q(risk__gte=HIGH if word == "high" else SOME),
            ),
            Filter(
                "kind", _("All kinds"), list(Cable.Type.choices), lambda kind: Q(cable__type=kind)
            ),
            Filter(
                "site",
                _("All sites"),
                [(str(pk), name) for pk, name in sites],
                lambda pk: Q(connector__station__location_id=int(pk)),
            ),
        ),
        search=lambda text: (
            Q(cable__serial_number__istartswith=text)
            | Q(connector__station__name__istartswith=text)
        ),
        search_label=_("Search serial number or station"),
    )


def _columns() -> tuple[Column, ...]:
    return (
        Column("cable", _("Cable"), ("cable__serial_number",), csv=lambda r: r.serial_number),
        Column("where", _("Where"), ("connector__station__name",), csv=lambda r: r.where),
        Column("risk", _("Risk"), ("risk", "cycles"), is_number=True, csv=lambda r: r.risk),
        Column("why", _("Why"), csv=lambda r: r.reasons),
        _number("contact", _("Contacts"), "times_base", lambda r: r.times_base),
        _number("hottest", _("Hottest"), "hottest_c", lambda r: r.hottest_c),
        _number("faults", _("Faults"), "faults", lambda r: r.faults),
        _number("cycles", _("Cycles"), "cycles", lambda r: r.cycles),
        _number("energy", _("Energy"), "energy_wh", lambda r: r.energy_wh),
        _number("fitted", _("Since"), "fitted_at", lambda r: r.fitted_at),
    )


def _number(key: str, label: str, order: str, read: Callable[[CableRow], object]) -> Column:
    return Column(key, label, (order,), is_number=True, csv=lambda row: _plain(read(row)))


def _plain(value: object) -> str | int | datetime | None:
    if isinstance(value, float):
        return formats.number(Decimal(str(value)), digits=2)
    return value if isinstance(value, int | datetime) else None


def in_use(rows: QuerySet[CableLife], asked: str) -> QuerySet[CableLife]:
    """Return the cables in use, unless another state is asked for."""
    if asked in {"stored", "retired", "all"}:
        return rows
    return rows.filter(retired_at__isnull=True, connector__isnull=False)


def _in_state(state: str) -> Q:
    if state == "stored":
        return Q(retired_at__isnull=True, connector__isnull=True)
    return Q(retired_at__isnull=False) if state == "retired" else Q()


def narrowed(page: ListPage) -> ListPage:
    """Return the list as a screen holds it: what a file has in columns of its own stands below."""
    return replace(page, headings=[one for one in page.headings if one.key not in BELOW])


def describe_cables(rows: Sequence[CableLife]) -> list[CableRow]:
    """Return cables as the list shows them."""
    return [row_of(life) for life in rows]


def row_of(life: CableLife) -> CableRow:
    """Return one cable with its figures in words."""
    place = life.connector
    return CableRow(
        id=life.cable_id,
        serial_number=life.cable.serial_number,
        kind=str(life.cable.get_type_display()),
        where=connector_name(place) if place else "",
        site=place.station.location.name if place else "",
        station_href=reverse("station_page", args=[place.station_id]) if place else "",
        risk=life.risk,
        level="retired" if life.retired_at else level_of(life.risk),
        reasons=", ".join(reason_text(one) for one in life.reasons[:MOST_REASONS]),
        times_base=life.times_base,
        hottest_c=life.hottest_c,
        faults=life.faults,
        cycles=life.cable.plug_cycles + life.sessions,
        energy_wh=life.energy_wh,
        fitted_at=life.fitted_at,
        zone=place.station.location.timezone if place else "UTC",
        href=reverse("cable_page", args=[life.cable_id]),
    )


def reason_text(reason: dict[str, float | str]) -> str:
    """Return one reason of a risk as people say it."""
    word, figure = str(reason["word"]), float(reason["figure"])
    whole = round(figure)
    texts = {
        cable_risk.CONTACT: lambda: (
            _("contact resistance %(times)s times that of a new one") % {"times": _one(figure)}
        ),
        cable_risk.HEAT: lambda: _("up to %(celsius)s °C") % {"celsius": formats.number(whole)},
        cable_risk.FAULTS: lambda: (
            ngettext("%(count)s fault in a year", "%(count)s faults in a year", whole)
            % {"count": formats.number(whole)}
        ),
        cable_risk.DANGER: lambda: _("a danger is open"),
        cable_risk.CYCLES: lambda: _("%(count)s plug cycles") % {"count": formats.number(whole)},
        cable_risk.AGE: lambda: _("%(years)s years old") % {"years": _one(figure)},
        cable_risk.ENERGY: lambda: _("%(energy)s carried") % {"energy": formats.energy(whole)},
    }
    return texts[word]() if word in texts else word


def _one(figure: float) -> str:
    return formats.number(Decimal(str(round(figure, 1))), digits=1)
