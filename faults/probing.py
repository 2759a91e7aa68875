"""Asking at night what a healthy station does: all that can be learnt where nobody charges.

Never while anybody charges at the station, a few stations a minute, and only what leaves no
trace: its state, one setting, and its lock where no cable is in it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from faults.models import RuleState
from faults.rules import probe_failing
from stations import commands, status
from stations.models import Command, Connector, Location, Session, Status

# The rule state that says what was asked of a connector; no rule has this code.
ASKED: Final = "probe"
ORIGIN: Final = "probe"
NIGHT_HOURS: Final = range(2, 5)
IDLE_FOR: Final = timedelta(hours=20)
A_MINUTE: Final = 30
EXPIRES_AFTER: Final = timedelta(seconds=60)
# Answers, and the state that was asked for, have come by then.
JUDGED_AFTER: Final = timedelta(minutes=4)
STATE, SETTINGS, LOCK = "state", "settings", "lock"
LOCK_FAILED: Final = frozenset({"UnlockFailed"})
# It was heard and understood; that it has nothing of the kind is no fault.
NOT_THERE: Final = frozenset({"NotSupported", "NotImplemented"})
SAID: Final = frozenset({Command.State.ACCEPTED, Command.State.REJECTED, Command.State.ERROR})


def sweep_probes(*, as_of: datetime, limit: int = A_MINUTE) -> tuple[int, int]:
    """Judge the probes that are answered and send some more; returns how many of each."""
    judged = _judge(as_of)
    return judged, send_probes(as_of=as_of, limit=limit)


def send_probes(*, as_of: datetime, limit: int = A_MINUTE) -> int:
    """Probe some connectors that stood idle all day, where it is night; at most one a station."""
    sent = 0
    for zone, night in _nights(as_of):
        seen: set[int] = set()
        for connector in _idle(zone, night, as_of)[: limit * 2]:
            if sent >= limit:
                return sent
            if connector.station_id not in seen:
                seen.add(connector.station_id)
                sent += _send(connector, night, as_of)
    return sent


def _nights(as_of: datetime) -> Iterable[tuple[str, str]]:
    for zone in Location.objects.order_by().values_list("timezone", flat=True).distinct():
        local = as_of.astimezone(ZoneInfo(zone))
        if local.hour in NIGHT_HOURS:
            yield zone, local.date().isoformat()


def _idle(zone: str, night: str, as_of: datetime) -> QuerySet[Connector]:
    """Return the connectors to be asked: free, unused for a day, and where nobody charges."""
    charging = Session.objects.filter(station_id=OuterRef("station_id"), state=Session.State.OPEN)
    used = Session.objects.filter(connector_id=OuterRef("pk"), started_at__gt=as_of - IDLE_FOR)
    asked = RuleState.objects.filter(
        operator_id=OuterRef("operator_id"),
        code=ASKED,
        scope_key=Concat(Value("connector:"), Cast(OuterRef("pk"), CharField())),
        state__night=night,
    )
    busy = Command.objects.filter(station_id=OuterRef("station_id"), state__in=commands.UNDER_WAY)
    return (
        Connector.objects.filter(
            status=Status.AVAILABLE,
            station__is_active=True,
            station__is_online=True,
            station__location__timezone=zone,
        )
        .exclude(Exists(charging))
        .exclude(Exists(used))
        .exclude(Exists(asked))
        .exclude(Exists(busy))
        .select_related("station", "evse")
        .order_by("pk")
    )


def _send(connector: Connector, night: str, as_of: datetime) -> int:
    """Put the questions of one night to one connector, all or none."""
    with transaction.atomic():
        sent = {
            question: commands.send_command(
                station=connector.station,
                action=action,
                payload=payload,
                as_of=as_of,
                lifetime=EXPIRES_AFTER,
                origin=f"{ORIGIN}:{connector.pk}",
            ).pk
            for question, (action, payload) in _questions(connector).items()
        }
        RuleState.objects.update_or_create(
            operator_id=connector.operator_id,
            code=ASKED,
            scope_key=f"connector:{connector.pk}",
            defaults={
                "station_id": connector.station_id,
                "state": {"night": night, "asked_at": as_of.isoformat(), "commands": sent},
                "updated_at": as_of,
            },
        )
    return 1


def _questions(connector: Connector) -> dict[str, tuple[str, Mapping[str, Any]]]:
    place = {"evse": connector.evse.number, "connector": connector.number}
    setting: dict[str, Any] = {"keys": ["HeartbeatInterval"]}
    if connector.station.ocpp_version != "1.6":
        wanted = {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval"}
        setting = {"variables": [wanted]}
    asked: dict[str, tuple[str, Mapping[str, Any]]] = {
        STATE: (commands.TRIGGER, {"message": "StatusNotification", **place}),
        SETTINGS: (commands.GET_CONFIGURATION, setting),
    }
    if connector.kind == Connector.Kind.SOCKET:
        asked[LOCK] = (commands.UNLOCK, place)
    return asked


def _judge(as_of: datetime) -> int:
    """Write what the answers of each probe say, once; returns how many were judged."""
    # every operator that could have one, so that the index on operator and code is used
    operators = Location.objects.order_by().values("operator_id").distinct()
    rows = RuleState.objects.filter(
        operator_id__in=operators,
        code=ASKED,
        state__has_key="commands",
        updated_at__lte=as_of - JUDGED_AFTER,
    ).order_by("pk")[:500]
    judged = 0
    for row in rows:
        with transaction.atomic():
            judged += _judge_one(row, as_of)
    return judged


def _judge_one(row: RuleState, as_of: datetime) -> int:
    kept = {name: row.state[name] for name in ("night", "asked_at")}
    is_mine = RuleState.objects.filter(pk=row.pk, state__has_key="commands").update(state=kept)
    connector = Connector.objects.filter(pk=int(row.scope_key.partition(":")[2])).first()
    if not is_mine or connector is None:
        return 0
    found = Command.objects.in_bulk(row.state["commands"].values())
    verdicts = {
        question: has_passed(question, found[pk], connector)
        for question, pk in row.state["commands"].items()
        if pk in found
    }
    known = {question: passed for question, passed in verdicts.items() if passed is not None}
    if not known:
        return 0
    status.record_observation(
        kind=probe_failing.PROBED,
        station_id=connector.station_id,
        connector_id=connector.pk,
        occurred_at=datetime.fromisoformat(row.state["asked_at"]),
        source_id=f"{connector.pk}:{kept['night']}",
        as_of=as_of,
        detail={
            "night": kept["night"],
            "asked": sorted(known),
            "failed": sorted(question for question, passed in known.items() if not passed),
        },
    )
    return 1


def has_passed(question: str, asked: Command, connector: Connector) -> bool | None:
    """Return whether a question was answered as by a healthy station; None where none was put.

    A command that expired never left the house, and one whose gateway ended says nothing either.
    """
    if asked.state == Command.State.TIMEOUT:
        return False
    if asked.state not in SAID or asked.sent_at is None:
        return None
    word = str((asked.answer or {}).get("status", ""))
    if word in NOT_THERE:
        return None
    if question == LOCK:
        return asked.state != Command.State.ERROR and word not in LOCK_FAILED
    if question == STATE and asked.state == Command.State.ACCEPTED:
        told_at = connector.status_received_at
        return told_at is not None and asked.sent_at <= told_at
    return asked.state == Command.State.ACCEPTED
