"""Commands as lists show them, and what a station can be asked in plain words."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chargenet.core.access import Person
from chargenet.core.listing import Column, Filter, Spec
from stations import commands, message_log
from stations.models import Command

MAX_SHOWN = 160
# Our words as people say them; OCPP's own names stand for themselves.
NAMES: dict[str, Promise] = {
    commands.REMOTE_START: gettext_lazy("Start charging"),
    commands.REMOTE_STOP: gettext_lazy("Stop charging"),
    commands.UNLOCK: gettext_lazy("Unlock the cable"),
    commands.CHANGE_AVAILABILITY: gettext_lazy("Take into or out of service"),
    commands.RESET: gettext_lazy("Restart"),
    commands.TRIGGER: gettext_lazy("Ask for a message"),
    commands.CLEAR_CACHE: gettext_lazy("Clear the token cache"),
    commands.GET_LOG: gettext_lazy("Fetch a log"),
    commands.UPDATE_FIRMWARE: gettext_lazy("Update the firmware"),
    commands.SET_PROFILE: gettext_lazy("Set a charging profile"),
    commands.CLEAR_PROFILE: gettext_lazy("Clear charging profiles"),
    commands.COMPOSITE_SCHEDULE: gettext_lazy("Ask for the schedule"),
    commands.SEND_LOCAL_LIST: gettext_lazy("Send the local list"),
    commands.LOCAL_LIST_VERSION: gettext_lazy("Ask for the local list's version"),
    commands.RESERVE: gettext_lazy("Reserve"),
    commands.CANCEL_RESERVATION: gettext_lazy("Cancel a reservation"),
    commands.SHOW_MESSAGE: gettext_lazy("Show a message"),
    commands.CLEAR_MESSAGE: gettext_lazy("Clear a message"),
}


@dataclass(frozen=True)
class CommandRow:
    """One command of a list."""

    id: int
    station: str
    href: str
    name: str
    action: str
    asked: str
    state: str
    answer: str
    who: str
    created_at: datetime
    sent_at: datetime | None
    finished_at: datetime | None
    seconds: float | None


def name_of(action: str) -> str:
    """Return a command's name as people say it."""
    return str(NAMES.get(action, action))


def commands_of(person: Person) -> QuerySet[Command]:
    """Return the commands a person may see, with what a row needs."""
    return Command.objects.in_charge(person).select_related("station", "requested_by")


def command_spec(*, name: str, has_station: bool) -> Spec:
    """Return what a list of commands can do; one of a single station names none."""
    station = (Column("station", _("Station"), csv=lambda row: row.station),)
    return Spec(
        name=name,
        columns=(
            Column("created", _("When"), ("created_at",), csv=lambda row: row.created_at),
            *(station if has_station else ()),
            Column("action", _("Command"), csv=lambda row: row.action),
            Column("asked", _("Asked"), csv=lambda row: row.asked),
            Column("state", _("State"), csv=lambda row: row.state),
            Column("answer", _("Answer"), csv=lambda row: row.answer),
            Column("who", _("By"), csv=lambda row: row.who),
            Column("took", _("Time to answer"), is_number=True, csv=lambda row: row.finished_at),
        ),
        default_sort="-created",
        filters=(
            Filter(
                "state",
                _("All states"),
                [(value, str(label)) for value, label in Command.State.choices],
                lambda value: Q(state=value),
            ),
            Filter(
                "by",
                _("By anybody"),
                [("people", _("By people")), ("us", _("By the system"))],
                lambda value: Q(requested_by__isnull=value == "us"),
            ),
        ),
        search=partial(_search, has_station=has_station),
        search_label=_("Search command or station") if has_station else _("Search command"),
    )


def _search(text: str, *, has_station: bool) -> Q:
    words = [word for word, name in NAMES.items() if text.lower() in str(name).lower()]
    found = Q(action__istartswith=text) | Q(action__in=words)
    if has_station:
        found |= Q(station__name__istartswith=text)
    return found


def describe_commands(rows: Sequence[Command], *, person: Person) -> list[CommandRow]:
    """Return the rows of some commands; secrets masked, tokens for who may see them."""
    sees: dict[int, bool] = {}
    for row in rows:
        if row.operator_id not in sees:
            sees[row.operator_id] = message_log.shows_tokens(person, operator_id=row.operator_id)
    return [
        _row(row, partial(message_log.masked, shows_tokens=sees[row.operator_id])) for row in rows
    ]


def _row(row: Command, mask: Callable[..., object]) -> CommandRow:
    answer = row.error or (_short(mask(row.answer)) if row.answer else "")
    seconds = None
    if row.sent_at and row.finished_at:
        seconds = (row.finished_at - row.sent_at).total_seconds()
    return CommandRow(
        id=row.pk,
        station=row.station.name,
        href=reverse("station_commands", args=[row.station_id]),
        name=name_of(row.action),
        action=row.action,
        asked=_short(mask(row.payload)) if row.payload else "",
        state=row.state,
        answer=answer,
        who=str(row.requested_by) if row.requested_by else "",
        created_at=row.created_at,
        sent_at=row.sent_at,
        finished_at=row.finished_at,
        seconds=seconds,
    )


def _short(value: object) -> str:
    """Return a payload in one line that a row has room for."""
    if isinstance(value, dict) and list(value) == ["status"]:
        return str(value["status"])
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
