"""What somebody who stands at a cable may know of it: the place, its state, the nearest free."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chargenet.core import tenancy
from chargenet.core.access import Person
from faults.models import Ticket
from faults.queries import service
from faults.queries.service import Near, Outage
from stations.models import CableFitting, Connector, Status

CODE: Final = re.compile(r"[0-9A-Z-]{4,12}")
BUSY: Final = frozenset(
    {
        Status.PREPARING,
        Status.CHARGING,
        Status.SUSPENDED_EV,
        Status.SUSPENDED_EVSE,
        Status.FINISHING,
        Status.OCCUPIED,
    }
)


@dataclass(frozen=True, slots=True)
class Word:
    """The state of a place in a driver's words."""

    icon: str
    tone: str
    text: Promise
    advice: Promise | str = ""


LOCKED = Word(
    "lock",
    "critical",
    _("Out of order for your safety"),
    _("Do not use this cable. Somebody must look at it first."),
)
BROKEN = Word("alert-triangle", "bad", _("Out of order"), _("We know of it."))
CLOSED = Word("ban", "muted", _("Switched off"), _("It cannot be used now."))
FREE = Word("circle-check", "ok", _("Free"))
TAKEN = Word("bolt", "active", _("In use"))
RESERVED = Word("bookmark", "held", _("Reserved"))
SILENT = Word(
    "wifi-off",
    "wait",
    _("Not in contact with us"),
    _("It may work all the same, with a card the station knows."),
)
UNKNOWN = Word("help-circle", "muted", _("State unknown"), _("The station has not told us."))
KNOWN: Final = {
    Status.AVAILABLE.value: FREE,
    Status.RESERVED.value: RESERVED,
    **{state.value: TAKEN for state in BUSY},
}


@dataclass(frozen=True, slots=True)
class AtCable:
    """All of the page at one cable."""

    connector: Connector
    code: str
    point: str
    cable: str
    word: Word
    since: datetime | None
    outage: Outage | None
    near: list[Near]


def tidy(code: str) -> str:
    """Return a code as it is kept, however it was typed; empty where it can be none."""
    plain = code.upper().replace(" ", "")
    return plain if CODE.fullmatch(plain) else ""


def find_connector(code: str, person: Person) -> Connector | None:
    """Return the connector of a code, and let the transaction see what its operator shows there.

    The caller has opened the transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('chargenet.code', %s, true)", [code])
    rows = Connector.objects.filter(public_code=code)
    operator_id = rows.values_list("operator_id", flat=True).first()
    if not code or operator_id is None:
        return None
    tenancy.enter_scope(operators=[operator_id], person=person.pk)
    in_use = rows.filter(station__is_active=True)
    return in_use.select_related("station__location", "evse", "operator").first()


def own_ticket(person: Person, connector: Connector) -> Ticket | None:
    """Return the open ticket of this connector, or of its station, that a person may work on."""
    rows = Ticket.objects.visible_to(person).filter(
        station_id=connector.station_id, state__in=Ticket.OPEN
    )
    here = rows.filter(connector_id__in=[connector.pk]) | rows.filter(connector__isnull=True)
    return here.order_by("severity", "opened_at").first()


def show(connector: Connector) -> AtCable:
    """Return what the page at a cable says."""
    outage = service.outages([connector.pk]).get(connector.pk)
    word, since = _word(connector, outage)
    fitting = CableFitting.objects.filter(connector=connector, removed_at__isnull=True)
    cable = fitting.select_related("cable").first()
    return AtCable(
        connector=connector,
        code=f"{connector.public_code[:5]} {connector.public_code[5:]}".strip(),
        point=connector.point,
        cable=cable.cable.serial_number if cable else "",
        word=word,
        since=since,
        outage=outage,
        near=[] if word is FREE else service.nearest_free(connector),
    )


def _word(connector: Connector, outage: Outage | None) -> tuple[Word, datetime | None]:
    """Return the most honest word for a place, and since when it holds."""
    station, since = connector.station, connector.status_occurred_at
    if outage is not None and (outage.is_locked or station.is_online):
        return (LOCKED if outage.is_locked else BROKEN), outage.since
    if not station.is_online:
        return SILENT, station.disconnected_at
    told = {connector.status, station.status}
    if Status.FAULTED in told:
        return BROKEN, since
    if Status.UNAVAILABLE in told:
        return CLOSED, since
    return KNOWN.get(connector.status, UNKNOWN), since
