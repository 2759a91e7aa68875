"""What a meter register may do, and how much energy a session used when it did not."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# Meters that forget their size: 32-bit Wh counters, and displays of six to nine digits.
MODULI_WH = (2**32, 10**9, 10**8, 10**7)
UNKNOWN_MAX_POWER_W = 1_000_000
# What each connector standard (OCPI's names) has ever been built for; Type 2 also carried DC.
STANDARD_MAX_POWER_W = {
    "DOMESTIC_F": 3_700,
    "DOMESTIC_J": 3_700,
    "IEC_60309_2_single_16": 3_700,
    "IEC_60309_2_three_16": 11_100,
    "IEC_60309_2_three_32": 22_200,
    "IEC_60309_2_three_64": 44_400,
    "IEC_62196_T1": 20_000,
    "IEC_62196_T1_COMBO": 600_000,
    "IEC_62196_T2": 150_000,
    "IEC_62196_T2_COMBO": 600_000,
    "IEC_62196_T3A": 8_000,
    "IEC_62196_T3C": 44_400,
    "CHADEMO": 500_000,
    "TESLA_S": 600_000,
}
# Words of OCPI's standards that mean direct current, and what no socket of ours gives otherwise.
DC_WORDS, MOST_AC_W = ("COMBO", "CHADEMO"), 44_400
# A station's clock and its sampling are only about right; a sample may run ahead this much.
SAMPLE_GRACE = timedelta(hours=1)
SESSION_GRACE = timedelta(minutes=15)
TOLERANCE_PERCENT = 120
# Some makes report a stop a few Wh below the start of a session without charging.
JITTER_WH = 20


def is_dc(standard: str, max_power_w: int | None = None) -> bool:
    """Return whether a connector of a standard, or of so much power, charges with DC."""
    is_named = any(word in standard.upper() for word in DC_WORDS)
    return is_named or (max_power_w or 0) > MOST_AC_W


def most_wh(max_power_w: int | None, duration: timedelta, grace: timedelta) -> int:
    """Return the largest energy in Wh a place can deliver in a time, with tolerance."""
    span = max(duration, timedelta(0)) + grace
    power_w = max_power_w or UNKNOWN_MAX_POWER_W
    return int(power_w * span.total_seconds()) * TOLERANCE_PERCENT // 360_000


def sample_flag(
    *,
    energy_wh: int,
    occurred_at: datetime,
    last_wh: int | None,
    last_at: datetime | None,
    max_power_w: int | None,
) -> str:
    """Return why a sample cannot be the register's truth, or an empty text.

    A dip to an earlier value is ignored until the register is back; a jump no cable can carry too.
    """
    if energy_wh < 0:
        return "register_negative"
    if last_wh is None or last_at is None:
        return ""
    if energy_wh < last_wh:
        return "register_dip" if occurred_at >= last_at else ""
    if energy_wh - last_wh > most_wh(max_power_w, occurred_at - last_at, SAMPLE_GRACE):
        return "register_jump"
    return ""


@dataclass(frozen=True, slots=True)
class SessionEnergy:
    """The energy of a session in Wh, None where nobody can know, and what was odd."""

    energy_wh: int | None
    flags: tuple[str, ...] = ()


def session_energy(
    *,
    start_wh: int | None,
    stop_wh: int | None,
    last_wh: int | None,
    duration: timedelta,
    max_power_w: int | None,
) -> SessionEnergy:
    """Return what a session used, from its registers or, where these fail, its last good sample.

    Never negative. Flags mean a person looks before a bill is sent.
    """
    if start_wh is None or start_wh < 0:
        return SessionEnergy(None, ("start_register_missing",))
    ceiling_wh = most_wh(max_power_w, duration, SESSION_GRACE)
    sampled_wh = last_wh - start_wh if last_wh is not None and last_wh >= start_wh else None
    if stop_wh is None or stop_wh < 0 or (stop_wh == 0 and start_wh > 0):
        return SessionEnergy(sampled_wh, ("stop_register_missing",))
    used_wh = stop_wh - start_wh
    if used_wh < 0:
        return _went_backwards(used_wh, sampled_wh, ceiling_wh)
    if used_wh > ceiling_wh:
        return SessionEnergy(used_wh, ("above_max_power",))
    if sampled_wh is not None and sampled_wh > used_wh + JITTER_WH:
        return SessionEnergy(used_wh, ("stop_below_sample",))
    return SessionEnergy(used_wh)


def _went_backwards(used_wh: int, sampled_wh: int | None, ceiling_wh: int) -> SessionEnergy:
    if sampled_wh:
        return SessionEnergy(sampled_wh, ("register_backwards",))
    if used_wh >= -JITTER_WH:
        return SessionEnergy(0, ("register_backwards",))
    for modulus_wh in MODULI_WH:
        if 0 <= used_wh + modulus_wh <= ceiling_wh:
            return SessionEnergy(used_wh + modulus_wh, ("register_rollover",))
    return SessionEnergy(None, ("register_backwards",))
