"""The test bed: one network, one gateway, and a fresh station for every case."""

import itertools
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from stations import commands, followups, registry
from stations.models import (
    Command,
    Commissioning,
    Location,
    OcppFrame,
    Session,
    Station,
    StationReport,
    Token,
)
from tests.cast import Cast, make_station
from tests.conformance.phrases import BOOT_2, BOOT_16, FIRMWARE, Payload
from tests.conformance.player import OVER_TLS, Player
from tests.conformance.referee import Referee
from tests.integration.stations.charger import PASSWORD, basic
from tests.integration.stations.conftest import GatewayProcess

WITHIN_S = 20
BOOTS = {"1.6": BOOT_16, "2.0.1": BOOT_2, "2.1": BOOT_2}
NUMBERS = itertools.count(1)
# Made once: every station of the bed has the same password.
PASSWORD_HASH = registry.hash_password(PASSWORD.encode())


@dataclass
class Bed:
    """What a case needs: stations that play, tokens, and the operator's hand."""

    cast: Cast
    gateway: GatewayProcess
    referee: Referee
    closing: ExitStack = field(default_factory=ExitStack)

    # --- who is there ----------------------------------------------------------------------

    def row(self, version: str, **given: Any) -> Station:
        """Return a new station of two EVSEs with one connector each, set up already.

        Setting it up calls it when it has been here for some seconds: into the middle of a case.
        """
        station, _ = make_station(
            Location.objects.get(pk=self.cast.location.pk),
            f"CASE-{version}-{next(NUMBERS):04d}",
            version=version,
            count=2,
        )
        given = {"password_hash": PASSWORD_HASH, "registration": "accepted"} | given
        Station.objects.filter(pk=station.pk).update(**given)
        station.refresh_from_db()
        now = datetime.now(UTC)
        Commissioning.objects.create(
            operator_id=station.operator_id,
            station=station,
            reason=Commissioning.Reason.FIRST,
            state=Commissioning.State.DONE,
            firmware_version="" if version == "1.6" else FIRMWARE,
            ocpp_version=version,
            began_at=now,
            next_at=now,
        )
        return station

    def player(self, version: str, row: Station | None = None, **given: Any) -> Player:
        """Return a connected station that has not booted yet; the case's end closes it."""
        row = row or self.row(version, **given)
        return self.closing.enter_context(Player(self.gateway.url, row, version, self.referee))

    def booted(self, version: str, **given: Any) -> Player:
        """Return a connected and accepted station."""
        player = self.player(version, **given)
        answer = player.call("BootNotification", BOOTS[version])
        assert answer["status"] == "Accepted"
        return player

    def knock(
        self,
        row: Station,
        *,
        subprotocol: str = "ocpp2.0.1",
        user: str = "",
        password: str = PASSWORD,
        is_tls: bool = False,
    ) -> int:
        """Return how the gateway answers a handshake: 101, or the refusal's status."""
        headers = basic((user or row.identity).encode(), password.encode())
        try:
            with connect(
                f"{self.gateway.url}/ocpp/{row.identity}",
                subprotocols=[Subprotocol(subprotocol)],
                additional_headers=headers | (OVER_TLS if is_tls else {}),
                open_timeout=WITHIN_S,
            ):
                return 101
        except InvalidStatus as refusal:
            return refusal.response.status_code

    def token(self, **given: Any) -> Token:
        """Return a new token of the operator."""
        uid = f"TAG{next(NUMBERS):05d}"
        return Token.objects.create(operator=self.cast.operator, **({"uid": uid} | given))

    # --- what the operator does ------------------------------------------------------------

    def ask(self, player: Player, action: str, /, **payload: Any) -> Command:
        """Send a command to a station, as every door of the product does."""
        return commands.send_command(
            station=player.row, action=action, payload=payload, as_of=datetime.now(UTC)
        )

    def exchange(
        self,
        player: Player,
        action: str,
        asked: Payload,
        answer: Payload,
        *,
        word: str = "",
        wish: Payload | None = None,
        state: str = "accepted",
    ) -> Command:
        """Ask, have the station answer, and return the command's end.

        Asked in OCPP's own words, or in ours: then `asked` is what they must become on the wire.
        """
        command = self.ask(player, word or action, **(asked if wish is None else wish))
        assert player.obey(action, **answer) == asked
        row = self.ended(command)
        assert (row.state, row.answer) == (state, answer)
        return row

    def ended(self, command: Command) -> Command:
        """Wait until a command has its final state, and return it."""

        def final() -> Command | None:
            row = Command.objects.get(pk=command.pk)
            return row if row.state in Command.FINAL else None

        ended: Command = until(final)
        return ended

    def follow(self, player: Player) -> int:
        """Do the worker's part: draw from reports and answers what they mean."""
        done = 0
        while now := followups.follow_station(station_id=player.row.pk, as_of=datetime.now(UTC)):
            done += now
        return done

    # --- what became of it -----------------------------------------------------------------

    def session(self, player: Player) -> Session:
        """Return the only session of a station."""
        return Session.objects.get(station=player.row)

    def frames(self, player: Player, action: str) -> list[bytes]:
        """Return the raw frames of an action that a station sent, in order."""
        found = OcppFrame.objects.filter(station_id=player.row.pk, action=action, is_inbound=True)
        return [bytes(frame) for frame in found.order_by("id").values_list("frame", flat=True)]

    def reports(self, player: Player, action: str) -> list[StationReport]:
        """Return what a station reported with an action, in order."""
        return list(StationReport.objects.filter(station=player.row, kind=action).order_by("id"))


def until(condition: Callable[[], Any]) -> Any:
    """Wait for a condition on the database, as long as a slow machine may need."""
    deadline = time.monotonic() + WITHIN_S
    while not (found := condition()):
        assert time.monotonic() < deadline, "the condition never came true"
        time.sleep(0.01)
    return found
