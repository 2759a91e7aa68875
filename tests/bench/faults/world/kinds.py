"""What can go wrong in a world: each kind with its place, its parameters and what is true of it.

A range runs from easy to hard. Tuning seeds draw from the easier 60 %, test seeds from the rest.
`accepts` are the codes by which a ticket has named the family rightly, `also` codes of what
follows from it, which are more tickets of the same trouble and not untrue.
"""

from dataclasses import dataclass, field

Range = tuple[float, float]
HOUR = 1.0
DAY = 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of trouble; `hours` is how long it lasts before somebody mends it.

    `row` is the row of the published table; `need` narrows where it can happen: temperature,
    phases, busy, used, modules, finishing, app; `early` may come before baselines are learnt.
    """

    name: str
    code: str
    row: str
    severity: int
    scope: str = "connector"
    blame: str = "charger"
    hours: Range = (8 * HOUR, 40 * HOUR)
    need: str = ""
    accepts: frozenset[str] = frozenset()
    also: frozenset[str] = frozenset()
    ranges: dict[str, Range] = field(default_factory=dict)
    early: bool = False
    # How many of them in a network of 200 connectors and 60 days.
    share: float = 1.0
    # Nobody tuned on these: they appear under test seeds only.
    is_held_out: bool = False

    @property
    def codes(self) -> frozenset[str]:
        """Return the codes that name the family rightly."""
        return self.accepts | {self.code}


REPORTED, LINK, STUCK, FAILING = "reported", "link", "stuck", "failing"
SILENT, CABLE, POWER, METER = "silent", "cable", "power", "meter"
BLAME, OTHER = "attribution", "other"
LONG: Range = (12 * DAY, 30 * DAY)
SHORT: Range = (3 * HOUR, 30 * HOUR)
UNUSED = frozenset({"F10", "F11", "F13"})


def _reported(code: str, severity: int, *also: str, scope: str = "connector") -> Kind:
    return Kind(
        name=f"reported_{code}",
        code=code,
        row=REPORTED,
        severity=severity,
        scope=scope,
        also=UNUSED | set(also),
        early=True,
        share=1.3,
        hours=SHORT,
    )


KINDS: tuple[Kind, ...] = (
    _reported("F02", 2, "F05", scope="station"),
    _reported("F04", 2, "F05", scope="station"),
    _reported("F07", 1, scope="station"),
    _reported("F08", 1, scope="station"),
    _reported("F20", 4, "F21", "F22"),
    _reported("F21", 1, "F20", "F22"),
    _reported("F26", 3),
    _reported("F28", 1),
    _reported("F29", 1),
    _reported("F30", 1),
    _reported("F31", 3),
    _reported("F32", 1),
    _reported("F33", 3),
    Kind(
        name="unknown_code", code="F05", row=OTHER, severity=3, accepts=frozenset({"F02"}),
        also=UNUSED, early=True, hours=SHORT,
    ),
    Kind(
        name="offline", code="F01", row=LINK, severity=2, scope="station", blame="network",
        also=frozenset({"F17", "F06", "F11", "F18"}), early=True, hours=(1.3 * HOUR, 30 * HOUR),
        share=5,
    ),
    Kind(
        name="site_power", code="F40", row=LINK, severity=2, scope="site", blame="grid",
        accepts=frozenset({"F41"}), also=frozenset({"F01", "F42", "F03", "F06", "F17"}),
        early=True, hours=(1.2 * HOUR, 8 * HOUR), need="site", share=2,
    ),
    Kind(
        name="site_network", code="F41", row=LINK, severity=2, scope="site", blame="network",
        accepts=frozenset({"F40"}), also=frozenset({"F01", "F42", "F17", "F06", "F18"}),
        early=True, hours=(1.2 * HOUR, 12 * HOUR), need="site", share=2,
    ),
    Kind(
        name="mobile_network", code="F42", row=LINK, severity=2, scope="network", blame="network",
        accepts=frozenset({"F41"}), also=frozenset({"F01", "F41", "F40", "F17", "F06", "F18"}),
        early=True, hours=(1.2 * HOUR, 4 * HOUR), share=0.7,
    ),
    Kind(
        name="stuck_finishing", code="F15", row=STUCK, severity=4, accepts=frozenset({"F14"}),
        also=UNUSED, hours=(6 * HOUR, 40 * HOUR), need="finishing", early=True, is_held_out=True,
        share=3,
    ),
    Kind(
        name="stuck_transaction", code="F15", row=STUCK, severity=4, also=UNUSED,
        hours=(8 * HOUR, 60 * HOUR), early=True, is_held_out=True, share=3,
    ),
    Kind(
        name="stuck_preparing", code="F14", row=STUCK, severity=3,
        accepts=frozenset({"F15"}), also=UNUSED | {"F37", "F27", "F36"}, hours=(1 * DAY, 4 * DAY),
        early=True, need="busy", share=2,
    ),
    Kind(
        name="dead_start", code="F10", row=FAILING, severity=3,
        also=frozenset({"F11", "F13", "F27"}),
        hours=LONG, share=4, need="used", ranges={"fails": (1.0, 0.95)},
    ),
    Kind(
        name="half_dead", code="F10", row=FAILING, severity=3,
        also=frozenset({"F11", "F13", "F27"}),
        hours=LONG, share=5, need="used", ranges={"fails": (0.6, 0.35)},
    ),
    Kind(
        name="silent", code="F11", row=SILENT, severity=4, accepts=frozenset({"F13"}),
        also=frozenset({"F10", "F36"}), hours=(25 * DAY, 40 * DAY), share=8,
    ),
    Kind(
        name="worn_contact", code="F22", row=CABLE, severity=4, accepts=frozenset({"F20"}),
        also=frozenset({"F21"}), hours=LONG, need="temperature", share=3,
        ranges={"step": (2.2, 1.4)},
    ),
    Kind(
        name="wearing_contact", code="F22", row=CABLE, severity=4, accepts=frozenset({"F20"}),
        also=frozenset({"F21"}), hours=LONG, need="temperature", share=3,
        ranges={"a_day": (0.08, 0.025)},
    ),
    Kind(
        name="derated", code="F23", row=POWER, severity=4, accepts=frozenset({"F24"}),
        also=frozenset({"F10"}), hours=LONG, need="used", share=3,
        ranges={"factor": (0.3, 0.65)},
    ),
    Kind(
        name="lost_module", code="F24", row=POWER, severity=4, accepts=frozenset({"F23"}),
        hours=LONG, need="modules", share=3, is_held_out=True, ranges={"modules": (2.0, 1.0)},
    ),
    Kind(
        name="lost_phase", code="F25", row=POWER, severity=4, accepts=frozenset({"F23"}),
        hours=LONG, need="phases", share=3,
    ),
    Kind(
        name="meter_backwards", code="F34", row=METER, severity=3, accepts=frozenset({"F33"}),
        hours=LONG, need="used", share=2, ranges={"back_wh": (4000, 300)},
    ),
    Kind(
        name="meter_too_much", code="F34", row=METER, severity=3, accepts=frozenset({"F33"}),
        hours=LONG, need="used", share=2, ranges={"gain": (4.0, 1.6)},
    ),
    Kind(
        name="meter_drift", code="F34", row=METER, severity=4, accepts=frozenset({"F33"}),
        hours=(25 * DAY, 40 * DAY), need="used", share=2, ranges={"gain": (1.10, 1.05)},
    ),
    Kind(
        name="output_live", code="F29", row=METER, severity=1, accepts=frozenset({"F34"}),
        hours=LONG, need="used", share=1,
    ),
    Kind(
        name="weak_supply", code="F35", row=OTHER, severity=4, hours=LONG, need="phases", share=2,
        also=frozenset({"F31"}), ranges={"extra_ohm": (1.4, 0.6)}, scope="connector",
    ),
    Kind(
        name="boot_loop", code="F03", row=OTHER, severity=2, scope="station", early=True,
        also=frozenset({"F01", "F06", "F17", "F18"}), hours=(6 * HOUR, 30 * HOUR), share=2,
        ranges={"every_s": (400, 1100)},
    ),
    Kind(
        name="flapping", code="F06", row=OTHER, severity=3, early=True,
        also=frozenset({"F02", "F05"}) | UNUSED, hours=(10 * HOUR, 40 * HOUR), share=2,
        ranges={"every_s": (500, 1900)},
    ),
    Kind(
        name="firmware_failed", code="F09", row=OTHER, severity=4, scope="station", early=True,
        blame="charger", hours=(1 * DAY, 3 * DAY), share=1,
    ),
    Kind(
        name="clock_off", code="F16", row=OTHER, severity=4, scope="station", early=True,
        hours=(2 * DAY, 10 * DAY), share=2, ranges={"skew_s": (7200, 700)},
    ),
    Kind(
        name="weak_link", code="F17", row=OTHER, severity=4, scope="station", blame="network",
        early=True, also=frozenset({"F01", "F06", "F18"}), hours=(10 * HOUR, 60 * HOUR), share=2,
        ranges={"every_s": (150, 580)},
    ),
    Kind(
        name="lost_messages", code="F18", row=OTHER, severity=4, scope="station", early=True,
        also=frozenset({"F34"}), hours=(5 * DAY, 10 * DAY), share=2, need="used",
        ranges={"lost": (0.6, 0.25)},
    ),
    Kind(
        name="security_alarm", code="F19", row=OTHER, severity=4, scope="station", early=True,
        hours=(6 * HOUR, 2 * DAY), share=1, blame="unknown",
    ),
    Kind(
        name="no_pilot", code="F27", row=OTHER, severity=3, also=UNUSED, early=True, need="busy",
        hours=(2 * DAY, 6 * DAY), share=2, ranges={"fails": (0.9, 0.4)},
    ),
    Kind(
        name="reader_dead", code="F36", row=OTHER, severity=3, scope="station", need="app",
        also=UNUSED, hours=LONG, share=2, is_held_out=True,
    ),
    Kind(
        name="cable_stolen", code="F32", row=OTHER, severity=1, scope="connector", early=True,
        accepts=frozenset({"F26", "F20"}), also=UNUSED, hours=(1 * DAY, 6 * DAY), share=1,
        is_held_out=True, need="temperature",
    ),
    Kind(
        name="cards_refused", code="F37", row=OTHER, severity=3, scope="station", need="busy",
        also=UNUSED | {"F14"}, hours=(1 * DAY, 3 * DAY), share=2, early=True,
        ranges={"fails": (0.95, 0.5)},
    ),
    Kind(
        name="bad_firmware", code="F44", row=OTHER, severity=3, scope="cohort",
        accepts=frozenset({"F10"}), also=frozenset({"F10", "F11", "F27"}), hours=LONG, share=0.6,
        is_held_out=True, ranges={"fails": (0.5, 0.25)},
    ),
)  # fmt: skip
BY_NAME = {kind.name: kind for kind in KINDS}
