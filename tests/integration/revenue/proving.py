"""Books of a trade, and what the proof says of them."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from billing.models import RatingHold
from revenue import proof
from revenue.proof import Check
from tests.cast import Cast
from tests.integration.revenue.made import NOW, Shop, shops

D = Decimal

LATER = NOW + timedelta(hours=1)


def prove(shop: Shop, now: datetime = LATER, until: date | None = None) -> list[Check]:
    return proof.prove_books(operator_ids=[shop.operator.pk], until=until, as_of=now)


def wrong(checks: list[Check]) -> dict[str, Decimal]:
    return {check.invariant: check.difference for check in checks if check.difference}


def find(checks: list[Check], invariant: str) -> Check:
    [found] = [check for check in checks if check.invariant == invariant]
    return found


def a_months_trade() -> tuple[Cast, Shop]:
    """Make one session paid, one invoiced with an öre moved, one open, one free, one on hold."""
    made, shop = shops()
    paid = shop.cdr(made.tethered, ("25", "80.00", "20.00"), cable=made.cable)
    moved = shop.cdr(made.socket, ("25", "0.79", "0.20"))
    shop.cdr(made.socket, ("25", "16.00", "4.00"))
    shop.cdr(made.socket, ("25", "0.00", "0.00"))
    shop.payment(shop.invoice((paid, "25", "80.00", "20.00")))
    shop.invoice((moved, "25", "0.80", "0.19"))
    held = shop.session(made.socket)
    RatingHold.objects.create(
        operator=shop.operator, session=held, reason="no_tariff", held_at=NOW, tried_at=NOW
    )
    return made, shop
