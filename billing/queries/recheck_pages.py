"""The nightly reckoning as a page shows it: what would cost something else now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from billing.models import PriceDifference, PriceRecheck
from chargenet.core.access import Person
from chargenet.core.listing import Column, Filter, Spec


@dataclass(frozen=True)
class DifferenceRow:
    """One Cdr that would come to something else."""

    session_id: int
    place: str
    zone: str
    ended_at: datetime
    billed: Decimal
    again: Decimal | None
    currency: str
    what: str
    why: str
    found_at: datetime
    is_gone: bool


def differences_of(person: Person) -> QuerySet[PriceDifference]:
    """Return the differences a person may see."""
    return PriceDifference.objects.visible_to(person).select_related("cdr__station__location")


def last_rechecks(person: Person) -> list[PriceRecheck]:
    """Return the newest reckoning of each operator a person works for."""
    rows = PriceRecheck.objects.visible_to(person).order_by("operator_id", "-day")
    return list(rows.distinct("operator_id").select_related("operator"))


def difference_spec() -> Spec:
    """Return what the list of differences can do."""
    return Spec(
        name="differences",
        columns=(
            Column("session", _("Session"), csv=lambda row: row.session_id),
            Column("place", _("Station"), ("cdr__station__name",), csv=lambda row: row.place),
            Column("what", _("What differs"), csv=lambda row: row.what),
            Column("billed", _("Billed, excl. VAT"), is_number=True, csv=lambda row: row.billed),
            Column("again", _("Now, excl. VAT"), is_number=True, csv=lambda row: row.again),
            Column("found", _("Found"), ("found_at",), csv=lambda row: row.found_at),
        ),
        default_sort="-found",
        filters=(
            Filter(
                "state",
                _("All differences"),
                [("open", _("Still there")), ("gone", _("Gone again"))],
                lambda value: Q(gone_at__isnull=value == "open"),
            ),
        ),
        search=lambda text: Q(cdr__station__name__istartswith=text),
        search_label=_("Search station"),
    )


def describe_differences(rows: Sequence[PriceDifference]) -> list[DifferenceRow]:
    """Return the rows of some differences."""
    return [_row(row, row.detail["billed"], row.detail["again"]) for row in rows]


def _row(row: PriceDifference, billed: dict[str, Any], again: dict[str, Any]) -> DifferenceRow:
    words = {
        "currency": _("currency"),
        "excl_vat": _("amount"),
        "vat": _("VAT"),
        "rates": _("amounts per rate"),
        "lines": _("lines"),
        "unreadable": _("it cannot be priced"),
    }
    now = again.get("excl_vat")
    return DifferenceRow(
        session_id=row.cdr.session_id,
        place=row.cdr.station.name,
        zone=row.cdr.station.location.timezone,
        ended_at=row.cdr.ended_at,
        billed=Decimal(billed["excl_vat"]),
        again=None if now is None else Decimal(now),
        currency=billed["currency"],
        what=", ".join(words.get(each, each) for each in row.detail["what"]),
        why=str(again.get("why", "")),
        found_at=row.found_at,
        is_gone=row.gone_at is not None,
    )
