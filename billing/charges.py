"""A Cdr from a priced session and what the gate ruled, rounded once; or why there is none yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from billing.gate import charging, judging
from billing.gate.judging import Verdict
from billing.gate.policy import Outcome
from billing.models import Cdr, Customer
from billing.queries import rounding
from billing.tariffs import formula
from billing.tariffs.bill import PricedSession
from billing.vat import buyer_numbers, reverse
from billing.vat.parts import Basis, Part
from billing.vat.reverse import Buyer, Supply, Treatment
from stations.models import Session

TAX_UNKNOWN = "tax_unknown"
# The books keep 12 digits before the point; a session this dear is a slip in its price list.
BEYOND_BOOKS, MOST = "amount_beyond_books", Decimal(10**9)


@dataclass(frozen=True, slots=True)
class Held:
    """Why a session has no Cdr now, and what it would come to."""

    reason: str
    detail: str = ""
    findings: Sequence[Mapping[str, Any]] = ()
    at_risk: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays for a session, and out of whose budget; nobody known is nobody."""

    customer: Customer | None = None
    cost_centre_id: int | None = None

    @property
    def basis(self) -> Basis:
        """Return which side of the price was agreed."""
        is_company = self.customer is not None and self.customer.is_company
        return Basis.NET if is_company else Basis.GROSS


def charge_of(
    session: Session,
    tariff_id: int,
    priced: PricedSession,
    payer: Payer,
    verdict: Verdict,
    as_of: datetime,
) -> Cdr | Held:
    """Return the Cdr with its price rounded once, half up, to the minor unit."""
    basis, vat = payer.basis, _vat_of(session, payer.customer)
    if vat.is_untaxed:
        priced = charging.without_vat(priced)
    if verdict.held_for is not None:
        whole = _amounts(priced, basis)
        return whole if isinstance(whole, Held) else _held_by_gate(verdict, whole, priced.currency)
    billed = charging.charged(priced, verdict.outcome)
    amounts = _amounts(billed, basis)
    if isinstance(amounts, Held):
        return amounts
    told = verdict.told()
    if billed is not priced and not isinstance(all_of_it := _amounts(priced, basis), Held):
        told["whole_incl_vat"] = str(all_of_it.incl)
    cdr = _written(session, payer, billed.currency, amounts, told, as_of)
    cdr.tariff_id, cdr.vat_decision = tariff_id, _told_vat(vat)
    cdr.lines = [formula.priced_line(line) for line in billed.lines]
    return cdr


def _vat_of(session: Session, customer: Customer | None) -> reverse.Decision:
    """Return how VAT on the electricity is treated; a number that does not hold is none."""
    seller = session.operator.country
    if customer is None or not customer.is_company or customer.country == seller:
        return reverse.Decision(Treatment.STANDARD)
    assert session.ended_at is not None, "only completed sessions are rated"
    number = buyer_numbers.compact_vat_number(customer.vat_number, customer.country)
    buyer = Buyer(
        country=customer.country,
        is_company=True,
        has_vat_number=bool(number),
        is_taxable_dealer=customer.is_taxable_dealer,
    )
    day = session.ended_at.astimezone(ZoneInfo(session.station.location.timezone)).date()
    return reverse.decide(seller, buyer, Supply.ELECTRICITY, day)


def _told_vat(vat: reverse.Decision) -> dict[str, str]:
    if not vat.is_untaxed:
        return {}
    return {"treatment": vat.treatment.value, "rule": vat.rule, "article": vat.article}


def waived(session: Session, payer: Payer, as_of: datetime) -> Cdr:
    """Return the Cdr of a session a person waived: nothing is charged, whatever its price is."""
    currency = session.operator.currency
    told = {"outcome": Outcome.WAIVE.value, "waived_by": "person"}
    free = rounding.breakdown([Part(Fraction(0), 0, 0)], currency)
    nothing = _Amounts(Decimal(0), Decimal(0), free)
    return _written(session, payer, currency, nothing, told, as_of)


@dataclass(frozen=True, slots=True)
class _Amounts:
    """A price rounded, in whole and per rate."""

    excl: Decimal
    vat: Decimal
    breakdown: list[dict[str, str]]

    @property
    def incl(self) -> Decimal:
        return self.excl + self.vat


def _held_by_gate(verdict: Verdict, whole: _Amounts, currency: str) -> Held:
    assert verdict.held_for is not None, "only what a check holds waits"
    found = verdict.held_for
    evidence = ", ".join(
        value if isinstance(value, str) else f"{name} {value}"
        for name, value in found.evidence.items()
    )
    findings = judging.told_findings(verdict.findings)
    return Held(found.check, evidence[:255], findings, whole.incl, currency)


def _amounts(priced: PricedSession, basis: Basis) -> "_Amounts | Held":
    rounded = rounding.rounded_parts(priced, basis)
    if rounded is None:
        return Held(TAX_UNKNOWN, "the tariff's prices hold a tax it does not name")
    excl, vat = rounding.sums(rounded, priced.currency)
    if max(abs(excl), abs(vat), abs(excl + vat)) >= MOST:
        return Held(BEYOND_BOOKS, f"{excl + vat:.2e} {priced.currency}")
    return _Amounts(excl, vat, rounding.breakdown(rounded, priced.currency))


def _written(
    session: Session,
    payer: Payer,
    currency: str,
    amounts: _Amounts,
    told: dict[str, Any],
    as_of: datetime,
) -> Cdr:
    assert session.ended_at is not None, "only completed sessions are rated"
    assert session.energy_wh is not None, "only completed sessions are rated"
    return Cdr(
        operator_id=session.operator_id,
        session_id=session.pk,
        location_id=session.station.location_id,
        station_id=session.station_id,
        connector_id=session.connector_id,
        cable_id=session.cable_id,
        driver_id=session.driver_id,
        customer=payer.customer,
        cost_centre_id=payer.cost_centre_id,
        started_at=session.started_at,
        ended_at=session.ended_at,
        energy_wh=session.energy_wh,
        parking_s=session.parking_s,
        currency=currency,
        total_excl_vat=amounts.excl,
        vat_amount=amounts.vat,
        total_incl_vat=amounts.incl,
        vat_breakdown=amounts.breakdown,
        lines=[],
        gate=told,
        rated_at=as_of,
    )
