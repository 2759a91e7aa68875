"""What a driver is told of a charge that a fault, or a person of ours, made cheaper."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.gate import families
from billing.models import Cdr
from chargenet.core import formats

# What was wrong, by the family of the fault; a driver is never told a code.
WRONG: Final[Mapping[str, Promise]] = {
    "cable": gettext_lazy("The cable was faulty during your charge."),
    "grid": gettext_lazy("The power from the grid failed during your charge."),
    "link": gettext_lazy("The charger had lost its connection during your charge."),
    "meter": gettext_lazy("The meter could not be trusted during your charge."),
    "power": gettext_lazy("The charger could not give its power during your charge."),
    "safety": gettext_lazy("The charger was stopped for safety during your charge."),
    "vehicle": gettext_lazy("Your vehicle stopped the charge."),
}
ANY_FAULT: Final = gettext_lazy("The charger had a fault during your charge.")
THEN: Final[Mapping[str, Promise]] = {
    "bill": gettext_lazy("You pay as usual."),
    "energy_only": gettext_lazy("You pay for the energy only, no fees."),
    "waive": gettext_lazy("You pay nothing for it."),
}
WAIVED: Final[Mapping[str, Promise]] = {
    "no_energy": gettext_lazy("Your vehicle got no energy. You pay nothing for it."),
    "test_session": gettext_lazy("This was a test of the charger. Nobody pays for it."),
}
RULED: Final[Mapping[str, Promise]] = {
    "correct": gettext_lazy("We looked at this charge and corrected its times or its energy."),
    "waive": gettext_lazy("We looked at this charge. You pay nothing for it."),
}


def told_to_driver(cdr: Cdr) -> str:
    """Return why a charge costs less than its price list says; empty where it does not."""
    gate: Mapping[str, Any] = cdr.gate
    said = _ruled(gate) or _waived(gate) or _met(gate)
    whole = gate.get("whole_incl_vat")
    saved = Decimal(whole) - cdr.total_incl_vat.amount if whole else Decimal(0)
    if not said or (_is_only_cheaper(gate) and saved <= 0):
        return ""
    if saved <= 0:
        return said
    price = formats.money(Decimal(str(whole)), str(cdr.total_incl_vat.currency))
    return " ".join((said, _("It would have cost %(price)s.") % {"price": price}))


def _ruled(gate: Mapping[str, Any]) -> str:
    deed = "waive" if gate.get("waived_by") == "person" else gate.get("ruled", "")
    return str(RULED.get(deed, ""))


def _waived(gate: Mapping[str, Any]) -> str:
    check = gate.get("waived_for", "")
    return str(WAIVED.get(check, THEN["waive"])) if check else ""


def _met(gate: Mapping[str, Any]) -> str:
    met = gate.get("policy")
    if not met or met["outcome"] == "bill":
        return ""
    wrong = WRONG.get(families.family_of(met["fault"]), ANY_FAULT)
    return f"{wrong} {THEN[met['outcome']]}"


def _is_only_cheaper(gate: Mapping[str, Any]) -> bool:
    """Say whether there is nothing to tell but a lower price."""
    return not gate.get("ruled") and gate.get("waived_by") != "person"
