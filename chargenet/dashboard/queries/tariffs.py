"""Price lists as their pages show them: versions, where each holds, drafts, what checks say."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from billing import price_lists
from billing.models import Contract, Tariff, TariffAssignment, TariffDraft
from billing.queries import lists, shown
from billing.queries.shown import PriceRow
from billing.tariffs import own_document, reading
from billing.tariffs.formula import PriceList
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
    contracts: int
    has_draft: bool


@dataclass(frozen=True)
class Reading:
    """A document as our engine reads it, or why it cannot."""

    text: str
    tariff: NativeTariff | None
    findings: list[tuple[Finding, str]]
    problem: str = ""
    price_list: PriceList | None = None


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
    drafts = TariffDraft.objects.filter(operator_id=OuterRef("operator_id"), code=OuterRef("code"))
    return (
        Tariff.objects.in_charge(person)
        .select_related("operator")
        .filter(~Exists(newer))
        .annotate(
            places=_count(TariffAssignment.objects.all(), as_of),
            contracts=_count(Contract.objects.all(), as_of),
            has_draft=Exists(drafts),
        )
    )


def _count(rows: QuerySet[Any], as_of: datetime) -> Coalesce:
    """Count what has any version of a list now or later."""
    of_list = rows.filter(
        Q(valid_until=None) | Q(valid_until__gt=as_of),
        operator_id=OuterRef("operator_id"),
        tariff__code=OuterRef("code"),
    )
    counted = of_list.order_by().values("tariff__code").annotate(found=Count("pk")).values("found")
    return Coalesce(Subquery(counted), 0)


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
        prices=_("cannot be read") if ours is None else _now(tariff, ours, as_of),
        places=getattr(tariff, "places", 0),
        contracts=getattr(tariff, "contracts", 0),
        has_draft=getattr(tariff, "has_draft", False),
    )


def _now(tariff: Tariff, ours: NativeTariff, as_of: datetime) -> str:
    rows = prices_of(tariff, ours, as_of)
    return " + ".join(row.price for row in rows if row.is_now and not row.when)[:120] or ", ".join(
        row.price for row in rows if row.is_now
    )


def prices_of(
    row: Tariff | TariffDraft, ours: NativeTariff | None, as_of: datetime
) -> list[PriceRow]:
    """Return what a driver would see of a version or a draft now, by the operator's clock."""
    if ours is None:
        return []
    local = as_of.astimezone(ZoneInfo(row.operator.timezone))
    return shown.rows_of(ours, local=local, power_w=None, spot=shown.spot_ahead(row, ours, as_of))


def versions_of(tariff: Tariff) -> QuerySet[Tariff]:
    """Return every version of a price list, the newest first, with what each priced."""
    rows = Tariff.objects.filter(operator_id=tariff.operator_id, code=tariff.code)
    return rows.order_by("-version")


def text_of(tariff: Tariff) -> str:
    """Return a version as the JSON text it is priced by, each price with its digits."""
    return lists.price_lists([tariff.pk]).texts[tariff.pk]


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
    except reading.Refused as error:
        return Reading(text, None, [], str(error))
    findings = told(price_lists.findings_of(document))
    try:
        ours = own_document.read_text(text)[1]
    except reading.Refused as error:
        return Reading(text, None, findings, str(error))
    # As it will be kept: OCPI's alone where nothing of ours stands around it.
    return Reading(text, ours, findings, "", ours if len(document) > 1 else ours.base)


def told(findings: Iterable[Finding]) -> list[tuple[Finding, str]]:
    """Return findings with their words in the reader's language."""
    return [(each, _(each.template) % each.values) for each in findings]
