"""Writing a priced session as JSON values: decimal strings, instants in Z."""

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from billing.tariffs.bill import FIXED, RESERVED, Amount, LineKind, PricedLine, PricedSession

ENDLESS_DECIMALS = 12
WH_PER_KWH = 1000
S_PER_HOUR = 3600


def decimal_text(value: Fraction) -> str:
    """Return a number in full if its decimals end, else 12 decimals, half up."""
    places = 0 if value.denominator == 1 else _decimals(value.denominator)
    if places is None:
        scaled = abs(value) * 10**ENDLESS_DECIMALS
        whole = int(scaled + Fraction(1, 2)) * (-1 if value < 0 else 1)
        places = ENDLESS_DECIMALS
    else:
        whole = value.numerator * (10**places // value.denominator)
    sign, digits = ("-" if whole < 0 else ""), str(abs(whole)).rjust(places + 1, "0")
    if not places:
        return sign + digits
    text = f"{digits[:-places]}.{digits[-places:]}"
    return sign + text.rstrip("0").rstrip(".")


def _decimals(denominator: int) -> int | None:
    """Return how many decimals a fraction in lowest terms has, None if they never end."""
    counts = []
    for prime in (2, 5):
        count = 0
        while denominator % prime == 0:
            denominator //= prime
            count += 1
        counts.append(count)
    return max(counts) if denominator == 1 else None


def instant_text(instant: datetime) -> str:
    """Return an instant in UTC with Z."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def priced_session(priced: PricedSession) -> dict[str, Any]:
    """Return a priced session as the price_session command prints it."""
    kinds = {
        "total_fixed_cost": FIXED,
        "total_energy_cost": frozenset({LineKind.ENERGY}),
        "total_time_cost": frozenset({LineKind.TIME}),
        "total_parking_cost": frozenset({LineKind.PARKING_TIME}),
        "total_reservation_cost": RESERVED,
    }
    return {
        "currency": priced.currency,
        "total_cost": _amount(priced.total),
        **{name: _amount(priced.total_of(group)) for name, group in kinds.items()},
        "total_energy": decimal_text(priced.energy_wh / WH_PER_KWH),
        "total_time": decimal_text(priced.total_s / S_PER_HOUR),
        "total_parking_time": decimal_text(priced.parking_s / S_PER_HOUR),
        "lines": [priced_line(line) for line in priced.lines],
        "warnings": list(priced.warnings),
    }


def priced_line(line: PricedLine) -> dict[str, Any]:
    """Return one line as JSON values."""
    return {
        "dimension": line.kind.value,
        "element": line.element,
        "component": line.component,
        "from": instant_text(line.started_at),
        "to": instant_text(line.ended_at),
        "quantity": decimal_text(line.quantity),
        "billed_quantity": decimal_text(line.billed_quantity),
        "unit": line.unit,
        "price": decimal_text(line.price),
        "vat": None if line.vat is None else decimal_text(line.vat),
        **_amount(line.amount),
    }


def _amount(amount: Amount) -> dict[str, str | None]:
    return {
        "excl_vat": None if amount.excl is None else decimal_text(amount.excl),
        "incl_vat": None if amount.incl is None else decimal_text(amount.incl),
    }
