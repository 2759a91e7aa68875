"""Price lists as they were when they priced something: each text once."""

import hashlib
from collections.abc import Collection, Mapping
from fractions import Fraction

from billing.models import Cdr, Customer, Tariff, TariffSnapshot
from billing.queries.lists import PriceLists
from billing.tariffs.bill import Amount
from billing.vat.parts import Basis


def snapshots_of(tariff_ids: Collection[int], lists: PriceLists) -> Mapping[int, int]:
    """Return the kept copy of each price list by tariff id; one that is new is kept now."""
    if not tariff_ids:
        return {}
    digests = {each: hashlib.sha256(lists.texts[each].encode()).hexdigest() for each in tariff_ids}
    known = _known(digests)
    missing = {each: digest for each, digest in digests.items() if each not in known}
    if missing:
        owners = Tariff.objects.in_bulk(list(missing))
        TariffSnapshot.objects.bulk_create(
            [
                TariffSnapshot(
                    operator_id=owners[each].operator_id,
                    tariff_id=each,
                    digest=digest,
                    text=lists.texts[each],
                )
                for each, digest in sorted(missing.items())
            ],
            ignore_conflicts=True,
        )
        known |= _known(missing)
    return known


def _known(digests: Mapping[int, str]) -> dict[int, int]:
    rows = TariffSnapshot.objects.filter(tariff_id__in=digests).values_list(
        "tariff_id", "digest", "pk"
    )
    return {tariff_id: pk for tariff_id, digest, pk in rows if digests[tariff_id] == digest}


def basis_of(customer: Customer | None) -> Basis:
    """Return whether the amount agreed with a payer holds its VAT: a consumer's does."""
    return Basis.NET if customer is not None and customer.is_company else Basis.GROSS


def billed_amount(cdr: Cdr) -> Amount:
    """Return what a Cdr came to, without and with VAT."""
    return Amount(Fraction(cdr.total_excl_vat.amount), Fraction(cdr.total_incl_vat.amount))
