"""Rated sessions, invoices and payments as rows, with amounts the tests choose."""

import itertools
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from billing.models import Cdr, Customer, Invoice, InvoiceLine, InvoiceSeries, Payment, Tariff
from chargenet.core.models import Operator
from stations.models import Connector, Location, Session
from tests import cast

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
RATED_AT = datetime(2026, 10, 5, 13, tzinfo=UTC)
NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
D = Decimal


def parts(*rates: tuple[str, str, str]) -> list[dict[str, str]]:
    """Return a VAT breakdown of (rate, excl_vat, vat)."""
    return [
        {"rate": rate, "excl_vat": net, "vat": vat, "incl_vat": str(D(net) + D(vat))}
        for rate, net, vat in rates
    ]


@dataclass
class Shop:
    """One operator's billing, made by hand."""

    operator: Operator
    counter: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    currency: str = "SEK"

    def tariff(self) -> Tariff:
        return Tariff.objects.get_or_create(
            operator=self.operator,
            code=f"STD-{self.currency}",
            defaults={"name": "Standard", "currency": self.currency, "ocpi": {}},
        )[0]

    def customer(self, reference: str = "C1", **values: Any) -> Customer:
        return Customer.objects.get_or_create(
            operator=self.operator, reference=reference, defaults={"name": reference, **values}
        )[0]

    def session(self, connector: Connector, **values: Any) -> Session:
        ended_at = values.pop("ended_at", NOON)
        return Session.objects.create(
            operator=self.operator,
            station_id=connector.station_id,
            connector=connector,
            ocpp_transaction_id=str(next(self.counter)),
            **{
                "started_at": ended_at - timedelta(hours=1),
                "ended_at": ended_at,
                "received_at": ended_at,
                "completed_at": ended_at,
                "energy_wh": 10_000,
                "state": Session.State.COMPLETED,
                **values,
            },
        )

    def cdr(
        self,
        connector: Connector,
        *rates: tuple[str, str, str],
        ended_at: datetime = NOON,
        **values: Any,
    ) -> Cdr:
        session = self.session(connector, ended_at=ended_at)
        net = sum((D(row[1]) for row in rates), D(0))
        vat = sum((D(row[2]) for row in rates), D(0))
        row = {
            "operator": self.operator,
            "session": session,
            "location_id": connector.station.location_id,
            "station_id": connector.station_id,
            "connector": connector,
            "customer": self.customer(),
            "tariff": self.tariff(),
            "started_at": session.started_at,
            "ended_at": ended_at,
            "energy_wh": session.energy_wh,
            "total_excl_vat": net,
            "vat_amount": vat,
            "total_incl_vat": net + vat,
            "currency": self.currency,
            "vat_breakdown": parts(*rates),
            "lines": [],
            "rated_at": RATED_AT,
            **values,
        }
        return Cdr.objects.create(**row)

    def invoice(
        self,
        *lines: tuple[Cdr | None, str, str, str],
        customer: Customer | None = None,
        issued_at: datetime = NOW,
        buyer: dict[str, str] | None = None,
    ) -> Invoice:
        """Issue lines of (cdr, rate, net, vat)."""
        series, _ = InvoiceSeries.objects.get_or_create(operator=self.operator, prefix="")
        number = next(self.counter)
        by_rate: dict[str, tuple[Decimal, Decimal]] = {}
        for _, rate, net, vat in lines:
            before = by_rate.get(rate, (D(0), D(0)))
            by_rate[rate] = (before[0] + D(net), before[1] + D(vat))
        total = sum((row[0] for row in by_rate.values()), D(0))
        vat_total = sum((row[1] for row in by_rate.values()), D(0))
        invoice = Invoice.objects.create(
            operator=self.operator,
            # A customer has one invoice a month: by default everybody gets an own one.
            customer=customer or self.customer(f"C{number}"),
            series=series,
            number=number,
            label=str(number),
            public_id=uuid.uuid4(),
            ocr_reference=str(number),
            period_start=date(2026, 10, 1),
            period_end=date(2026, 11, 1),
            issue_date=issued_at.date(),
            due_date=issued_at.date() + timedelta(days=30),
            issued_at=issued_at,
            total_excl_vat=total,
            vat_amount=vat_total,
            total_incl_vat=total + vat_total,
            currency=self.currency,
            vat_breakdown=parts(*((rate, str(n), str(v)) for rate, (n, v) in by_rate.items())),
            seller={},
            buyer=buyer or {},
        )
        for position, (cdr, rate, net, vat) in enumerate(lines, start=1):
            InvoiceLine.objects.create(
                operator=self.operator,
                invoice=invoice,
                position=position,
                cdr=cdr,
                session=cdr.session if cdr else None,
                station=cdr.station if cdr else None,
                connector=cdr.connector if cdr else None,
                cable=cdr.cable if cdr else None,
                description="Laddning",
                quantity=1,
                unit="kWh",
                vat_rate=D(rate),
                amount_excl_vat=D(net),
                vat_amount=D(vat),
                amount_incl_vat=D(net) + D(vat),
                currency=self.currency,
            )
        return invoice

    def payment(
        self, invoice: Invoice | None, amount: str | None = None, **values: Any
    ) -> Payment:
        number = next(self.counter)
        assert invoice or amount, "an advance says how much"
        row = {
            "operator": self.operator,
            "customer": invoice.customer if invoice else self.customer(),
            "invoice": invoice,
            "provider": "demo",
            "reference": f"P{self.operator.pk}-{number}",
            "provider_reference": f"ch_{self.operator.pk}_{number}",
            "amount": D(amount) if amount else invoice and invoice.total_incl_vat.amount,
            "currency": self.currency,
            "state": Payment.State.CAPTURED,
            "created_at": NOW,
            "captured_at": NOW,
            **values,
        }
        return Payment.objects.create(**row)


def shops() -> tuple[cast.Cast, Shop]:
    """Return the cast and the shop of its operator."""
    made = cast.make_cast()
    return made, Shop(made.operator)


def other_shop(made: cast.Cast) -> tuple[Shop, Connector]:
    """Return the shop of the other operator, and a connector of its own."""
    place = Location.objects.create(operator=made.other_operator, name="Bron")
    _, (connector,) = cast.make_station(place, "SYD-AC-1")
    return Shop(made.other_operator), connector
