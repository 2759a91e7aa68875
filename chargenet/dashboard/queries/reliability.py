"""The figures drivers and staff feel, as their page shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import Count, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chargenet.core import formats
from chargenet.core.access import Person
from chargenet.dashboard.queries import uptime
from chargenet.dashboard.queries.revenue import Period
from faults.uptime import repairs, visits
from faults.uptime.repairs import Repair
from faults.uptime.visits import NOT_THE_CHARGERS, Attempt, Attribution, CustomerFigures
from stations.models import Location

MAX_SITES = 500
DASH = "–"
CAUSES: dict[Attribution, Promise] = {
    "charger": gettext_lazy("The charger"),
    "cable": gettext_lazy("The cable"),
    "vehicle": gettext_lazy("The vehicle"),
    "user": gettext_lazy("The user"),
    "payment": gettext_lazy("Payment or permission"),
    "network": gettext_lazy("The network"),
    "grid": gettext_lazy("The grid"),
    "unknown": gettext_lazy("Not known"),
}


@dataclass(frozen=True)
class Line:
    """One figure: of all attempts, and without what vehicles and users did."""

    label: str
    whole: str
    chargers: str = ""
    of: str = ""
    note: str = ""


@dataclass(frozen=True)
class CauseLine:
    """How many attempts failed for one cause."""

    label: str | Promise
    count: int
    share: Decimal


@dataclass(frozen=True)
class ReliabilityPage:
    """The page of a period."""

    attempts: int
    journeys: list[Line]
    causes: list[CauseLine]
    repairs: list[Line]


@dataclass(frozen=True)
class Use:
    """How long connectors were there together, for the figures that are a rate."""

    operating: timedelta
    connector_days: float


def sites_of(person: Person) -> list[tuple[int, str]]:
    """Return the sites a person may choose."""
    return list(Location.objects.visible_to(person).values_list("pk", "name")[:MAX_SITES])


def use_of(person: Person, period: Period, site_id: int | None) -> Use:
    """Return how long the connectors of a period were usable, and how many days they stood."""
    rows = uptime.days_of(person, period)
    if site_id is not None:
        rows = rows.filter(connector__station__location_id=site_id)
    found = rows.aggregate(opened=Sum("open_s"), down=Sum("down_s"), days=Count("pk"))
    operating = (found["opened"] or 0) - (found["down"] or 0)
    return Use(timedelta(seconds=operating), float(found["days"]))


def reliability_page(
    *, attempts: Sequence[Attempt], repairs: Sequence[Repair], use: Use
) -> ReliabilityPage:
    """Return the page of these attempts and repairs."""
    whole = visits.figures(attempts, without=frozenset())
    chargers = visits.figures(attempts, without=NOT_THE_CHARGERS)
    return ReliabilityPage(
        attempts=len(attempts),
        journeys=_journeys(whole, chargers),
        causes=_causes(whole),
        repairs=_repairs(repairs, use),
    )


def _journeys(whole: CustomerFigures, chargers: CustomerFigures) -> list[Line]:
    words = _words()
    shares = [
        Line(
            label,
            _percent(getattr(whole, name).share),
            _percent(getattr(chargers, name).share),
            formats.number(getattr(whole, name).of),
            note,
        )
        for name, (label, note) in words.items()
    ]
    note = _("From the start of the session to the first sample with energy, newest sessions")
    return [
        *shares,
        Line(
            _("Wait for energy, half of the starts"),
            _wait(whole.start_time_median_s),
            _wait(chargers.start_time_median_s),
            note=note,
        ),
        Line(
            _("Wait for energy, nine of ten starts"),
            _wait(whole.start_time_p90_s),
            _wait(chargers.start_time_p90_s),
            note=note,
        ),
    ]


def _wait(seconds: float | None) -> str:
    return DASH if seconds is None else formats.duration(seconds)


def _words() -> dict[str, tuple[str, str]]:
    """Return what each share is called, and what it is a share of, the dearest first."""
    return {
        "first_attempt_success": (
            _("First attempt succeeds"),
            _("Visits whose first attempt goes well"),
        ),
        "visit_success": (_("Visit succeeds"), _("Visits with a session that went well")),
        "start_success": (_("Charging starts"), _("Attempts in which energy flowed")),
        "end_success": (_("Charging ends as wished"), _("Of those that started")),
        "session_success": (
            _("Session succeeds"),
            _("Started and ended well, of all attempts"),
        ),
        "afirev_success": (
            _("Session succeeds (AFIREV)"),
            _("Over 2 minutes and 0.5 kWh, or ended by the customer"),
        ),
    }


def _causes(whole: CustomerFigures) -> list[CauseLine]:
    failed = sum(whole.failures.values())
    return [
        CauseLine(CAUSES[cause], count, Decimal(count) / failed)
        for cause, count in sorted(whole.failures.items(), key=lambda pair: -pair[1])
        if cause in CAUSES
    ]


def _repairs(found: Sequence[Repair], use: Use) -> list[Line]:
    all_of = repairs.figures(found, operating=use.operating, connector_days=use.connector_days)
    between = all_of.between_failures if use.connector_days else None
    return [
        Line(_("Tickets"), formats.number(all_of.tickets)),
        Line(
            _("Time to detect"),
            _span(all_of.detect[0] if all_of.detect else None),
            note=_("From the first evidence; what hid before that is not in it"),
        ),
        Line(_("Time to take up"), _span(all_of.acknowledge)),
        Line(
            _("Time to restore"), _span(all_of.restore), note=_("From the beginning of the fault")
        ),
        Line(_("Time between failures"), _span(between), note=_("Of one connector in use")),
        Line(
            _("Inherent availability"),
            _percent(all_of.inherent_availability if between else None),
        ),
        Line(_("Mended at the first visit"), _percent(all_of.first_time_fix)),
        Line(_("Mended without a visit"), _percent(all_of.remote_fix)),
        Line(_("The same again within a fortnight"), _percent(all_of.repeat)),
        Line(
            _("Tickets without a fault"),
            DASH
            if all_of.false_rate is None
            else formats.number(Decimal(str(round(all_of.false_rate, 2))), digits=2),
            note=_("A thousand connector-days"),
        ),
    ]


def _percent(share: float | None) -> str:
    return DASH if share is None else formats.percent(Decimal(str(share)), digits=1)


def _span(length: timedelta | None) -> str:
    return DASH if length is None else formats.duration(length)
