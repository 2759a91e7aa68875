"""Which family of faults a code belongs to; a test holds it against the rules themselves."""

from typing import Final

_CODES: Final = {
    "cable": ("F20", "F21", "F22", "F26", "F27", "F28", "F32"),
    "grid": ("F40",),
    "link": ("F01", "F12", "F16", "F17", "F18"),
    "meter": ("F33", "F34"),
    "outcome": ("F10", "F11", "F13", "F14", "F15"),
    "payment": ("F38",),
    "power": ("F23", "F24", "F25", "F29", "F30", "F31", "F35"),
    "reader": ("F36", "F37"),
    "safety": ("F07", "F08"),
    "security": ("F19",),
    "station": ("F02", "F03", "F04", "F05", "F09"),
    "unstable": ("F06",),
    "vehicle": ("F39",),
}
FAMILIES: Final = {code: family for family, codes in _CODES.items() for code in codes}
NAMES: Final = tuple(_CODES)


def family_of(code: str) -> str:
    """Return the family of a fault's code, empty where it has none."""
    return FAMILIES.get(code, "")
