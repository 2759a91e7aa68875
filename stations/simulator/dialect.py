"""What a version of OCPP must be able to say for a station."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from stations.simulator.fleet import ConnectorSpec, StationSpec, TokenSpec
from stations.simulator.outbox import Item, Transaction
from stations.simulator.power import Reading


@dataclass(frozen=True, slots=True)
class Fault:
    """What a connector reports to be wrong."""

    error_code: str = "NoError"
    vendor_error_code: str = ""
    vendor_id: str = ""
    info: str = ""
    component: str = "Connector"
    keep_status: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One moment of a transaction: the reading, why it is told, and the reason of a stop."""

    reading: Reading
    trigger: str = ""
    context: str = "Sample.Periodic"
    reason: str = ""


class Dialect(Protocol):
    """One version of OCPP, as items for the outbox and questions to answers."""

    subprotocol: str
    stop_action: str

    def boot(self, spec: StationSpec, reason: str) -> Item:
        """Say who the station is."""

    def heartbeat(self) -> Item:
        """Say that it lives."""

    def station_status(self, at: datetime, *, operative: bool) -> Item | None:
        """Tell the status of the whole station, where the version has one."""

    def status(
        self, connector: ConnectorSpec, word: str, fault: Fault | None, at: datetime
    ) -> Item:
        """Tell a connector's status; `word` is one of the nine of 1.6."""

    def problem(
        self, connector: ConnectorSpec, fault: Fault, at: datetime, *, cleared: bool
    ) -> Item | None:
        """Tell a fault that comes or goes, where the version has a message for it."""

    def authorize(self, token: TokenSpec) -> Item:
        """Ask whether a token may charge."""

    def is_accepted(self, answer: dict[str, Any]) -> bool:
        """Tell whether an answer to Authorize or to a start accepts the token."""

    def start(self, tx: Transaction, connector: ConnectorSpec, event: Event) -> Item:
        """Tell that a transaction began."""

    def change(self, tx: Transaction, connector: ConnectorSpec, event: Event) -> Item | None:
        """Tell that a transaction changed its state, where the version tells that."""

    def samples(self, tx: Transaction, connector: ConnectorSpec, event: Event) -> list[Item]:
        """Tell meter values of a transaction."""

    def stop(self, tx: Transaction, connector: ConnectorSpec, event: Event) -> Item:
        """Tell that a transaction ended."""

    def stray_stop(
        self, connector: ConnectorSpec, token: TokenSpec, number: int, reading: Reading
    ) -> Item:
        """Tell the end of a transaction nobody has heard of."""

    def idle_values(self, connector: ConnectorSpec, event: Event) -> Item:
        """Tell meter values outside a transaction."""

    def finish(self, item: Item) -> dict[str, Any]:
        """Return the payload as it is sent now; the same for every try."""

    def learn(self, item: Item, answer: dict[str, Any]) -> None:
        """Take from the answer to a start what later messages need."""


def stamp(at: datetime) -> str:
    """Return an instant as OCPP wants it: UTC, milliseconds, Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
