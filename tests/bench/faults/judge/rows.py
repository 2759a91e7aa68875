"""The rows of the published table, their targets, and which code belongs to which row."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """What is aimed at: shares, and a delay with its unit: seconds seen, visits, days, hours."""

    title: str
    recall: float | None
    precision: float | None
    delay: float | None = None
    unit: str = ""
    p90: float | None = None


ROWS: dict[str, Target] = {
    "reported": Target("Reported codes", 1.0, 0.99, 135, "s"),
    "link": Target("Offline, site, network (F01, F40–F42)", 0.995, 0.97, 3660, "s"),
    "stuck": Target("Stuck states and sessions (F14, F15)", 0.99, 0.95),
    "failing dead_start": Target("Sessions fail, all (F10)", 0.99, 0.85, 3, "visits"),
    "failing half_dead": Target("Sessions fail, every second (F10)", 0.95, 0.85, 5, "visits", 14),
    "silent ≥ 3/d": Target("Silent, ≥ 3 a day (F11)", 0.95, 0.70, 2.7, "days"),
    "silent 1–3/d": Target("Silent, 1–3 a day (F11)", 0.95, 0.70, 5.5, "days"),
    "silent 0.3–1/d": Target("Silent, 0.3–1 a day (F11)", 0.80, 0.70, 15, "days"),
    "cable worn_contact": Target("Contact resistance, step (F22)", 0.95, 0.90, 6, "visits"),
    "cable wearing_contact": Target("Contact resistance, ramp (F22)", 0.90, 0.90),
    "power": Target("Derated, module or phase lost (F23–F25)", 0.90, 0.85, 8, "visits"),
    "meter meter_backwards": Target("Meter runs back (F34)", 1.0, 0.95, 1, "visits"),
    "meter meter_too_much": Target("Meter counts far too much (F34)", 1.0, 0.95, 1, "visits"),
    "meter meter_drift": Target("Meter drifts 5–10 % (F34)", 0.80, 0.80, 30, "days"),
    "meter output_live": Target("Output live after the end (F29)", 1.0, 0.95, 1, "visits"),
    "other": Target("Other faults (F03, F05, F06, F09, F16–F19, F27, F35–F37, F44)", None, None),
}
ROW_OF_CODE = {
    **dict.fromkeys(
        ("F02", "F04", "F07", "F08", "F20", "F21", "F26", "F28", "F30", "F31", "F33"), "reported"
    ),
    **dict.fromkeys(("F01", "F40", "F41", "F42", "F43"), "link"),
    **dict.fromkeys(("F14", "F15"), "stuck"),
    "F10": "failing half_dead",
    "F11": "silent 1–3/d",
    "F13": "silent 1–3/d",
    "F22": "cable worn_contact",
    **dict.fromkeys(("F23", "F24", "F25"), "power"),
    "F34": "meter meter_drift",
    "F29": "meter output_live",
}
