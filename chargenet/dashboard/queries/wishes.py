"""What a station can be asked in plain words: each wish a small form, each form a command."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chargenet.dashboard.queries.commands import NAMES
from stations import commands
from stations.models import Connector, Session, Station

Text = str | Promise
Form = Mapping[str, str]
LONGEST_TOKEN: Final = 36
# What a version's stations can be asked to send, besides what has a wish of its own.
MESSAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "1.6": (
        "StatusNotification",
        "BootNotification",
        "Heartbeat",
        "MeterValues",
        "FirmwareStatusNotification",
        "DiagnosticsStatusNotification",
    ),
    "2": (
        "StatusNotification",
        "BootNotification",
        "Heartbeat",
        "MeterValues",
        "FirmwareStatusNotification",
        "LogStatusNotification",
        "TransactionEvent",
    ),
}
WHAT_THEY_SAY: Final = {
    "StatusNotification": gettext_lazy("How its connectors are"),
    "BootNotification": gettext_lazy("What it is"),
    "Heartbeat": gettext_lazy("That it is there"),
    "MeterValues": gettext_lazy("What its meters read"),
    "FirmwareStatusNotification": gettext_lazy("How its firmware update goes"),
    "DiagnosticsStatusNotification": gettext_lazy("How its upload goes"),
    "LogStatusNotification": gettext_lazy("How its upload goes"),
    "TransactionEvent": gettext_lazy("What is being charged"),
}


@dataclass(frozen=True)
class Field:
    """One question of a wish."""

    name: str
    label: Text
    choices: Sequence[tuple[str, Text]] = ()
    hint: Text = ""


@dataclass(frozen=True)
class Wish:
    """One thing a station can be asked, with what has to be said."""

    action: str
    label: Text
    icon: str
    hint: Text
    fields: tuple[Field, ...] = ()
    # Ends somebody's charging or takes something out of use.
    is_grave: bool = False


class WishUnclear(ValueError):
    """The form leaves out what the command needs; the sentence says what."""


def wishes_for(station: Station) -> list[Wish]:
    """Return what a station can be asked, in the order it is usually needed."""
    places = _places(station)
    running = [
        (str(session.pk), f"{session.connector.evse.number}: {session.ocpp_transaction_id}")
        for session in Session.objects.filter(
            station=station, state=Session.State.OPEN
        ).select_related("connector__evse")
    ]
    connector = Field("connector", _("Connector"), places)
    anywhere = Field("connector", _("Where"), [("", _("The whole station")), *places])
    stop = Wish(
        commands.REMOTE_STOP,
        NAMES[commands.REMOTE_STOP],
        "player-stop",
        _("Ends the session; the driver pays for what was charged."),
        (Field("session", _("Session"), running),),
        is_grave=True,
    )
    return [
        Wish(
            commands.REMOTE_START,
            NAMES[commands.REMOTE_START],
            "bolt",
            _("As if the token had been shown at the station; its owner pays."),
            (connector, Field("token", _("Token"), hint=_("The number of the card or app."))),
        ),
        *([stop] if running else []),
        Wish(
            commands.UNLOCK,
            NAMES[commands.UNLOCK],
            "lock",
            _("Lets go of a cable that is stuck in a socket."),
            (connector,),
        ),
        *_service(station, anywhere),
    ]


def _service(station: Station, anywhere: Field) -> list[Wish]:
    version = "1.6" if station.ocpp_version == "1.6" else "2"
    said = [(name, WHAT_THEY_SAY[name]) for name in MESSAGES[version]]
    return [
        Wish(
            commands.TRIGGER,
            NAMES[commands.TRIGGER],
            "message",
            _("The station says it now instead of when it is due."),
            (Field("message", _("What"), said), anywhere),
        ),
        *_out_of_use(anywhere),
    ]


def _out_of_use(anywhere: Field) -> list[Wish]:
    return [
        Wish(
            commands.CHANGE_AVAILABILITY,
            NAMES[commands.CHANGE_AVAILABILITY],
            "ban",
            _("A session that is running goes on to its end."),
            (
                anywhere,
                Field(
                    "operative", _("State"), [("", _("Out of service")), ("1", _("In service"))]
                ),
            ),
            is_grave=True,
        ),
        Wish(
            commands.RESET,
            NAMES[commands.RESET],
            "rotate-clockwise",
            _("The station is away for a minute or two."),
            (
                Field(
                    "type",
                    _("How"),
                    [("soft", _("Soft: end sessions first")), ("hard", _("Hard: at once"))],
                ),
            ),
            is_grave=True,
        ),
        Wish(
            commands.CLEAR_CACHE,
            NAMES[commands.CLEAR_CACHE],
            "refresh",
            _("The station forgets which tokens it let in, and asks again."),
        ),
    ]


def _places(station: Station) -> list[tuple[str, Text]]:
    connectors = Connector.objects.filter(station=station).select_related("evse")
    return [
        (
            f"{each.evse.number}.{each.number}",
            each.point,
        )
        for each in connectors.order_by("evse__number", "number")
    ]


def read_wish(station: Station | None, form: Form) -> tuple[str, dict[str, Any]]:
    """Return the action and payload a form asks for; raises WishUnclear."""
    action = form.get("action", "")
    if action == "expert":
        return _expert(form)
    read = READERS.get(action)
    if read is None:
        raise WishUnclear(_("That command is not known."))
    return action, read(station, form)


def _start(_station: Station | None, form: Form) -> dict[str, Any]:
    token = form.get("token", "").replace("\0", "").strip()
    if not token or len(token) > LONGEST_TOKEN:
        raise WishUnclear(_("Say which token starts it: up to 36 characters."))
    return {"token": token} | _need(form)


def _stop(station: Station | None, form: Form) -> dict[str, Any]:
    return {"transaction": _transaction(station, form.get("session", ""))}


def _unlock(_station: Station | None, form: Form) -> dict[str, Any]:
    return _need(form)


def _availability(_station: Station | None, form: Form) -> dict[str, Any]:
    return {"operative": form.get("operative") == "1"} | _place(form)


def _reset(_station: Station | None, form: Form) -> dict[str, Any]:
    return {"type": "hard" if form.get("type") == "hard" else "soft"}


def _trigger(_station: Station | None, form: Form) -> dict[str, Any]:
    message = form.get("message", "")
    if message not in WHAT_THEY_SAY:
        raise WishUnclear(_("That command is not known."))
    return {"message": message} | _place(form)


READERS: Final[Mapping[str, Callable[[Station | None, Form], dict[str, Any]]]] = {
    commands.REMOTE_START: _start,
    commands.REMOTE_STOP: _stop,
    commands.UNLOCK: _unlock,
    commands.CHANGE_AVAILABILITY: _availability,
    commands.RESET: _reset,
    commands.TRIGGER: _trigger,
    commands.CLEAR_CACHE: lambda _station, _form: {},
}


def _expert(form: Form) -> tuple[str, dict[str, Any]]:
    name = form.get("name", "").strip()
    if not (name.isascii() and name.replace("_", "").isalnum()) or len(name) > 40:
        raise WishUnclear(
            _("Write the action as OCPP spells it, for instance ChangeAvailability.")
        )
    try:
        payload = json.loads(form.get("payload", "").replace("\0", "").strip() or "{}")
    except (ValueError, RecursionError) as error:
        raise WishUnclear(_("The payload is no JSON: %(why)s") % {"why": error}) from error
    if not isinstance(payload, dict):
        raise WishUnclear(_("The payload must be a JSON object: {…}."))
    return name, payload


def _place(form: Form) -> dict[str, int]:
    text = form.get("connector", "")
    evse, _dot, connector = text.partition(".")
    if not (evse.isdecimal() and connector.isdecimal() and len(text) < 12):
        return {}
    return {"evse": int(evse), "connector": int(connector)}


def _need(form: Form) -> dict[str, int]:
    place = _place(form)
    if not place:
        raise WishUnclear(_("Choose a connector."))
    return place


def _transaction(station: Station | None, session_id: str) -> str:
    assert station is not None, "a session is stopped at its station"
    running = Session.objects.filter(station=station, state=Session.State.OPEN)
    is_number = session_id.isdecimal() and len(session_id) < 18
    found = running.filter(pk=int(session_id)).first() if is_number else None
    if found is None:
        raise WishUnclear(_("The session has ended."))
    return found.ocpp_transaction_id
