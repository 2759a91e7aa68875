"""Vendor quirks as their page shows them."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chargenet.core.listing import Column, Filter, Spec
from chargenet.core.models import Operator
from stations import quirks
from stations.models import QuirkKind
from stations.quirks import QuirkLine

SLOW = gettext_lazy("A command right after the connection is lost or stalls it.")
UNSURE = gettext_lazy("Off until you have seen it on your stations: it changes what is billed.")
# What is known of the quirks the product ships with, in the reader's language.
NOTES: Mapping[str, str | Promise] = {
    "ctek-no-pilot": gettext_lazy(
        "The cable's proximity pilot is not seen: plug or cable dirty or broken."
    ),
    "legrand-error": gettext_lazy("A code no standard has, for a fault that is real."),
    "abb-zero-codes": gettext_lazy("Written where nothing is wrong."),
    "abb-terra-ac-measurands": gettext_lazy("Asked for every measurand it restarts for ever."),
    "en-plus-slow-start": SLOW,
    "evbox-elvi-slow-start": SLOW,
    "grizzl-e-slow-start": SLOW,
    "tinkerforge-not-supported": gettext_lazy(
        "It answers that it cannot; switch this off when newer firmware can."
    ),
    "openevse-kwh-as-wh": UNSURE,
    "mennekes-local-clock": UNSURE,
    "orbis-local-clock": UNSURE,
}


@dataclass(frozen=True)
class QuirkRow:
    """One quirk of the page."""

    key: str
    make: str
    firmware: str
    kind: str
    value: str
    note: str
    source: str
    is_link: bool
    is_on: bool
    is_own: bool
    stations: int


def quirk_spec(*, may_edit: bool) -> Spec:
    """Return what the list of quirks can do: an operator's own first, then those it meets most."""
    switch = (Column("switch", _("Switch")),)
    return Spec(
        name="quirks",
        columns=(
            Column("make", _("Make"), ("make",), csv=lambda row: row.make),
            Column("firmware", _("Firmware"), csv=lambda row: row.firmware),
            Column("kind", _("What it does"), ("kind",), csv=lambda row: row.kind),
            Column("value", _("Value"), csv=lambda row: row.value),
            Column(
                "stations",
                _("Stations"),
                ("is_own", "stations"),
                is_number=True,
                csv=lambda row: row.stations,
            ),
            Column("state", _("State"), csv=lambda row: _("on") if row.is_on else _("off")),
            *(switch if may_edit else ()),
        ),
        default_sort="-stations",
        filters=(
            Filter(
                "state",
                _("All states"),
                [("on", _("on")), ("off", _("off"))],
                lambda state: lambda row: row.is_on == (state == "on"),
            ),
            Filter(
                "whose",
                _("Everybody's"),
                [("own", _("your own")), ("met", _("about your stations"))],
                lambda whose: lambda row: row.is_own if whose == "own" else row.stations > 0,
            ),
        ),
        search=lambda text: (
            lambda row: text.lower() in f"{row.make} {row.kind} {row.value}".lower()
        ),
        search_label=_("Search make or quirk"),
    )


def rows_of(operator: Operator) -> list[QuirkRow]:
    """Return an operator's quirks."""
    return [_row(line) for line in quirks.list_quirks(operator)]


def _row(line: QuirkLine) -> QuirkRow:
    rule = line.rule
    return QuirkRow(
        key=line.key,
        make=" ".join(filter(None, (rule.vendor, rule.model))),
        firmware=_firmware(rule.firmware_from, rule.firmware_to),
        kind=str(QuirkKind(rule.kind).label),
        value=rule.value,
        note=str(NOTES.get(line.name, line.note)),
        source=line.source,
        is_link=line.source.startswith("https://"),
        is_on=line.is_on,
        is_own=line.is_own,
        stations=line.stations,
    )


def _firmware(first: str, last: str) -> str:
    if first and last:
        return _("firmware %(first)s to %(last)s") % {"first": first, "last": last}
    if first:
        return _("firmware from %(first)s") % {"first": first}
    return _("firmware up to %(last)s") % {"last": last} if last else ""
