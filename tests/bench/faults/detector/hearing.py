"""What comes in over the pipe, made into the facts a gateway would have understood."""

import struct
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, BinaryIO

import msgspec

from faults.engine.fleet import (
    ConnectFact,
    ConnectorPlace,
    DisconnectFact,
    RepairFact,
    StationPlace,
)
from stations.metering import facts
from stations.metering.facts import Facts, NoticeFact

# Heartbeats carry nothing; the others are read by the type their number stands for.
READERS: tuple[type, ...] = (
    facts.HeartbeatFact,
    facts.MeterFact,
    facts.StatusFact,
    facts.TransactionFact,
    facts.StartFact,
    facts.StopFact,
    facts.NoticeFact,
    facts.BootFact,
    facts.AuthorizeFact,
)
# A completed session of a list, which nobody saw begin.
SESSION = 100
HEARTBEAT = Facts((facts.HeartbeatFact(),))
Heard = tuple[datetime, str, Any, str]


class ListedSession(msgspec.Struct, frozen=True):
    """A completed session as a list tells it."""

    connector: int
    token: str
    began: datetime
    ended: datetime
    energy_wh: int


def read_frames(source: BinaryIO) -> Iterator[bytes]:
    """Yield the parts that were written."""
    while head := source.read(4):
        (size,) = struct.unpack("<I", head)
        yield source.read(size)


def read_network(said: bytes) -> tuple[datetime, list[StationPlace], dict[tuple[str, str], int]]:
    """Return when the world begins, its stations, and the ids of its connectors."""
    network = msgspec.json.decode(msgspec.json.encode(msgspec.msgpack.decode(said)))
    places, ids = [], {}
    for one in network["stations"]:
        connectors = tuple(
            ConnectorPlace(evse=it["evse"], max_power_w=it["power_w"], is_dc=it["is_dc"])
            for it in one["connectors"]
        )
        places.append(
            StationPlace(
                name=str(one["id"]),
                site=str(one["site"]),
                network=one["network"],
                version=one["version"],
                vendor=one["vendor"],
                model=one["model"],
                firmware=one["firmware"],
                heartbeat_interval_s=one["heartbeat_s"],
                has_shared_power=one["shares_power"],
                connectors=connectors,
            )
        )
        for it in one["connectors"]:
            ids[str(one["id"]), str(it["evse"])] = it["id"]
    return datetime.fromisoformat(network["begin"]), places, ids


class Ear:
    """Reads facts, and translates the numbers of 1.6 sessions into those we gave them."""

    def __init__(self, begin: datetime) -> None:
        self.begin = begin
        self.ours: dict[str, str] = {}
        raw = list[tuple[float, int | str, int, msgspec.Raw, str, str]]
        self._batch = msgspec.msgpack.Decoder(raw)
        self._sessions = msgspec.msgpack.Decoder(ListedSession)
        self._readers: list[Any] = [msgspec.msgpack.Decoder(kind) for kind in READERS]

    def hear(self, said: bytes) -> Iterator[Heard]:
        """Yield (received_at, station, facts, number of a start) of one part."""
        for second, station, kind, raw, key, number in self._batch.decode(said):
            at = self.begin + timedelta(seconds=second)
            if kind == 0:
                yield at, str(station), HEARTBEAT, ""
                continue
            if kind == SESSION:
                yield at, str(station), self._sessions.decode(raw), ""
                continue
            fact = self._readers[kind].decode(raw)
            yield at, str(station), self._told(fact, key), number if kind == 4 else ""

    def learn(self, number: str, ours: str) -> None:
        """Remember our number of a session."""
        if number and ours:
            self.ours[number] = ours

    def _told(self, fact: Any, key: str) -> Any:
        if isinstance(fact, NoticeFact):
            return _notice(fact, key)
        if isinstance(fact, facts.MeterFact | facts.StopFact) and fact.transaction:
            ours = self.ours.get(fact.transaction, fact.transaction)
            fact = msgspec.structs.replace(fact, transaction=ours)
        return Facts((fact,), key=key)


def _notice(fact: NoticeFact, key: str) -> Any:
    """Return a notice as it would come: of the socket, of a person, or of the station."""
    if fact.kind == "connected":
        return (ConnectFact(),)
    if fact.kind == "disconnected":
        return (DisconnectFact(1006),)
    if fact.kind == "repaired":
        assert fact.place is not None, "a repair has a place"
        is_new = fact.detail.get("is_cable_new") is True
        return (RepairFact(evse=fact.place.evse, is_cable_new=is_new),)
    return Facts((fact,), key=key)
