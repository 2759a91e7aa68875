"""Local authorisation lists: which tokens a station may let charge by itself (OCPP block D)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Max, Q

from stations import commands
from stations.metering import local_list
from stations.metering.local_list import Entry, Part
from stations.models import Command, DeviceVariable, LocalList, Station, Token

ORIGIN: Final = "list"
LIFETIME: Final = timedelta(minutes=5)
# Where a station does not say how many entries a message or its list may have.
MOST_PER_MESSAGE, MOST_ENTRIES = 20, 1000
CHECK_EVERY: Final = timedelta(hours=24)
TRY_AGAIN: Final = timedelta(hours=1)
SHORT_TAG: Final = 20
MOST_AT_ONCE: Final = 200
# What the device model calls its limits, 1.6's keys and 2.x's variables.
ROOM: Final = ("LocalAuthListMaxLength", "Entries")
PER_MESSAGE: Final = ("SendLocalListMaxLength", "ItemsPerMessage")
CTRLR: Final = ("", "LocalAuthListCtrlr")
State = LocalList.State


def want_list(*, station: Station, is_wanted: bool, as_of: datetime) -> LocalList:
    """Let a station hold a list, or hold none any more; what it takes is sent by the sweep."""
    row, _ = LocalList.objects.update_or_create(
        station=station,
        defaults={
            "operator_id": station.operator_id,
            "is_wanted": is_wanted,
            "due_at": as_of,
            "state": State.UNKNOWN,
        },
    )
    return row


def sweep_lists(*, as_of: datetime) -> int:
    """See to the lists that are due, of stations that listen; returns how many."""
    ids = list(
        LocalList.objects.filter(due_at__lte=as_of, station__is_online=True)
        .exclude(state=State.UNSUPPORTED)
        .order_by("due_at")
        .values_list("pk", flat=True)[:MOST_AT_ONCE]
    )
    for list_id in ids:
        bring_up_to_date(list_id=list_id, as_of=as_of)
    return len(ids)


@transaction.atomic
def bring_up_to_date(*, list_id: int, as_of: datetime) -> None:
    """Ask a station for its list's version; what differs is sent once it answered."""
    row = (
        LocalList.objects.select_for_update(of=("self",)).select_related("station").get(pk=list_id)
    )
    if row.state == State.SENDING and _is_under_way(row):
        return
    row.due_at = as_of + CHECK_EVERY
    row.save(update_fields=["due_at"])
    _send(row, commands.LOCAL_LIST_VERSION, {}, as_of)


def _is_under_way(row: LocalList) -> bool:
    return Command.objects.filter(
        station_id=row.station_id, origin=f"{ORIGIN}:{row.pk}", followed_at=None
    ).exists()


def _send(row: LocalList, action: str, payload: dict[str, Any], as_of: datetime) -> None:
    commands.send_command(
        station=row.station,
        action=action,
        payload=payload,
        as_of=as_of,
        lifetime=LIFETIME,
        origin=f"{ORIGIN}:{row.pk}",
    )


def follow_list(command: Command, as_of: datetime) -> None:
    """Take in what a station said of its list, and send what is to follow."""
    row = (
        LocalList.objects.select_for_update(of=("self",))
        .select_related("station")
        .filter(pk=int(command.origin.partition(":")[2]))
        .first()
    )
    if row is None:
        return
    if command.action == commands.LOCAL_LIST_VERSION:
        _version_told(row, command, as_of)
    else:
        _part_answered(row, command, as_of)
    row.save()


def _version_told(row: LocalList, command: Command, as_of: datetime) -> None:
    answer = command.answer or {}
    version = answer.get("listVersion", answer.get("versionNumber"))
    if command.state == Command.State.ERROR or version == -1:
        row.state, row.reason = State.UNSUPPORTED, command.error[:120]
        row.due_at = None
        return
    if version is None:
        row.due_at = as_of + TRY_AGAIN
        return
    row.station_version, row.checked_at = int(version), as_of
    # 0 is no list. Another version than ours is another list: it is sent anew.
    is_known = row.version > 0 and row.version == row.station_version
    _begin(row, is_known=is_known, as_of=as_of)


def _begin(row: LocalList, *, is_known: bool, as_of: datetime) -> None:
    _read_limits(row)
    held = read_entries(row.entries) if is_known else {}
    wanted = wanted_entries(row, as_of) if row.is_wanted else {}
    most = row.max_per_message or MOST_PER_MESSAGE
    if not row.is_wanted and row.station_version == 0:
        row.state, row.parts, row.entries = State.HELD, [], {}
        return
    parts = local_list.parts_of(held, wanted, most=most, is_known=is_known)
    if not parts:
        row.state, row.reason = State.HELD, ""
        return
    row.parts = [written_part(part) for part in parts]
    row.version = max(row.version, row.station_version or 0)
    row.state, row.sent_at = State.SENDING, as_of
    _send_next(row, as_of)


def _send_next(row: LocalList, as_of: datetime) -> None:
    part = row.parts[0]
    row.sending_version = row.version + 1
    payload = {
        "version": row.sending_version,
        "update": part["update"],
        "entries": part["entries"],
    }
    _send(row, commands.SEND_LOCAL_LIST, payload, as_of)


def _part_answered(row: LocalList, command: Command, as_of: datetime) -> None:
    if command.payload.get("version") != row.sending_version or not row.parts:
        return
    word = str((command.answer or {}).get("status") or command.error or command.state)
    if command.state == Command.State.ACCEPTED:
        part = read_part(row.parts[0])
        row.entries = written_entries(local_list.applied(read_entries(row.entries), part))
        row.version = row.sending_version or row.version
        row.station_version, row.parts = row.version, row.parts[1:]
        row.accepted_at, row.reason, row.state = as_of, "", State.HELD
        if row.parts:
            row.state = State.SENDING
            _send_next(row, as_of)
        return
    row.parts, row.sending_version, row.reason = [], None, word[:120]
    if word == "NotSupported":
        row.state, row.due_at = State.UNSUPPORTED, None
        return
    # Failed or VersionMismatch, or nobody knows: its version is asked, and the list sent anew.
    row.state, row.due_at, row.entries = State.REFUSED, as_of + TRY_AGAIN, {}
    if word == "VersionMismatch":
        row.due_at = as_of


def wanted_entries(row: LocalList, as_of: datetime) -> dict[str, Entry]:
    """Return the tokens a list shall have: who charged last comes first where room is short."""
    tokens = (
        Token.objects.filter(operator_id=row.operator_id, kind=Token.Kind.RFID)
        .filter(Q(valid_until__isnull=True) | Q(valid_until__gt=as_of))
        .annotate(last=Max("sessions__started_at"))
        .order_by(F("last").desc(nulls_last=True), "pk")
    )
    longest = SHORT_TAG if row.station.ocpp_version == "1.6" else 36
    entries = [_entry(token) for token in tokens[:MOST_ENTRIES] if len(token.uid) <= longest]
    room = min(row.max_entries or MOST_ENTRIES, MOST_ENTRIES)
    row.left_out = max(len(entries) - room, 0)
    return local_list.chosen(entries, room)


def _entry(token: Token) -> Entry:
    status = "Blocked" if token.is_blocked else "Accepted"
    until = token.valid_until
    expires = f"{until:%Y-%m-%dT%H:%M:%SZ}" if until else ""
    return Entry(token.uid, status, expires, token.kind, token.group)


def _read_limits(row: LocalList) -> None:
    rows = DeviceVariable.objects.filter(
        station_id=row.station_id,
        component__in=CTRLR,
        variable__in=(*ROOM, *PER_MESSAGE),
        attribute="Actual",
    )
    for each in rows:
        told = each.max_limit if each.variable == "Entries" else each.value
        number = int(float(told)) if told and str(told).replace(".", "").isdigit() else None
        if number is None or number < 1:
            continue
        if each.variable in ROOM:
            row.max_entries = number
        else:
            row.max_per_message = number


def written_part(part: Part) -> dict[str, Any]:
    """Return a part as a column keeps it and our command says it."""
    return {"update": part.update, "entries": [_written(each) for each in part.entries]}


def _written(entry: Entry) -> dict[str, str]:
    told = {
        "uid": entry.uid,
        "status": entry.status,
        "expires": entry.expires,
        "kind": entry.kind,
        "group": entry.group,
    }
    return {name: value for name, value in told.items() if value}


def read_part(written: dict[str, Any]) -> Part:
    """Return a part as it was kept."""
    return Part(written["update"], tuple(_read(each) for each in written["entries"]))


def _read(written: dict[str, str]) -> Entry:
    return Entry(
        written["uid"],
        written.get("status", ""),
        written.get("expires", ""),
        written.get("kind", ""),
        written.get("group", ""),
    )


def written_entries(entries: dict[str, Entry]) -> dict[str, dict[str, str]]:
    """Return a list as a column keeps it."""
    return {key: _written(entry) for key, entry in entries.items()}


def read_entries(written: dict[str, dict[str, str]]) -> dict[str, Entry]:
    """Return a list as it was kept."""
    return {key: _read(entry) for key, entry in written.items()}


def drift_of(row: LocalList, as_of: datetime) -> Iterable[Entry]:
    """Return what a station's list lacks, has wrongly or has too much, as far as we know."""
    parts = local_list.parts_of(
        read_entries(row.entries), wanted_entries(row, as_of), most=MOST_ENTRIES, is_known=True
    )
    return [entry for part in parts for entry in part.entries]
