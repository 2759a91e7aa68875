"""The demo's companies: a fleet with cost centres, a partner abroad, and what the books agreed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from billing import contracts, customers, fairness
from billing.gate import policy
from billing.models import Contract, CostCentre, Customer, FairRule
from chargenet.core.models import Operator, User
from chargenet.demo.plan import CAST
from stations.models import Token

SIGNED_BEFORE = timedelta(days=200)
WRITTEN_BEFORE, CHANGED_BEFORE = timedelta(days=41), timedelta(days=9)
GROUP: Final = ("Åkerier", "Mer än tio fordon, samma villkor")
FLEET: Final = {
    "reference": "BUD-4400",
    "name": "Budbilarna i Skåne AB",
    "kind": "fleet",
    "org_number": "559998-0017",
    "vat_number": "SE559998001701",
    "street": "Lastgatan 12",
    "postal_code": "212 29",
    "city": "Malmö",
    "country": "SE",
    "email": "ekonomi@budbilarna.example",
    "invoice_email": "faktura@budbilarna.example",
    "peppol_scheme": "0007",
    "peppol_id": "5599980017",
    "buyer_reference": "Fordon 4400",
    "order_number": "PO-2026-118",
    "payment_terms_days": "20",
}
# Code, name, how many cards charge on it; the last one was given up.
CENTRES: Final = (("4410", "Malmö", 3), ("4420", "Lund", 2), ("4490", "Ystad", 0))
PARTNER: Final = {
    "reference": "HANSA",
    "name": "Hansa Mobil GmbH",
    "kind": "partner",
    "vat_number": "DE999900104",
    "street": "Kaistraße 3",
    "postal_code": "20457",
    "city": "Hamburg",
    "country": "DE",
    "language": "en",
    "email": "billing@hansamobil.example",
    "buyer_reference": "Roaming SE",
    "is_taxable_dealer": "on",
}
PARTNERS_CARDS = 2
HOME = "nordladd"


def bookkeeper(operator: Operator) -> User | None:
    """Return who of the cast keeps the books at an operator."""
    emails = [person.email for person in CAST if person.role == "finance"]
    rows = User.objects.filter(memberships__operator=operator, email__in=emails)
    return rows.order_by("pk").first()


def charge_cards(operator: Operator, uids: Sequence[str], *, as_of: datetime) -> set[str]:
    """Let the companies pay for the first of some cards; return those, which nobody else pays."""
    actor = bookkeeper(operator)
    if operator.slug != HOME or actor is None:
        return set()
    left, taken = iter(uids), set()
    fleet = _make(operator, FLEET, actor, as_of)
    for code, name, count in CENTRES:
        centre = _centre(fleet, code, name, actor, as_of)
        if not count and centre.is_active:
            contracts.retire_cost_centre(centre=centre, actor=actor, as_of=as_of)
        cards = [next(left) for _ in range(count)]
        taken.update(cards)
        _sign(fleet, cards, centre, actor, as_of)
    cards = [next(left) for _ in range(PARTNERS_CARDS)]
    _sign(_make(operator, PARTNER, actor, as_of), cards, None, actor, as_of)
    return taken.union(cards)


def _make(operator: Operator, written: dict[str, str], actor: User, as_of: datetime) -> Customer:
    known = Customer.objects.filter(operator=operator, reference=written["reference"]).first()
    if known is not None:
        return known
    at = as_of - SIGNED_BEFORE
    if written is FLEET:
        name, note = GROUP
        group = customers.add_group(operator=operator, name=name, note=note, actor=actor, as_of=at)
        written = {**written, "group": str(group.pk)}
    return customers.save_customer(
        operator=operator, customer=None, written=written, actor=actor, as_of=at
    )


def _centre(fleet: Customer, code: str, name: str, actor: User, as_of: datetime) -> CostCentre:
    known = CostCentre.objects.filter(customer=fleet, code=code).first()
    return known or contracts.add_cost_centre(
        customer=fleet, code=code, name=name, actor=actor, as_of=as_of - SIGNED_BEFORE
    )


def _sign(
    customer: Customer,
    uids: Sequence[str],
    centre: CostCentre | None,
    actor: User,
    as_of: datetime,
) -> None:
    tokens = Token.objects.filter(operator_id=customer.operator_id, uid__in=uids)
    signed = set(Contract.objects.filter(token__in=tokens).values_list("token_id", flat=True))
    for token in tokens.order_by("pk"):
        if token.pk not in signed:
            contracts.add_contract(
                customer=customer,
                token_uid=token.uid,
                centre=centre,
                actor=actor,
                as_of=as_of - SIGNED_BEFORE,
            )


def agree_on_fairness(operator: Operator, *, as_of: datetime) -> None:
    """Let the books have written their policy for faults, and changed one row of it since."""
    actor = bookkeeper(operator)
    if actor is None or FairRule.objects.filter(operator=operator).exists():
        return
    own = list(policy.SHIPPED)
    failed = own[1]
    generous = replace(failed, until_wh=2 * policy.FAILED_WH)
    for rules, before in (
        (own, WRITTEN_BEFORE),
        ([own[0], generous, *own[2:]], CHANGED_BEFORE),
    ):
        fairness.write_rules(operator=operator, rules=rules, actor=actor, as_of=as_of - before)
