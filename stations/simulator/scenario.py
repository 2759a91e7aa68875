"""The scenario file: who misbehaves, how, and when. Format: docs/simulator.md."""

import fnmatch
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stations.simulator import reading
from stations.simulator.fleet import StationSpec

FOREVER_S = 1e9
ERROR_CODES = (
    "ConnectorLockFailure", "EVCommunicationError", "GroundFailure", "HighTemperature",
    "InternalError", "LocalListConflict", "OtherError", "OverCurrentFailure", "OverVoltage",
    "PowerMeterFailure", "PowerSwitchFailure", "ReaderFailure", "ResetFailure", "UnderVoltage",
    "WeakSignal",
)  # fmt: skip
STOP_REASONS = ("Other", "EVCommunicationLost", "EVDisconnected", "PowerLoss", "EmergencyStop")

Options = dict[str, Any]


@dataclass(frozen=True)
class Misbehaviour:
    """One kind of trouble on chosen stations from `from_s` to `to_s` after the start."""

    place: str
    kind: str
    stations: tuple[str, ...]
    connector: int | None
    from_s: float
    to_s: float
    options: Options = field(default_factory=dict)


def _offline(fields: reading.Fields) -> Options:
    return {"how": fields.word("how", ("close", "silent"), "close")}


def _faulted(fields: reading.Fields) -> Options:
    return {
        "error_code": fields.word("error_code", ERROR_CODES, "OtherError"),
        "vendor_error_code": fields.text("vendor_error_code", "", longest=50),
        "vendor_id": fields.text("vendor_id", "", longest=255),
        "info": fields.text("info", "", longest=50),
        "component": fields.text("component", "Connector", longest=50),
        "keep_status": fields.flag("keep_status", default=False),
    }


def _failing(fields: reading.Fields) -> Options:
    return {
        "after_s": fields.number("after_s", 20.0, low=0.1),
        "reason": fields.word("reason", STOP_REASONS, "Other"),
        "every_s": fields.number("every_s", 45.0, low=0.1),
        "share": fields.number("share", 1.0, low=0.0, high=1.0),
    }


def _nothing(_fields: reading.Fields) -> Options:
    return {}


def _skew(fields: reading.Fields) -> Options:
    return {"seconds": fields.number("seconds", low=-1e10, high=1e10)}


def _duplicate(fields: reading.Fields) -> Options:
    return {
        "ids": fields.word("ids", ("same", "new"), "same"),
        "share": fields.number("share", 0.5, low=0.0, high=1.0),
    }


def _hot(fields: reading.Fields) -> Options:
    return {
        "to_c": fields.number("to_c", 95.0, low=20, high=300),
        "over_s": fields.number("over_s", 120.0, low=1),
    }


def _worn(fields: reading.Fields) -> Options:
    return {
        "times": fields.number("times", 1.5, low=1, high=20),
        "per_session": fields.number("per_session", 0.0, low=0.0, high=1.0),
    }


def _every(fields: reading.Fields) -> Options:
    return {"every_s": fields.number("every_s", 20.0, low=0.1)}


KINDS: dict[str, Callable[[reading.Fields], Options]] = {
    "offline": _offline,
    "faulted": _faulted,
    "failing_sessions": _failing,
    "stuck_session": _nothing,
    "clock_skew": _skew,
    "duplicate": _duplicate,
    "late": _nothing,
    "hot_cable": _hot,
    "worn_cable": _worn,
    "stop_unknown_tx": _every,
    "boot_loop": _every,
}


def load_scenario(path: Path) -> tuple[Misbehaviour, ...]:
    """Return the entries of a scenario file; raises reading.BadInput."""
    top = reading.read_file(path)
    top.whole("format", 1, low=1, high=1)
    top.text("about", "", longest=2000)
    found = tuple(_entry(fields) for fields in top.objects("misbehaviour"))
    top.close()
    return found


def _entry(fields: reading.Fields) -> Misbehaviour:
    kind = fields.word("kind", tuple(KINDS))
    fields.text("about", "", longest=500)
    patterns = fields.values("stations")
    for pattern in patterns:
        if not isinstance(pattern, str) or not _is_pattern(pattern):
            raise reading.BadInput(
                fields.where, f"stations holds {pattern!r}", 'Use "#3", "1.6#3" or "CP-*"'
            )
    if not patterns:
        raise reading.BadInput(fields.where, "stations is empty", 'Use "*" for every station')
    from_s = fields.number("from_s", 0.0, high=FOREVER_S)
    entry = Misbehaviour(
        place=fields.where,
        kind=kind,
        stations=tuple(patterns),
        connector=fields.whole("connector", low=1, high=99) if fields.has("connector") else None,
        from_s=from_s,
        to_s=fields.number("to_s", FOREVER_S, low=from_s, high=FOREVER_S),
        options=KINDS[kind](fields),
    )
    fields.close()
    return entry


def _is_pattern(pattern: str) -> bool:
    head, mark, place = pattern.partition("#")
    return bool(pattern) and (
        not mark or (head in ("", "1.6", "2.0.1") and place.isdigit() and int(place) > 0)
    )


def picked(pattern: str, fleet: tuple[StationSpec, ...]) -> Iterator[str]:
    """Yield the identities a pattern picks: "#3" the third, "1.6#3" the third 1.6, or a glob."""
    head, mark, place = pattern.partition("#")
    if not mark:
        yield from (s.identity for s in fleet if fnmatch.fnmatchcase(s.identity, pattern))
        return
    candidates = [s.identity for s in fleet if head in ("", s.ocpp)]
    yield from candidates[int(place) - 1 : int(place)]


def share_out(
    entries: tuple[Misbehaviour, ...], fleet: tuple[StationSpec, ...]
) -> tuple[dict[str, tuple[Misbehaviour, ...]], list[str]]:
    """Return each station's entries, and the places of entries that met no station."""
    chosen: dict[str, list[Misbehaviour]] = {}
    unmet = []
    for entry in entries:
        names = {name for pattern in entry.stations for name in picked(pattern, fleet)}
        if not names:
            unmet.append(entry.place)
        for name in names:
            chosen.setdefault(name, []).append(entry)
    return {name: tuple(found) for name, found in chosen.items()}, unmet


@dataclass(frozen=True)
class Troubles:
    """The entries of one station, asked by time."""

    entries: tuple[Misbehaviour, ...] = ()

    def active(
        self, kind: str, elapsed_s: float, connector: int | None = None
    ) -> Misbehaviour | None:
        """Return the entry of a kind that holds now (for this connector), or None."""
        for entry in self.entries:
            if entry.kind != kind or not entry.from_s <= elapsed_s < entry.to_s:
                continue
            if connector is None or entry.connector in (None, connector):
                return entry
        return None
