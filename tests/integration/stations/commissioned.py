"""A 1.6 and a 2.x station to be set up in tests: they keep what they take."""

from datetime import timedelta
from functools import partial
from typing import Any

from django.utils import timezone

from stations import commissioning
from stations.models import Commissioning, CommissioningStep, Station
from stations.simulator import charger, plan, scenario, v201, v201_commands
from stations.simulator.clock import Clock, Counters
from stations.simulator.fleet import ConnectorSpec, StationSpec, TokenSpec
from tests.integration.stations.answering import Answering

KEYS = {
    "TransactionMessageAttempts": "3",
    "TransactionMessageRetryInterval": "60",
    "WebSocketPingInterval": "0",
    "HeartbeatInterval": "600",
    "MeterValueSampleInterval": "10",
    "ClockAlignedDataInterval": "0",
    "MeterValuesSampledData": "Energy.Active.Import.Register,Power.Offered",
    "StopTxnSampledData": "",
    "ConnectionTimeOut": "60",
    "MinimumStatusDuration": "0",
    "StopTransactionOnEVSideDisconnect": "True",
    "UnlockConnectorOnEVSideDisconnect": "true",
    "NumberOfConnectors": "2",
}


class Keys(Answering):
    """A 1.6 station with keys; `words` overrides its answer to one key."""

    def __init__(self, station: Station, values: dict[str, str], **words: str) -> None:
        self.values, self.words = dict(values), words
        self.measures: set[str] | None = None
        answers = {"GetConfiguration": self.tell, "ChangeConfiguration": self.take}
        super().__init__(station, answers, timezone.now())

    def tell(self, said: dict[str, Any]) -> dict[str, Any]:
        asked = said.get("key") or list(self.values)
        known = [
            {"key": key, "readonly": key == "NumberOfConnectors", "value": self.values[key]}
            for key in asked
            if key in self.values
        ]
        return {
            "configurationKey": known,
            "unknownKey": [key for key in asked if key not in self.values],
        }

    def take(self, said: dict[str, Any]) -> dict[str, Any]:
        key, value = said["key"], said["value"]
        if key not in self.values:
            return {"status": "NotSupported"}
        word = self.words.get(key, "Accepted")
        if "SampledData" in key and self.measures is not None:
            word = "Accepted" if set(value.split(",")) <= self.measures else "Rejected"
        if word == "Accepted":
            self.values[key] = value
        return {"status": "Accepted" if word == "Forgets" else word}


def come_online(station: Station, **fields: Any) -> None:
    """Let a station be here, accepted and booted, for some while."""
    long_ago = timezone.now() - timedelta(minutes=5)
    Station.objects.filter(pk=station.pk).update(
        is_online=True,
        registration="accepted",
        connected_at=long_ago,
        last_boot_at=long_ago,
        **fields,
    )
    station.refresh_from_db()


def set_up(box: Answering, reason: str = "first") -> Commissioning:
    """Run one whole round."""
    begun = commissioning.begin_commissioning(station=box.station, reason=reason, as_of=box.now)
    box.now += commissioning.QUIET
    commissioning.advance(commissioning_id=begun.pk, as_of=box.now)
    box.settle()
    begun.refresh_from_db()
    return begun


def step(round_: Commissioning, variable: str) -> CommissioningStep:
    return round_.steps.get(target__variable=variable)


def states(round_: Commissioning) -> dict[str, str]:
    """Return how each step about a setting ended."""
    rows = round_.steps.exclude(target={}).values_list("target__variable", "state")
    return dict(rows)


class Simulated(Answering):
    """A 2.x station of the simulator, without its socket: what it queues is reported."""

    def __init__(self, station: Station, spec: StationSpec) -> None:
        world = charger.World("", Clock(), Counters(), 1, plan.Pace())
        self.charger = charger.Station(
            spec,
            world,
            dialect=v201.V201(),
            answer=v201_commands.answer,
            troubles=scenario.Troubles(()),
        )
        answers = {
            action: partial(v201_commands.answer, self.charger, action)
            for action in v201_commands.COMMANDS
        }
        super().__init__(station, answers, timezone.now())

    def follow(self) -> None:
        """Say what was queued, then let the worker draw it."""
        while self.charger.outbox.queue:
            item = self.charger.outbox.queue.popleft()
            self.report(item.action, item.payload)
        super().follow()


def dc_spec() -> StationSpec:
    """Return one DC station of OCPP 2.0.1."""
    outlet = ConnectorSpec(1, "tethered", "DC", 150_000, 3, 1, 1, None)
    return StationSpec(
        *("NORD-DC-1", "secret", "2.0.1", "Site", "V", "M", "S", "1"),
        connectors=(outlet,),
        tokens=(TokenSpec("TAG1"),),
    )
