"""Stations on their way in: lists that were brought, and how far each station has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import segno
from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from chargenet.core.access import Person
from chargenet.core.listing import Column, Filter, Spec
from stations.models import (
    Commissioning,
    Connector,
    Station,
    StationImport,
    StationImportRow,
)
from stations.registry import Registered

RECENT, MOST_LABELS = 10, 2000
LOGIN_HEAD = ("identity", "url", "user", "password", "profile", "site", "ocpp")


@dataclass(frozen=True)
class Listed:
    """One line of a list as its page shows it."""

    line: int
    identity: str
    site: str
    version: str
    connectors: int
    state: str
    error: str
    href: str


@dataclass(frozen=True)
class Order:
    """A list, how many of its lines are what, and what can be done."""

    order: StationImport
    new: int
    there: int
    wrong: int
    silent: int


@dataclass(frozen=True)
class Label:
    """What is printed on one sticker: never the OCPP identity."""

    code: str
    station: str
    site: str
    point: str
    operator: str
    qr: SafeString


def connection_url(station: Station) -> str:
    """Return the address a station connects to."""
    return f"{settings.GATEWAY_URL}/ocpp/{quote(station.identity)}"


def login_rows(registered: Sequence[Registered]) -> list[list[str]]:
    """Return what the installer needs of each station, for a file that is given once."""
    return [
        [
            done.station.identity,
            connection_url(done.station),
            done.station.identity,
            done.password or "",
            str(done.station.security_profile),
            done.station.location.name,
            done.station.ocpp_version,
        ]
        for done in registered
    ]


def recent_orders(person: Person) -> list[StationImport]:
    """Return the newest lists a person may see."""
    rows = StationImport.objects.visible_to(person).select_related("created_by")
    return list(rows.order_by("-pk")[:RECENT])


def order_page(order: StationImport) -> Order:
    """Return what the page of a list shows above its lines."""
    rows = StationImportRow.objects.filter(order=order)
    counts = rows.aggregate(
        new=Count("pk", filter=Q(error="", was_there=False)),
        there=Count("pk", filter=Q(was_there=True)),
        wrong=Count("pk", filter=~Q(error="")),
        silent=Count("pk", filter=Q(station__isnull=False, station__connected_at__isnull=True)),
    )
    return Order(order=order, **counts)


def rows_of(order: StationImport) -> QuerySet[StationImportRow]:
    """Return the lines of a list with their stations, and whether each was set up."""
    done = Commissioning.objects.filter(
        station=OuterRef("station"), state=Commissioning.State.DONE
    )
    rows = StationImportRow.objects.filter(order=order).select_related("station")
    return rows.annotate(is_set_up=Exists(done))


def row_spec() -> Spec:
    """Return what the list of a list's lines can do."""
    states = [
        ("wrong", _("Cannot be added")),
        ("new", _("New")),
        ("there", _("Was there already")),
        ("silent", _("Never connected")),
    ]
    return Spec(
        name="lines",
        columns=(
            Column("line", _("Line"), ("line",), is_number=True, csv=lambda row: row.line),
            Column("identity", _("OCPP identity"), csv=lambda row: row.identity),
            Column("site", _("Site"), csv=lambda row: row.site),
            Column("version", _("Protocol"), csv=lambda row: row.version),
            Column("connectors", _("Connectors"), is_number=True, csv=lambda row: row.connectors),
            Column("state", _("State"), csv=lambda row: row.error or row.state),
        ),
        default_sort="line",
        filters=(Filter("state", _("All states"), states, _of_state),),
        search=lambda text: Q(plan__identity__istartswith=text),
        search_label=_("Search identity"),
        per_page=100,
    )


def _of_state(state: str) -> Q:
    if state == "wrong":
        return ~Q(error="")
    if state == "there":
        return Q(was_there=True)
    if state == "silent":
        return Q(station__isnull=False, station__connected_at__isnull=True)
    return Q(error="", was_there=False)


def describe_rows(rows: Sequence[Any]) -> list[Listed]:
    """Return the lines of one page."""
    return [
        Listed(
            line=row.line,
            identity=str(row.plan.get("identity", "")),
            site=row.plan.get("site") or "",
            version=row.plan.get("ocpp_version") or "",
            connectors=row.plan.get("connectors") or 1,
            state=_state(row),
            error=row.error,
            href=reverse("station_commissioning", args=[row.station_id]) if row.station_id else "",
        )
        for row in rows
    ]


def _state(row: Any) -> str:
    station: Station | None = row.station
    if row.error:
        return "wrong"
    if station is None:
        return "new"
    if row.is_set_up:
        return "set_up"
    if station.last_boot_at:
        return "booted"
    return "connected" if station.connected_at else "silent"


def labels(connectors: QuerySet[Connector]) -> list[Label]:
    """Return the stickers of some connectors, in the order of their places."""
    rows = connectors.select_related("station__location", "operator", "evse")
    order = ("station__location__name", "station__name", "evse__number", "number")
    return [_label(connector) for connector in rows.order_by(*order)[:MOST_LABELS]]


def _label(connector: Connector) -> Label:
    code = connector.public_code
    # Quartile: a sticker outdoors loses a corner before it is renewed.
    drawn = segno.make(f"{settings.PUBLIC_URL}/c/{code}", error="q", micro=False)
    picture = drawn.svg_inline(scale=4, border=2, omitsize=True, lineclass=None, svgclass="cn-qr")
    return Label(
        code=f"{code[:5]} {code[5:]}",
        station=connector.station.name,
        site=connector.station.location.name,
        point=connector.point,
        operator=connector.operator.name,
        qr=mark_safe(picture),  # noqa: S308  drawn here from an address of ours
    )
