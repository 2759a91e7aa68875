"""What a repair found: the component, what was wrong with it, what was done."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Component(models.TextChoices):
    CABLE = "cable", _("Cable or plug")
    CONNECTOR = "connector", _("Socket, lock or latch")
    POWER = "power", _("Power module or contactor")
    CONTROL = "control", _("Controller or software")
    METER = "meter", _("Meter")
    READER = "reader", _("Card reader or screen")
    LINK = "link", _("Network, SIM or modem")
    COOLING = "cooling", _("Cooling or cabinet")
    SUPPLY = "supply", _("Fuse, breaker or grid")
    SITE = "site", _("The place around it")
    OUTSIDE = "outside", _("Vehicle, card or driver")


class Cause(models.TextChoices):
    WORN = "worn", _("Worn")
    BROKEN = "broken", _("Broken")
    DIRT = "dirt", _("Dirt or water")
    LOOSE = "loose", _("Loose contact")
    OVERHEATED = "overheated", _("Overheated")
    CONFIGURATION = "configuration", _("Wrong settings")
    SOFTWARE = "software", _("Software hung or faulty")
    NO_SIGNAL = "no_signal", _("No signal")
    NO_SUPPLY = "no_supply", _("No power supply")
    TRIPPED = "tripped", _("Breaker had tripped")
    VANDALISED = "vandalised", _("Damaged on purpose")
    HIT = "hit", _("Hit by a vehicle")
    BLOCKED = "blocked", _("Blocked or snowed in")
    INCOMPATIBLE = "incompatible", _("Vehicle or card does not fit")
    MISUSE = "misuse", _("Used wrongly")
    UNKNOWN = "unknown", _("Not found out")


class Action(models.TextChoices):
    REPLACED = "replaced", _("Replaced")
    REPAIRED = "repaired", _("Repaired")
    CLEANED = "cleaned", _("Cleaned or dried")
    TIGHTENED = "tightened", _("Tightened or adjusted")
    RESTARTED = "restarted", _("Restarted")
    SWITCHED_ON = "switched_on", _("Switched on again")
    CONFIGURED = "configured", _("Settings changed")
    UPDATED = "updated", _("Firmware updated")
    CLEARED = "cleared", _("Cleared the place")
    EXPLAINED = "explained", _("Explained to the driver")
    LEFT = "left", _("Nothing: it works")


_HARDWARE = (
    Cause.WORN,
    Cause.BROKEN,
    Cause.DIRT,
    Cause.LOOSE,
    Cause.OVERHEATED,
    Cause.VANDALISED,
    Cause.HIT,
    Cause.UNKNOWN,
)
# Which causes a component can have: the second step of the tree offers these only.
CAUSES: dict[str, tuple[Cause, ...]] = {
    Component.CABLE: _HARDWARE,
    Component.CONNECTOR: _HARDWARE,
    Component.POWER: _HARDWARE,
    Component.CONTROL: (Cause.SOFTWARE, Cause.CONFIGURATION, *_HARDWARE),
    Component.METER: (Cause.CONFIGURATION, Cause.SOFTWARE, *_HARDWARE),
    Component.READER: (Cause.SOFTWARE, *_HARDWARE),
    Component.LINK: (Cause.NO_SIGNAL, Cause.CONFIGURATION, Cause.SOFTWARE, *_HARDWARE),
    Component.COOLING: _HARDWARE,
    Component.SUPPLY: (Cause.NO_SUPPLY, Cause.TRIPPED, *_HARDWARE),
    Component.SITE: (Cause.BLOCKED, Cause.VANDALISED, Cause.HIT, Cause.DIRT, Cause.UNKNOWN),
    Component.OUTSIDE: (Cause.INCOMPATIBLE, Cause.MISUSE, Cause.UNKNOWN),
}
