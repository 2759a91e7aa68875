"""The tariffs a station reckons with itself: set, read back, cleared (OCPP 2.1 I07, I09-I11).

What a tariff says is no affair of this room: it comes ready for the wire.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from chargenet.core.models import User
from stations import commands
from stations.models import Command, OcppVersion, Screen, Session, Station, StationTariff

ORIGIN: Final = "tariff"
EVERY: Final = timedelta(minutes=2)
READ_EVERY: Final = timedelta(hours=24)
# A refusal, and an answer that never came, are asked again so often.
ASK_AGAIN: Final = timedelta(hours=1)
UNSURE_AGAIN: Final = timedelta(minutes=4)
DUPLICATE: Final = "DuplicateTariffId"
PRICES: Final = ("energy", "chargingTime", "idleTime", "fixedFee")
MOST_AT_ONCE: Final = 100
State: Final = StationTariff.State


class TariffRefused(ValueError):
    """A tariff this station or session cannot be given; the text says why."""


@dataclass(frozen=True, slots=True)
class Said:
    """A tariff ready for the wire, or why there is none to say; both empty is no tariff at all."""

    tariff_id: str = ""
    text: str = ""
    reason: str = ""


def stations_to_tell(*, as_of: datetime) -> list[Screen]:
    """Return the screens of stations whose tariffs are due to be looked at again."""
    rows = Screen.objects.filter(
        takes_tariffs=True, station__is_online=True, station__ocpp_version=OcppVersion.V21
    ).exclude(tariffs_at__gt=as_of - EVERY)
    return list(rows.select_related("station").order_by("tariffs_at", "pk")[:MOST_AT_ONCE])


@transaction.atomic
def set_tariffs(*, screen: Screen, wanted: Mapping[int, Said], as_of: datetime) -> int:
    """Give each EVSE its tariff where it has another one; returns how many calls were queued.

    A tariff nobody can say exactly is taken away: none is better than a wrong one.
    """
    Screen.objects.filter(pk=screen.pk).update(tariffs_at=as_of)
    known = {
        row.evse_number: row
        for row in StationTariff.objects.select_for_update().filter(station=screen.station)
    }
    told = 0
    for number in sorted(wanted.keys() | known.keys()):
        row = known.get(number) or StationTariff(
            operator_id=screen.operator_id,
            station=screen.station,
            evse_number=number,
            state=State.CLEARED,
            asked_at=as_of,
        )
        told += _settle(row, fitted(screen, wanted.get(number, Said())), as_of)
    if screen.tariffs_read_at is None or as_of - screen.tariffs_read_at > READ_EVERY:
        read_tariffs(station=screen.station, as_of=as_of)
        told += 1
    return told


def fitted(screen: Screen, said: Said) -> Said:
    """Return a tariff, or why this station cannot take it (I07.FR.02, I07.FR.03)."""
    if not said.text:
        return said
    tariff = json.loads(said.text)
    lists = [tariff[name]["prices"] for name in PRICES if name in tariff]
    if not screen.takes_conditions and any("conditions" in row for rows in lists for row in rows):
        return Said(reason="the station takes no conditions")
    if screen.most_prices is not None and any(len(rows) > screen.most_prices for rows in lists):
        return Said(reason=f"the station takes {screen.most_prices} prices of a kind")
    return said


def _settle(row: StationTariff, said: Said, as_of: datetime) -> bool:
    if said.text:
        if row.tariff_id == said.tariff_id and not _is_due(row, State.HELD, as_of):
            return False
        _ask_to_hold(row, said, as_of)
        return True
    if row.tariff_id:
        if row.state == State.CLEARING and not _is_due(row, State.CLEARED, as_of):
            return False
        _ask_to_clear(row, said, as_of)
        return True
    if said.reason and row.reason != said.reason:
        row.state, row.reason = State.UNSAYABLE, said.reason[:120]
        row.save()
    elif not said.reason and row.pk and row.state == State.UNSAYABLE:
        StationTariff.objects.filter(pk=row.pk).update(state=State.CLEARED, reason="")
    return False


def _is_due(row: StationTariff, wanted: str, as_of: datetime) -> bool:
    """Say whether to ask again: the station does not do as asked, and was left alone a while."""
    is_well = row.state == wanted and not row.has_drift
    wait = UNSURE_AGAIN if row.state == State.UNSURE else ASK_AGAIN
    return not is_well and as_of - row.asked_at >= wait


def _ask_to_hold(row: StationTariff, said: Said, as_of: datetime) -> None:
    row.tariff_id, row.text, row.reason = said.tariff_id, said.text, ""
    row.state, row.asked_at, row.answered_at, row.reported_at = State.SENT, as_of, None, None
    row.save()
    commands.send_command(
        station=row.station,
        action="SetDefaultTariff",
        payload={"evseId": row.evse_number, "tariff": json.loads(said.text)},
        as_of=as_of,
        lifetime=EVERY,
        origin=f"{ORIGIN}:{row.pk}",
    )


def _ask_to_clear(row: StationTariff, said: Said, as_of: datetime) -> None:
    row.state, row.asked_at, row.reason = State.CLEARING, as_of, said.reason[:120]
    row.save(update_fields=["state", "asked_at", "reason"])
    commands.send_command(
        station=row.station,
        action="ClearTariffs",
        # By EVSE, so that a driver's own tariff at another one stays.
        payload={"tariffIds": [row.tariff_id], "evseId": row.evse_number},
        as_of=as_of,
        lifetime=EVERY,
        origin=f"{ORIGIN}:{row.pk}",
    )


def follow_tariff(command: Command, as_of: datetime) -> None:
    """Take in whether a station holds a tariff, or let one go; a newer call is left alone."""
    row = StationTariff.objects.filter(pk=int(command.origin.partition(":")[2])).first()
    newer = Command.objects.filter(
        station_id=command.station_id, origin=command.origin, pk__gt=command.pk
    )
    if row is None or newer.exists():
        return
    is_yes = command.state == Command.State.ACCEPTED
    if row.state == State.CLEARING and is_yes:
        row.state = State.UNSAYABLE if row.reason else State.CLEARED
        row.tariff_id, row.text, row.reported_at = "", "", None
    elif row.state == State.SENT:
        row.state = _outcome(command)
        row.reason = "" if row.state == State.HELD else _why(command)
    row.answered_at = as_of
    row.save()


def _outcome(command: Command) -> str:
    # The id is this content's at this EVSE: a station that knows it already holds the tariff.
    is_there = (command.answer or {}).get("status") == DUPLICATE
    if command.state == Command.State.ACCEPTED or is_there:
        return State.HELD
    is_no = command.state in (Command.State.REJECTED, Command.State.ERROR)
    return State.REFUSED if is_no else State.UNSURE


def _why(command: Command) -> str:
    answer = command.answer or {}
    details = answer.get("statusInfo") or {}
    words = (answer.get("status"), details.get("reasonCode"), details.get("additionalInfo"))
    return " ".join(str(word) for word in words if word)[:120] or command.error[:120]


def read_tariffs(
    *, station: Station, requested_by: User | None = None, as_of: datetime
) -> Command:
    """Ask a station which tariffs it has (I09)."""
    if station.ocpp_version != OcppVersion.V21:
        raise TariffRefused("Only a station of OCPP 2.1 has tariffs.")
    Screen.objects.filter(station=station).update(tariffs_read_at=as_of)
    return commands.send_command(
        station=station,
        action="GetTariffs",
        payload={"evseId": 0},
        requested_by=requested_by,
        as_of=as_of,
    )


def take_tariffs(command: Command, as_of: datetime) -> None:
    """Write which tariffs a station says it has beside those it was given.

    Asked of some EVSEs only, it says nothing of the others.
    """
    answer = command.answer or {}
    if answer.get("status") not in ("Accepted", "NoTariff"):
        return
    found: dict[int, str] = {}
    for each in answer.get("tariffAssignments") or []:
        if each.get("tariffKind") == "DefaultTariff":
            for number in each.get("evseIds") or [0]:
                found[int(number)] = str(each.get("tariffId", ""))[:60]
    asked = int(command.payload.get("evseId") or 0)
    rows = StationTariff.objects.filter(station_id=command.station_id)
    for row in rows.filter(evse_number=asked) if asked else rows:
        reported = found.get(row.evse_number, found.get(0, ""))
        rows.filter(pk=row.pk, asked_at__lte=command.created_at).update(
            reported_id=reported, reported_at=as_of
        )


@transaction.atomic
def change_transaction_tariff(
    *, session: Session, said: Said, requested_by: User | None = None, as_of: datetime
) -> Command:
    """Let a running session be reckoned with another tariff (I11); raises TariffRefused."""
    if session.station.ocpp_version != OcppVersion.V21:
        raise TariffRefused("Only a station of OCPP 2.1 reckons with tariffs.")
    if session.state != Session.State.OPEN:
        raise TariffRefused("The session has ended.")
    if not said.text:
        raise TariffRefused(said.reason or "There is no tariff to change to.")
    payload: dict[str, Any] = {
        "transactionId": session.ocpp_transaction_id,
        "tariff": json.loads(said.text),
    }
    return commands.send_command(
        station=session.station,
        action="ChangeTransactionTariff",
        payload=payload,
        requested_by=requested_by,
        as_of=as_of,
    )
