"""A small trade: tariffs, customers and completed sessions at the cast's stations."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from billing import rating
from billing.models import Cdr, Contract, Customer, Tariff, TariffAssignment
from stations.models import Connector, Location, Session, Station
from tests.cast import Cast

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
NOON = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
RATED = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def price_list(price: str, vat: int | None = 25, **extra: Any) -> dict[str, Any]:
    component: dict[str, Any] = {"type": "ENERGY", "price": float(price), "step_size": 1}
    if vat is not None:
        component["vat"] = vat
    return {"currency": "SEK", "elements": [{"price_components": [component]}], **extra}


def make_tariff(scene: Cast, code: str, ocpi: dict[str, Any], version: int = 1) -> Tariff:
    return Tariff.objects.create(
        operator=scene.operator,
        code=code,
        version=version,
        name=code,
        currency=ocpi["currency"],
        ocpi=ocpi,
    )


def assign(
    tariff: Tariff,
    place: Location | Station | Connector | None = None,
    *,
    since: datetime = OPENED,
    until: datetime | None = None,
) -> TariffAssignment:
    named = {} if place is None else {type(place).__name__.lower(): place}
    return TariffAssignment.objects.create(
        operator=tariff.operator, tariff=tariff, valid_from=since, valid_until=until, **named
    )


def make_session(
    scene: Cast,
    *,
    energy_wh: int = 10_000,
    started_at: datetime = NOON,
    hours: float = 1,
    connector: Connector | None = None,
    number: str = "",
    **fields: Any,
) -> Session:
    connector = connector or scene.socket
    ended_at = started_at + timedelta(hours=hours)
    return Session.objects.create(
        operator=scene.operator,
        station=connector.station,
        connector=connector,
        ocpp_transaction_id=number or f"t{Session.objects.count() + 1}",
        state=fields.pop("state", Session.State.COMPLETED),
        started_at=started_at,
        ended_at=ended_at,
        received_at=ended_at,
        completed_at=ended_at,
        energy_wh=energy_wh,
        **fields,
    )


def make_customer(scene: Cast, reference: str = "c1", **fields: Any) -> Customer:
    return Customer.objects.create(
        operator=scene.operator, reference=reference, name=reference.title(), **fields
    )


def make_contract(scene: Cast, customer: Customer, **fields: Any) -> Contract:
    return Contract.objects.create(
        operator=scene.operator,
        customer=customer,
        token=fields.pop("token", scene.astrids_token),
        valid_from=OPENED,
        **fields,
    )


def rate(session: Session) -> Cdr | None:
    return rating.rate_session(session_id=session.pk, as_of=RATED)


def total(cdr: Cdr | None) -> Decimal:
    assert cdr is not None
    return Cdr.objects.values_list("total_incl_vat", flat=True).get(pk=cdr.pk)
