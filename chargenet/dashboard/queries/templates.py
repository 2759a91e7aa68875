"""Configuration templates as pages show them: what they want, where, and who drifts from it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from chargenet.core.access import Person
from chargenet.core.listing import Column, ListPage, Spec
from chargenet.core.listing import Filter as Choice
from chargenet.dashboard import vocabulary
from stations import commissioning, variables
from stations.commissioning import Drift
from stations.models import (
    ConfigurationTemplate,
    DeviceVariable,
    Station,
    TemplatePlace,
    TemplateValue,
)
from stations.variables import Address

MOST_STATIONS, MOST_NAMES = 5000, 300


@dataclass(frozen=True)
class TemplateRow:
    """One template of the list."""

    name: str
    fits: str
    values: int
    places: int
    is_active: bool
    href: str


@dataclass(frozen=True)
class DriftRow:
    """One setting of one station against what is wanted."""

    station: str
    setting: str
    wanted: str
    actual: str | None
    state: str
    answer: str
    needs_reboot: bool
    read_at: datetime | None
    href: str


@dataclass
class TemplatePage:
    """What the page of a template shows, and the states of everything it holds for."""

    template: ConfigurationTemplate
    fits: str
    values: list[tuple[TemplateValue, str]]
    places: list[TemplatePlace]
    names: list[str]
    drifts: list[Drift] = field(default_factory=list)

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many settings are in which state, the worst first."""
        found = Counter(each.state for each in self.drifts)
        return [(state, found[state]) for state in vocabulary.DRIFT if found[state]]

    def stations_in(self, state: str) -> set[int]:
        """Return the stations with a setting in a state."""
        return {each.station.pk for each in self.drifts if each.state == state}

    @property
    def to_push(self) -> list[Station]:
        """The stations a push would set: they differ, or nobody knows."""
        wanted = {"differs", "unknown"}
        found = {each.station.pk: each.station for each in self.drifts if each.state in wanted}
        return list(found.values())


def templates_of(person: Person) -> QuerySet[ConfigurationTemplate]:
    """Return the templates a person may see, with how much is in them."""
    rows = ConfigurationTemplate.objects.visible_to(person)
    return rows.annotate(
        wanted=Count("values", distinct=True), assigned=Count("places", distinct=True)
    )


def template_spec() -> Spec:
    """Return what the list of templates can do."""
    return Spec(
        name="templates",
        columns=(
            Column("name", _("Template"), ("name",), csv=lambda row: row.name),
            Column("fits", _("Fits"), ("vendor", "model"), csv=lambda row: row.fits),
            Column("values", _("Settings"), is_number=True, csv=lambda row: row.values),
            Column("places", _("Places"), is_number=True, csv=lambda row: row.places),
        ),
        default_sort="name",
        search=lambda text: Q(name__icontains=text) | Q(model__icontains=text),
        search_label=_("Search template or model"),
    )


def describe_templates(templates: Sequence[ConfigurationTemplate]) -> list[TemplateRow]:
    """Return the rows of the list."""
    return [
        TemplateRow(
            name=each.name,
            fits=fits(each),
            values=getattr(each, "wanted", 0),
            places=getattr(each, "assigned", 0),
            is_active=each.is_active,
            href=reverse("template_page", args=[each.pk]),
        )
        for each in templates
    ]


def fits(template: ConfigurationTemplate) -> str:
    """Return in words which stations a template is for."""
    parts = [template.get_ocpp_version_display(), template.vendor, template.model]
    low, high = template.firmware_from, template.firmware_to
    if low or high:
        parts.append(f"{low or '…'} – {high or '…'}")
    return " · ".join(part for part in parts if part)


def template_page(person: Person, template: ConfigurationTemplate) -> TemplatePage:
    """Return the page; the caller has looked the template up for the person."""
    values = TemplateValue.objects.filter(template=template).order_by("component", "variable")
    places = TemplatePlace.objects.filter(template=template).select_related("location", "station")
    stations = list(stations_under(person, template)[:MOST_STATIONS])
    return TemplatePage(
        template=template,
        fits=fits(template),
        values=[(each, variables.shown_name(Address.of(each))) for each in values],
        places=list(places),
        names=_known_names(template),
        drifts=commissioning.find_drift(template, stations),
    )


def stations_under(person: Person, template: ConfigurationTemplate) -> QuerySet[Station]:
    """Return the stations a template may hold for, as far as a person may see them."""
    rows = commissioning.stations_of_template(template)
    return rows.filter(pk__in=Station.objects.visible_to(person).values("pk")).order_by("name")


def drift_spec(page: TemplatePage) -> Spec:
    """Return what the list of a template's drift can do."""
    states = [(state, str(mark.word)) for state, mark in vocabulary.DRIFT.items()]
    return Spec(
        name="drift",
        columns=(
            Column("station", _("Station"), ("name",), csv=lambda row: row.station),
            Column("setting", _("Setting"), csv=lambda row: row.setting),
            Column("state", _("State"), csv=lambda row: row.state),
            Column("wanted", _("Wanted"), csv=lambda row: row.wanted),
            Column("actual", _("Found"), csv=lambda row: row.actual),
            Column("answer", _("Last answer"), csv=lambda row: row.answer),
            Column("read", _("Read"), is_number=True, csv=lambda row: row.read_at),
        ),
        default_sort="station",
        filters=(
            Choice(
                "state",
                _("All states"),
                states,
                lambda state: Q(pk__in=page.stations_in(state)),
            ),
        ),
        search=lambda text: Q(name__istartswith=text) | Q(location__name__istartswith=text),
        search_label=_("Search station or site"),
    )


def describe_drift(page: TemplatePage, state: str, stations: Sequence[Station]) -> list[DriftRow]:
    """Return the lines of some stations, of one state where one is chosen."""
    wanted = {station.pk for station in stations}
    return [
        _drift_row(each)
        for each in page.drifts
        if each.station.pk in wanted and state in {"", each.state}
    ]


def counted_by_station(page: ListPage) -> ListPage:
    """Return a page whose foot counts stations, as its paging does; each has many lines."""
    shown = len({row.href for row in page.rows})
    return replace(page, last=max(0, page.first + shown - 1))


def _drift_row(drift: Drift) -> DriftRow:
    return DriftRow(
        station=drift.station.name,
        setting=variables.shown_name(drift.address),
        wanted=drift.wanted,
        actual=drift.actual,
        state=drift.state,
        answer=drift.answer,
        needs_reboot=drift.needs_reboot,
        read_at=drift.read_at,
        href=reverse("station_configuration", args=[drift.station.pk]),
    )


def _known_names(template: ConfigurationTemplate) -> list[str]:
    rows = (
        DeviceVariable.objects.filter(
            operator_id=template.operator_id,
            station__ocpp_version=template.ocpp_version,
            attribute="Actual",
            connector=0,
            is_missing=False,
        )
        .exclude(mutability="ReadOnly")
        .values("component", "component_instance", "evse", "variable", "variable_instance")
        .distinct()
        .order_by("component", "variable")[:MOST_NAMES]
    )
    return [variables.shown_name(Address.of(row)) for row in rows]
