"""What a charger can and cannot tell us: its signals against what the fault rules need."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chargenet.core.access import Person
from chargenet.core.listing import Column, Filter, Spec
from faults import rules
from faults.rules import needs, words
from stations.commissioning import SIGNALS
from stations.models import Connector, ConnectorSignal, Location, OcppVersion

NAMES = {
    "energy": gettext_lazy("Energy register"),
    "power": gettext_lazy("Power"),
    "power_offered": gettext_lazy("Offered power"),
    "current": gettext_lazy("Current"),
    "phases": gettext_lazy("Current of each phase"),
    "current_offered": gettext_lazy("Offered current"),
    "voltage": gettext_lazy("Voltage"),
    "soc": gettext_lazy("State of charge"),
    "temperature": gettext_lazy("Temperature of the cable"),
    "temperature_body": gettext_lazy("Temperature in the cabinet"),
    "status": gettext_lazy("State"),
    "error_codes": gettext_lazy("Error codes"),
    "device_events": gettext_lazy("Events of its parts"),
    "sessions": gettext_lazy("Sessions"),
    "clock": gettext_lazy("A right clock"),
}
MOST_SITES = 500


@dataclass(frozen=True)
class SignalView:
    """One kind of signal at one connector."""

    name: str
    seen_at: datetime | None
    is_promised: bool


@dataclass(frozen=True)
class RuleView:
    """One fault, how well it is seen at one connector, and what is wanting."""

    code: str
    name: str
    level: str
    wanting: str


@dataclass(frozen=True)
class Coverage:
    """One connector: of how many faults we would know."""

    connector_id: int
    point: str
    station: str
    site: str
    model: str
    seen: int
    partly: int
    of: int
    signals: list[SignalView]
    faults: list[RuleView]
    wanting: str
    looked_at: datetime | None
    href: str


def connectors_of(person: Person) -> QuerySet[Connector]:
    """Return the connectors in use that a person may see, with their places."""
    rows = Connector.objects.visible_to(person).filter(station__is_active=True)
    return rows.select_related("station__location", "evse")


def coverage_spec(person: Person) -> Spec:
    """Return what the list of the whole network's coverage can do."""
    sites = Location.objects.visible_to(person).values_list("pk", "name")[:MOST_SITES]
    lacking = [
        (signal, _("Without: %(signal)s") % {"signal": NAMES[signal]}) for signal in SIGNALS
    ]
    return Spec(
        name="coverage",
        columns=(
            Column("station", _("Station"), ("station__name", "evse__number"), csv=_station),
            Column("site", _("Site"), ("station__location__name",), csv=lambda row: row.site),
            Column("seen", _("Faults it can show"), is_number=True, csv=lambda row: row.seen),
            Column("partly", _("Partly"), is_number=True, csv=lambda row: row.partly),
            Column("wanting", _("What it does not tell"), csv=lambda row: row.wanting),
            Column("looked", _("Looked at"), is_number=True, csv=lambda row: row.looked_at),
        ),
        default_sort="station",
        filters=(
            Filter("lacks", _("All signals"), lacking, _lacks),
            Filter(
                "site",
                _("All sites"),
                [(str(pk), name) for pk, name in sites],
                lambda value: Q(station__location_id=int(value)),
            ),
        ),
        search=lambda text: (
            Q(station__name__istartswith=text)
            | Q(station__model__istartswith=text)
            | Q(station__vendor__istartswith=text)
        ),
        search_label=_("Search station or model"),
    )


def _station(row: Coverage) -> str:
    return f"{row.station} {row.point}"


def _lacks(signal: str) -> Q:
    given = ConnectorSignal.objects.filter(connector=OuterRef("pk"), signal=signal).filter(
        Q(seen_at__isnull=False) | Q(is_promised=True)
    )
    return ~Q(Exists(given))


def describe_coverage(connectors: Sequence[Connector]) -> list[Coverage]:
    """Return the coverage of some connectors; their signals are read in one query."""
    known: dict[int, dict[str, ConnectorSignal]] = defaultdict(dict)
    for row in ConnectorSignal.objects.filter(connector__in=connectors):
        known[row.connector_id][row.signal] = row
    return [_describe(connector, known[connector.pk]) for connector in connectors]


def _describe(connector: Connector, known: Mapping[str, ConnectorSignal]) -> Coverage:
    station = connector.station
    given = {name for name, row in known.items() if row.seen_at or row.is_promised}
    faults = [_rule(rule.code, station.ocpp_version, given) for rule in rules.RULES]
    levels = Counter(each.level for each in faults)
    lacking = [str(NAMES[each]) for each in _expected(connector) if each not in given]
    return Coverage(
        connector_id=connector.pk,
        point=connector.point,
        station=station.name,
        site=station.location.name,
        model=" ".join(part for part in (station.vendor, station.model) if part),
        seen=levels["full"],
        partly=levels["degraded"],
        of=len(faults),
        signals=[
            SignalView(str(NAMES[signal]), row.seen_at, row.is_promised)
            for signal in SIGNALS
            if (row := known.get(signal))
        ],
        faults=faults,
        wanting=", ".join(lacking) if known else "",
        looked_at=max((row.looked_at for row in known.values()), default=None),
        href=reverse("station_commissioning", args=[station.pk]),
    )


def _expected(connector: Connector) -> list[str]:
    """Return the signals a connector of its kind could give."""
    without = {"error_codes"}  # a healthy one never had a reason to send one
    if connector.station.ocpp_version == OcppVersion.V16:
        without.add("device_events")
    if any(word in connector.standard.upper() for word in ("COMBO", "CHADEMO")):
        without.add("phases")
    else:
        without.add("soc")
    return [signal for signal in SIGNALS if signal not in without]


def _rule(code: str, version: str, given: set[str]) -> RuleView:
    level, wanting = needs.level_of(code, version, given)
    name = _(words.words_for(code).name)
    return RuleView(code, name, level, ", ".join(str(NAMES[each]) for each in wanting))
