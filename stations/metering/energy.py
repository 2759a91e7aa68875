"""Units a station may use, turned into ours."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

# A register beyond 10^15 Wh, or a power beyond it in W, is a number, but no measurement.
LARGEST = Decimal(10) ** 15

ENERGY_FACTOR = {"wh": 0, "kwh": 3, "mwh": 6}
POWER_FACTOR = {"w": 0, "kw": 3, "va": 0, "kva": 3}


def read_number(value: object) -> Decimal | None:
    """Return a finite number of any JSON kind, a comma read as the decimal sign, or None."""
    if isinstance(value, bool):
        return None
    try:
        number = Decimal(value if isinstance(value, int | str) else str(value))
    except InvalidOperation:
        try:
            number = Decimal(str(value).strip().replace(",", "."))
        except InvalidOperation:
            return None
    if not number.is_finite() or abs(number) > LARGEST:
        return None
    return number


def whole(number: Decimal) -> int:
    """Return a number as an integer, half up."""
    down = int(number)
    if down == number:
        return down
    return int(number.quantize(Decimal(1), ROUND_HALF_UP))


def energy_wh(number: Decimal, unit: str = "", multiplier: int = 0) -> int | None:
    """Return an energy in whole Wh, or None for a unit that is none of energy.

    No unit means Wh (OCPP 1.6 §7.45). `multiplier` is 2.x's power of ten.
    """
    return _scaled(number, ENERGY_FACTOR.get(unit.lower() or "wh"), multiplier)


def power_w(number: Decimal, unit: str = "", multiplier: int = 0) -> int | None:
    """Return a power in whole W, or None for a unit that is none of power."""
    return _scaled(number, POWER_FACTOR.get(unit.lower() or "w"), multiplier)


def _scaled(number: Decimal, factor: int | None, multiplier: int) -> int | None:
    if factor is None or not -9 <= multiplier <= 9:
        return None
    power = factor + multiplier
    return whole(number.scaleb(power) if power else number)


def temperature_c(number: Decimal, unit: str = "") -> Decimal:
    """Return a temperature in °C from Celsius, Fahrenheit or Kelvin, one decimal."""
    name = unit.lower()
    if name.startswith("f"):
        number = (number - 32) * 5 / 9
    elif name.startswith("k"):
        number = number - Decimal("273.15")
    return number.quantize(Decimal("0.1"), ROUND_HALF_UP)
