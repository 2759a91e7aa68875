"""Every part of the design language on one page; only where DEBUG is on."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from djmoney.money import Money

from chargenet.core import clock, formats
from chargenet.core.listing import Choice, FilterView, Heading, ListPage
from chargenet.core.pages import Look
from chargenet.dashboard import vocabulary
from chargenet.dashboard.parts import Chart, Fact, Pin, Series, SiteMap, Tile


def show_design(request: HttpRequest) -> HttpResponse:
    """Show the parts, with made-up figures."""
    if not settings.DEBUG:
        raise Http404
    messages.success(request, "The command was accepted by Hamnen 2.")
    messages.error(request, "The card was declined. Nothing was charged.")
    as_of = clock.now()
    return render(
        request,
        "dashboard/design.html",
        {
            "kinds": [(kind, list(words)) for kind, words in vocabulary.KINDS.items()],
            "tiles": _tiles(),
            "bar": _bar(),
            "line": _line(),
            "site_map": _map(),
            "facts": _facts(),
            "page": _list(),
            "look": Look("Stations", "dashboard/design_row.html", "No stations"),
            "fresh_at": as_of - timedelta(seconds=12),
            "stale_at": as_of - timedelta(minutes=14),
            "amount": Money(Decimal("12345.5"), "SEK"),
            "examples_wh": (640, 18_450, 12_345_678),
            "lengths": (timedelta(seconds=42), timedelta(minutes=134), timedelta(days=3, hours=4)),
        },
    )


def _tiles() -> list[Tile]:
    return [
        Tile("Stations online", "48 / 50", "#", "wifi", "2 offline", tone="bad"),
        Tile("Charging now", "17", "#", "bolt", "312 kW"),
        Tile(
            "Energy today",
            formats.energy(1_284_000),
            "#",
            "battery-charging",
            "than yesterday at this time",
            formats.change(1284, 1150),
            "better",
        ),
        Tile(
            "Revenue this month",
            formats.whole_money(Decimal("184230.50"), "SEK"),
            "#",
            "coin",
            "than last month",
            formats.change(184, 201),
            "worse",
        ),
    ]


def _bar() -> Chart:
    names = ("Hamnen 1", "Hamnen 2", "Stortorget", "Resecentrum", "Arenan")
    return Chart(
        name="stations",
        title="Revenue per station",
        labels=names,
        series=[Series("Revenue", [18_230, 14_120, 9_870, 7_340, 2_210])],
        unit="SEK",
        label_head="Station",
        is_horizontal=True,
    )


def _line() -> Chart:
    days = [f"2026-11-{number:02d}" for number in range(1, 23)]
    swing = [3100, 2900, 2600, 4100, 5200, 4900, 3800]
    return Chart(
        name="days",
        title="Revenue per day",
        labels=days,
        series=[
            Series("This month", [swing[i % 7] + i * 40 for i in range(22)], kind="line"),
            Series("Last month", [swing[(i + 2) % 7] for i in range(22)], kind="line"),
        ],
        unit="SEK",
        label_head="Day",
        is_time=True,
    )


def _map() -> SiteMap:
    places = (
        ("Hamnen", 55.61, 12.99, "Faulted"),
        ("Resecentrum", 57.71, 11.97, "Charging"),
        ("Arenan", 59.37, 18.0, "Available"),
        ("Torget", 63.83, 20.26, "offline"),
    )
    return SiteMap(
        "demo",
        "Sites",
        [
            Pin(name, north, east, state, "4 connectors", "#")
            for name, north, east, state in places
        ],
    )


def _facts() -> list[Fact]:
    return [
        Fact("Model", "Alfa DC 150"),
        Fact("Firmware", "4.12.1"),
        Fact("Cable", "K-0001, 5 m", href="#"),
        Fact("Plug cycles", formats.number(12_400), is_number=True),
    ]


def _list() -> ListPage:
    states = ("Available", "Charging", "SuspendedEV", "Faulted")
    rows = [
        {"name": f"Hamnen {number}", "before": before, "state": state, "is_stale": number == 3}
        for number, (before, state) in enumerate(pairwise(("", *states)), start=1)
    ]
    return ListPage(
        name="stations",
        headings=[
            Heading("station", "Station", is_number=False, href="#", direction="ascending"),
            Heading("state", "State", is_number=False),
            Heading("power", "Power", is_number=True, href="#"),
            Heading("seen", "Seen", is_number=True, href="#"),
        ],
        rows=rows,
        filters=[FilterView("state", "All states", [Choice("a", "Charging", is_chosen=False)])],
        search="",
        search_label="Search stations",
        sort="station",
        total=1284,
        is_capped=False,
        first=1,
        last=4,
        previous_href="",
        next_href="#",
        csv_href="#",
        is_filtered=False,
    )
