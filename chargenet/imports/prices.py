"""The prices and the payers of imported sessions."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db import transaction

from billing.models import Contract, Customer, Tariff, TariffAssignment
from billing.tariffs import ocpi, reading
from chargenet.core.models import Operator
from stations.history import Survey
from stations.models import Location, Station, Token

DROP_IN = "Drop-in sales"


class PricesRefused(ValueError):
    """A mapping's prices cannot be used: which key, and what is wrong with it."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__(text)
        self.key = key


@dataclass(frozen=True)
class Prices:
    """The money part of a mapping: an OCPI tariff, the code of one we have, or none.

    Without a tariff sessions wait for the prices their places have, or come to have.
    """

    currency: str
    tariff: Mapping[str, Any] | str | None = None
    collective_customer: str = ""


def parse_prices(written: Mapping[str, Any]) -> Prices:
    """Read the money part of a mapping; raises PricesRefused."""
    currency, tariff = written["currency"], written["tariff"]
    collective = written.get("collective_customer", "")
    if not (isinstance(currency, str) and len(currency) == 3 and currency.isupper()):
        raise PricesRefused("currency", f"{currency!r} is no ISO 4217 code")
    if not isinstance(collective, str) or len(collective) > 80:
        raise PricesRefused("collective_customer", "takes a name of at most 80 characters")
    if isinstance(tariff, dict):
        _check_tariff(tariff, currency)
    elif not (tariff is None or (isinstance(tariff, str) and tariff)):
        raise PricesRefused("tariff", "takes an OCPI tariff, the id of one, or null")
    return Prices(currency=currency, tariff=tariff, collective_customer=collective)


def keep_tariff(*, operator: Operator, priced: Prices) -> Tariff | None:
    """Return the tariff to price with: a new version where what is written differs from ours.

    Raises PricesRefused where an id is unknown or has another currency.
    """
    if priced.tariff is None:
        return None
    if isinstance(priced.tariff, str):
        return _known_tariff(operator, priced.tariff, priced.currency)
    written = dict(priced.tariff)
    code = str(written["id"])
    latest = _latest(operator, code)
    if latest is not None and latest.ocpi == written:
        return latest
    texts = written.get("tariff_alt_text") or [{"text": code}]
    tariff, _ = Tariff.objects.get_or_create(
        operator=operator,
        code=code,
        version=latest.version + 1 if latest else 1,
        defaults={"name": texts[0]["text"][:120], "currency": priced.currency, "ocpi": written},
    )
    return tariff


@transaction.atomic
def assign_tariff(*, tariff: Tariff, station_ids: Collection[int], survey: Survey) -> None:
    """Let a tariff hold at stations for the days of a list, so that live prices stay as they are.

    An earlier version of it gives way; a Cdr keeps the version it was priced with.
    """
    if survey.first_start is None or survey.last_end is None:
        return
    valid_from = datetime.combine(survey.first_start.date(), time(), UTC)
    valid_until = datetime.combine(survey.last_end.date(), time(), UTC) + timedelta(days=1)
    ours = TariffAssignment.objects.filter(
        station_id__in=station_ids, tariff__code=tariff.code, operator_id=tariff.operator_id
    )
    known = {assignment.station_id: assignment for assignment in ours.order_by("-pk")}
    for assignment in known.values():
        begins = min(assignment.valid_from, valid_from)
        ends = assignment.valid_until and max(assignment.valid_until, valid_until)
        held = (assignment.tariff_id, assignment.valid_from, assignment.valid_until)
        if held != (tariff.pk, begins, ends):
            assignment.tariff, assignment.valid_from, assignment.valid_until = tariff, begins, ends
            assignment.save(update_fields=["tariff", "valid_from", "valid_until"])
    TariffAssignment.objects.bulk_create(
        TariffAssignment(
            operator_id=tariff.operator_id,
            tariff=tariff,
            station_id=station_id,
            valid_from=valid_from,
            valid_until=valid_until,
        )
        for station_id in sorted(set(station_ids) - set(known))
    )


def make_collective_customers(
    *, operator: Operator, name: str, station_ids: Collection[int]
) -> None:
    """Give each site of some stations the customer who takes what it sold to nobody known."""
    sites = Station.objects.filter(pk__in=station_ids).values("location_id")
    Customer.objects.bulk_create(
        (
            Customer(
                operator=operator,
                location=location,
                reference=f"site-{location.pk}",
                name=f"{name or DROP_IN}, {location.name}"[:160],
                country=operator.country,
                language=operator.language,
            )
            for location in Location.objects.filter(pk__in=sites).order_by("pk")
        ),
        ignore_conflicts=True,
    )


@transaction.atomic
def make_contracts(*, tokens: Mapping[str, Token], valid_from: datetime) -> None:
    """Make each listed customer id that belongs to nobody a customer with a contract."""
    lonely = {
        uid: token
        for uid, token in tokens.items()
        if token.driver_id is None and not Contract.objects.filter(token=token).exists()
    }
    for uid, token in lonely.items():
        customer, _ = Customer.objects.get_or_create(
            operator_id=token.operator_id, reference=f"token-{uid}", defaults={"name": uid}
        )
        Contract.objects.create(
            operator_id=token.operator_id, customer=customer, token=token, valid_from=valid_from
        )


def _check_tariff(tariff: Mapping[str, Any], currency: str) -> None:
    try:
        read = ocpi.parse_tariff(reading.parse_json(json.dumps(tariff)))
    except reading.Refused as refused:
        raise PricesRefused(f"tariff {refused.where}", refused.what) from refused
    if read.currency != currency:
        raise PricesRefused("tariff", f"is in {read.currency}, the mapping in {currency}")
    if not (isinstance(tariff.get("id"), str) and 0 < len(tariff["id"]) <= 36):
        raise PricesRefused("tariff id", "takes 1 to 36 characters")


def _latest(operator: Operator, code: str) -> Tariff | None:
    return Tariff.objects.filter(operator=operator, code=code).order_by("-version").first()


def _known_tariff(operator: Operator, code: str, currency: str) -> Tariff:
    tariff = _latest(operator, code)
    if tariff is None:
        raise PricesRefused("tariff", f"{operator.slug} has no tariff {code!r}")
    if tariff.currency != currency:
        raise PricesRefused("tariff", f"is in {tariff.currency}, the mapping in {currency}")
    return tariff
