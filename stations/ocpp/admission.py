"""The gateway's door: who knocks is looked up, judged, counted, and noted where refused."""

import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from chargenet.core import clock
from stations import security
from stations.certificates.identity import Anchor, Trust
from stations.ocpp import gate
from stations.ocpp.batch import Batcher
from stations.ocpp.gate import Denial
from stations.ocpp.hop import Hop, read_hop
from stations.ocpp.proof import Knock, Proof, Refused, prove
from stations.ocpp.store import Store, StoreAway
from stations.sessions import doors
from stations.sessions.doors import StationRow

logger = logging.getLogger(__name__)

Spawn = Callable[[Coroutine[Any, Any, Any]], None]
NOTES = "notes"


@dataclass(frozen=True, slots=True)
class Admitted:
    """A station that proved itself, how it came, and by what it did."""

    station: StationRow
    hop: Hop
    proof: Proof


class Door:
    """Judges every handshake of one gateway."""

    def __init__(self, store: Store, spawn: Spawn) -> None:
        self._store = store
        self._spawn = spawn
        self._finder: Batcher[str, StationRow | None] = Batcher(self._find)
        self._failures = gate.Window(gate.FAILURES)
        self._guesses = gate.Window(gate.GUESSES)

    async def run(self) -> None:
        """Look stations up, batch after batch, until cancelled."""
        await self._finder.run()

    async def judge(self, scope: Mapping[str, Any]) -> Admitted | Denial:
        """Return the station that proved itself, or the refusal; raises StoreAway."""
        if not self._store.is_there:
            return gate.STORE_AWAY
        identity = str(scope["url_route"]["kwargs"]["identity"])
        hop = read_hop(scope)
        station = await self._finder.submit(identity)
        knock = Knock(
            hop=hop,
            credentials=gate.read_basic(dict(scope["headers"])),
            trust=await self._trust(station, hop),
            as_of=clock.now(),
        )
        found = prove(station, knock)
        if station is None or isinstance(found, Refused):
            return self._refuse(station, identity, hop, found)
        return Admitted(await self._settle(station, found), hop, found)

    def _refuse(
        self, station: StationRow | None, identity: str, hop: Hop, found: Proof | Refused
    ) -> Denial:
        """Count a failure by address and by identity, and note it.

        Only failures count: a thousand stations behind one address are no attack, and whoever
        fails under a station's name does not keep the station out.
        """
        is_flood = self._failures.is_full(hop.address) or self._guesses.is_full(identity)
        if is_flood:
            return gate.TOO_MANY
        self._failures.add(hop.address)
        self._guesses.add(identity)
        if station is None:
            return gate.UNPROVEN if settings.HIDE_UNKNOWN else gate.UNKNOWN
        assert isinstance(found, Refused), "a proven station is not refused"
        # Beside the answer: the time it takes must not tell that the station exists.
        self._spawn(self.note(station.id, found.kind, hop, reason=found.reason))
        return gate.UNPROVEN

    async def note_broken(self, identity: str, scope: Mapping[str, Any]) -> None:
        """Keep that a station tried to connect with a handshake that is none."""
        hop = read_hop(scope)
        if not self._store.is_there or self._failures.is_full(hop.address):
            return
        self._failures.add(hop.address)
        try:
            station = await self._finder.submit(identity)
        except StoreAway:
            return
        if station is not None:
            await self.note(station.id, "handshake_broken", hop)

    async def note(self, station_id: int, kind: str, hop: Hop, **more: str) -> None:
        """Keep what a station did at the door or on the line; once a minute is enough."""
        try:
            async with self._store.use(NOTES) as connection:
                await doors.note(
                    connection,
                    station_id=station_id,
                    kind=kind,
                    detail={
                        "address": hop.address,
                        "severity": security.OWN_KINDS.get(kind, security.NOTABLE),
                        **more,
                    },
                    as_of=clock.now(),
                )
        except StoreAway:
            logger.info("not noted station=%s kind=%s", station_id, kind)

    async def note_takeover(self, admitted: Admitted) -> None:
        """Note that a live connection ends for one from elsewhere, or of another certificate."""
        station, hop = admitted.station, admitted.hop
        async with self._store.use(NOTES) as connection:
            before = await doors.find_last_connected(connection, station_id=station.id)
        now = {"address": hop.address, "certificate": admitted.proof.certificate}
        if before and any(before.get(name, "") != value for name, value in now.items()):
            old = {f"{name}_before": before.get(name, "") for name in now}
            await self.note(station.id, "taken_over", hop, **{"certificate": "", **now, **old})

    async def _settle(self, station: StationRow, proof: Proof) -> StationRow:
        """Write what the proof makes true before the station is in, and return its row so."""
        settled = proof.settles(station)
        if settled is None:
            return station
        async with self._store.use(NOTES) as connection:
            await doors.settle(connection, settled, as_of=clock.now())
        logger.info("access settled station=%s profile=%s", station.id, proof.profile)
        if settled.is_renewing is None:
            return station
        return replace(station, registration="pending" if settled.is_renewing else "accepted")

    async def _trust(self, station: StationRow | None, hop: Hop) -> Trust:
        if station is None or not hop.certificate:
            return Trust()
        if 3 not in (station.security_profile, station.pending_profile):
            return Trust()
        async with self._store.use(NOTES) as connection:
            anchors, revoked = await doors.find_trust(connection, operator_id=station.operator_id)
        return Trust([Anchor(pem, organization) for pem, organization in anchors], revoked)

    async def _find(self, identities: list[str]) -> list[StationRow | None]:
        async with self._store.use("door") as connection:
            return await doors.find_stations(connection, identities)
