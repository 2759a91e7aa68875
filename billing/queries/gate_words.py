"""The checks of the gate in words: what is wrong, and the figures it was found by."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chargenet.core import formats

CHECKS: dict[str, Promise] = {
    "needs_review": gettext_lazy("The readings must be looked at"),
    "ends_before_start": gettext_lazy("It ends before it begins"),
    "negative_energy": gettext_lazy("The energy is below zero"),
    "zero_length": gettext_lazy("Energy in no time at all"),
    "overlap": gettext_lazy("Another session counts the same energy"),
    "in_future": gettext_lazy("It ends in the future"),
    "told_late": gettext_lazy("It was told long after it ended"),
    "too_long": gettext_lazy("It took too long"),
    "over_power": gettext_lazy("More energy than the connector can deliver"),
    "register_reset": gettext_lazy("The meter began again from zero"),
    "register_fell": gettext_lazy("The meter went backwards"),
    "register_jumped": gettext_lazy("The meter jumped"),
    "registers_disagree": gettext_lazy("The energy is not what the meter says"),
    "meter_doubted": gettext_lazy("A fault of the meter was open"),
    "reading_gap": gettext_lazy("Readings are missing while energy flowed"),
    "unknown_token": gettext_lazy("Nobody knows the card"),
    "negative_price": gettext_lazy("The price is below zero"),
    "dear": gettext_lazy("The price is too high to be true"),
    "dear_energy": gettext_lazy("Each kWh costs too much to be true"),
    "no_energy": gettext_lazy("Nothing was delivered"),
    "test_session": gettext_lazy("A test by the crew"),
    "no_meter": gettext_lazy("Energy without the meter's registers"),
    "nobody_pays": gettext_lazy("No customer is known to pay"),
    "little_energy": gettext_lazy("Next to nothing was delivered"),
    "short": gettext_lazy("Too short to be a charge"),
    "long_idle": gettext_lazy("The vehicle stood long after it was done"),
}
LIMITS: dict[str, Promise] = {
    "most_s": gettext_lazy("At most"),
    "least_s": gettext_lazy("At least"),
    "grace_s": gettext_lazy("On top"),
    "most_wh": gettext_lazy("At most"),
    "least_wh": gettext_lazy("At least"),
    "percent": gettext_lazy("Of the power"),
    "most": gettext_lazy("At most"),
}
FIGURES: dict[str, Promise] = {
    "length_s": gettext_lazy("length"),
    "parking_s": gettext_lazy("stood"),
    "ahead_s": gettext_lazy("ahead"),
    "late_s": gettext_lazy("late"),
    "gap_s": gettext_lazy("without readings"),
    "energy_wh": gettext_lazy("energy"),
    "between_wh": gettext_lazy("between the registers"),
    "fall_wh": gettext_lazy("fell"),
    "reached_wh": gettext_lazy("had reached"),
    "jump_wh": gettext_lazy("jump"),
    "gap_wh": gettext_lazy("flowed meanwhile"),
    "most_wh": gettext_lazy("at most"),
    "least_wh": gettext_lazy("at least"),
    "most_s": gettext_lazy("at most"),
    "least_s": gettext_lazy("at least"),
    "max_power_w": gettext_lazy("power"),
    "session": gettext_lazy("session"),
    "price": gettext_lazy("price"),
    "per_kwh": gettext_lazy("per kWh"),
    "most": gettext_lazy("at most"),
    "ends_with": gettext_lazy("card ends with"),
    "flags": gettext_lazy("flags"),
    "fault": gettext_lazy("fault"),
}


DETAILS: dict[str, Promise] = {
    "no_tariff": gettext_lazy("No price list was assigned when the session began"),
    "tax_unknown": gettext_lazy("The prices hold a tax the price list does not name"),
}
FAMILIES: dict[str, Promise] = {
    "cable": gettext_lazy("Any fault of the cable"),
    "grid": gettext_lazy("Any fault of the grid"),
    "link": gettext_lazy("Any fault of the connection"),
    "meter": gettext_lazy("Any fault of the meter"),
    "outcome": gettext_lazy("Any charges that fail"),
    "payment": gettext_lazy("Any fault of the payment"),
    "power": gettext_lazy("Any fault of the power"),
    "reader": gettext_lazy("Any fault of the card reader"),
    "safety": gettext_lazy("Any danger"),
    "security": gettext_lazy("Any break of security"),
    "station": gettext_lazy("Any fault of the station itself"),
    "unstable": gettext_lazy("Any fault that comes and goes"),
    "vehicle": gettext_lazy("Any fault of the vehicle"),
}


def family_word(name: str) -> str:
    """Return a family of faults in words."""
    return str(FAMILIES.get(name, name))


def check_word(name: str) -> str:
    """Return a check's finding in words."""
    return str(CHECKS.get(name, name))


def detail_words(reason: str, detail: str) -> str:
    """Return why no price list prices a session; what an engine said stays as it said it."""
    return str(DETAILS[reason]) if reason in DETAILS else detail


def evidence_words(evidence: Mapping[str, Any]) -> str:
    """Return the figures of a finding in words, in the reader's language and units."""
    # Stored JSON keeps no order: what was found goes before what would have been allowed.
    places = {name: place for place, name in enumerate(FIGURES)}
    said = (
        _("%(name)s %(value)s") % {"name": FIGURES.get(name, name), "value": _figure(name, value)}
        for name, value in sorted(
            evidence.items(), key=lambda each: places.get(each[0], len(places))
        )
    )
    return ", ".join(said)


def _figure(name: str, value: Any) -> str:
    if not isinstance(value, int) or name == "session":
        return str(value)
    if name.endswith("_wh"):
        return str(formats.energy(value))
    if name.endswith("_s"):
        return str(formats.duration(value))
    if name.endswith("_w"):
        return str(formats.power(value))
    return str(formats.number(value))
