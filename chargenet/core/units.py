"""Units in the names: integer Wh and W inside, kWh and kW at the edges."""

from decimal import Decimal

WH_PER_KWH = 1000


def kwh_from_wh(energy_wh: int) -> Decimal:
    """Return an energy in kWh, exactly."""
    return Decimal(energy_wh) / WH_PER_KWH
