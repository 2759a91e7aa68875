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
    "most_s": gettext_lazy("At most, seconds"),
    "least_s": gettext_lazy("At least, seconds"),
    "grace_s": gettext_lazy("Seconds on top"),
    "most_wh": gettext_lazy("At most, Wh"),
    "least_wh": gettext_lazy("At least, Wh"),
    "percent": gettext_lazy("Percent of the power"),
    "most": gettext_lazy("At most, in the currency"),
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
}


def check_word(name: str) -> str:
    """Return a check's finding in words."""
    return str(CHECKS.get(name, name))


def evidence_words(evidence: Mapping[str, Any]) -> str:
    """Return the figures of a finding in words, in the reader's language and units."""
    said = (
        _("%(name)s %(value)s") % {"name": FIGURES.get(name, name), "value": _figure(name, value)}
        for name, value in evidence.items()
    )
    return ", ".join(said)


def _figure(name: str, value: Any) -> str:
    if not isinstance(value, int):
        return str(value)
    if name.endswith("_wh"):
        return str(formats.energy(value))
    if name.endswith("_s"):
        return str(formats.duration(value))
    return str(value)
