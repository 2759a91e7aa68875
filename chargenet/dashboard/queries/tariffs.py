"""Price lists as their pages show them: versions, where each holds, drafts, what checks say."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from billing import price_lists
from billing.models import Contract, Tariff, TariffAssignment, TariffDraft
from billing.queries import shown
from billing.queries.shown import PriceRow
from billing.tariffs import own_document, reading
from billing.tariffs.lint import Finding
from billing.tariffs.native.model import NativeTariff
from chargenet.core.access import Person
from chargenet.core.listing import Column, Spec


@dataclass(frozen=True)
class TariffRow:
    """One price list: its newest version, and what it costs now."""

    id: int
    code: str
    name: str
    version: int
    currency: str
    prices: str
    places: int
    has_draft: bool


@dataclass(frozen=True)
class HoldRow:
    """Where a version holds, and when."""

    id: int
    place: str
    version: int
    valid_from: datetime
    valid_until: datetime | None
    state: str


@dataclass(frozen=True)
class Reading:
    """A document as our engine reads it, or why it cannot."""

    text: str
    tariff: NativeTariff | None
    findings: list[tuple[Finding, str]]
    problem: str = ""


def tariff_spec() -> Spec:
    """Return what the list of price lists can do."""
    return Spec(
        name="tariffs",
        columns=(
            Column("name", _("Price list"), ("name",), csv=lambda row: row.name),
            Column("code", _("Code"), ("code",), csv=lambda row: row.code),
            Column(
                "version", _("Version"), ("version",), is_number=True, csv=lambda row: row.version
            ),
            Column("prices", _("Now, incl. VAT"), csv=lambda row: row.prices),
            Column(
                "places", _("Holds at"), ("places",), is_number=True, csv=lambda row: row.places
            ),
        ),
        default_sort="name",
        search=lambda text: Q(name__icontains=text) | Q(code__istartswith=text),
        search_label=_("Search name or code"),
    )


def tariffs_of(person: Person, as_of: datetime) -> QuerySet[Tariff]:
    """Return the newest version of each price list a person may see."""
    newer = Tariff.objects.filter(
        operator_id=OuterRef("operator_id"),
        code=OuterRef("code"),
        version__gt=OuterRef("version"),
    )
    holding = Q(assignments__valid_until=None) | Q(assignments__valid_until__gt=as_of)
    drafts = TariffDraft.objects.filter(operator_id=OuterRef("operator_id"), code=OuterRef("code"))
    return (
        Tariff.objects.in_charge(person)
        .filter(~Exists(newer))
        .annotate(places=Count("assignments", filter=holding), has_draft=Exists(drafts))
    )


def describe_tariffs(tariffs: Sequence[Tariff], as_of: datetime) -> list[TariffRow]:
    """Return the rows of some price lists."""
    readable = shown.native_of([each.pk for each in tariffs])
    return [_row(each, readable.get(each.pk), as_of) for each in tariffs]


def _row(tariff: Tariff, ours: NativeTariff | None, as_of: datetime) -> TariffRow:
    return TariffRow(
        id=tariff.pk,
        code=tariff.code,
        name=tariff.name,
        version=tariff.version,
        currency=tariff.currency,
        prices=_("cannot be read") if ours is None else _now(ours, as_of),
        places=getattr(tariff, "places", 0),
        has_draft=getattr(tariff, "has_draft", False),
    )


def _now(tariff: NativeTariff, as_of: datetime) -> str:
    rows = shown_rows(tariff, as_of)
    return " + ".join(row.price for row in rows if row.is_now and not row.when)[:120] or ", ".join(
        row.price for row in rows if row.is_now
    )


def shown_rows(
    tariff: NativeTariff, as_of: datetime, power_w: int | None = None
) -> list[PriceRow]:
    """Return what a driver would see of a tariff at an instant, in the operator's own zone."""
    return shown.rows_of(tariff, local=as_of.astimezone(), power_w=power_w)


def versions_of(tariff: Tariff) -> QuerySet[Tariff]:
    """Return every version of a price list, the newest first, with what each priced."""
    rows = Tariff.objects.filter(operator_id=tariff.operator_id, code=tariff.code)
    return rows.order_by("-version")


def holds_of(tariff: Tariff, as_of: datetime) -> list[HoldRow]:
    """Return where a price list holds, held and will hold; what holds now comes first."""
    rows = (
        TariffAssignment.objects.filter(operator_id=tariff.operator_id, tariff__code=tariff.code)
        .select_related("tariff", "location", "station", "connector__station", "connector__evse")
        .order_by(F("valid_until").desc(nulls_first=True), "-valid_from", "-pk")
    )
    return [_hold(row, as_of) for row in rows[:200]]


def _hold(row: TariffAssignment, as_of: datetime) -> HoldRow:
    is_over = row.valid_until is not None and row.valid_until <= as_of
    state = "over" if is_over else "waits" if row.valid_from > as_of else "holds"
    return HoldRow(
        id=row.pk,
        place=_place(row),
        version=row.tariff.version,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        state=state,
    )


def _place(row: TariffAssignment) -> str:
    if row.connector is not None:
        return f"{row.connector.station.name} · {row.connector.point}"
    if row.station is not None:
        return row.station.name
    return row.location.name if row.location is not None else _("Everywhere")


def contracts_of(tariff: Tariff) -> int:
    """Return how many open contracts name a version of a price list as their own price."""
    return Contract.objects.filter(
        operator_id=tariff.operator_id, tariff__code=tariff.code, valid_until=None
    ).count()


def text_of(tariff: Tariff) -> str:
    """Return a version as JSON text, each price with its digits."""
    rows = Tariff.objects.filter(pk=tariff.pk).annotate(text=Cast("ocpi", TextField()))
    return str(rows.values_list("text", flat=True).get())


def own_text_of(tariff: Tariff) -> str:
    """Return a version as the text a draft begins with, laid out to be read."""
    text = text_of(tariff)
    try:
        document = own_document.as_own(own_document.parse_text(text))
    except reading.Refused:
        return text
    return own_document.write_text(document)


def read(text: str) -> Reading:
    """Return what a text says and what the checks say of it, in the reader's language."""
    try:
        document = own_document.as_own(own_document.parse_text(text))
        findings = told(price_lists.findings_of(document))
        return Reading(text, own_document.read_text(text)[1], findings)
    except reading.Refused as error:
        return Reading(text, None, [], str(error))


def told(findings: Iterable[Finding]) -> list[tuple[Finding, str]]:
    """Return findings with their words in the reader's language."""
    return [(each, _(each.template) % each.values) for each in findings]
