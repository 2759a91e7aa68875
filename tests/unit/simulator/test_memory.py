import dataclasses
import stat
from pathlib import Path
from typing import Any

import pytest

from stations.simulator import memory, plan, reading, v16, v16_commands
from stations.simulator.charger import Station, World
from stations.simulator.clock import Clock, Counters
from stations.simulator.fleet import StationSpec
from stations.simulator.outbox import Item
from stations.simulator.scenario import Troubles


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


def _station(spec: StationSpec, **changes: Any) -> Station:
    world = World("ws://x", Clock(), Counters(), 1, plan.Pace())
    return Station(
        dataclasses.replace(spec, **changes),
        world,
        dialect=v16.V16(),
        answer=v16_commands.answer,
        troubles=Troubles(),
    )


def test_a_new_password_is_remembered_until_the_fleet_file_brings_another(
    station: StationSpec, state: Path
) -> None:
    before = _station(station)
    before.password = "set-from-afar"
    memory.save(state, [before])

    same, renewed = _station(station), _station(station, password="newly issued")
    memory.load(state, [same])
    memory.load(state, [renewed])

    assert same.password == "set-from-afar"
    assert renewed.password == "newly issued"


def test_unsent_messages_and_registers_come_back(station: StationSpec, state: Path) -> None:
    before = _station(station)
    item = Item("StopTransaction", {"transactionId": 4}, durable=True, role="stop")
    before.outbox.put(item)
    before.outbox.put(Item("Heartbeat", {}))
    before.connectors[1].meter.register_wh = 123_456.5
    memory.save(state, [before])

    after = _station(station)
    memory.load(state, [after])

    assert [(one.message_id, one.payload) for one in after.outbox.queue] == [
        (item.message_id, item.payload)
    ]
    assert after.connectors[1].meter.register_wh == 123_456.5


def test_a_register_never_goes_back_even_if_the_meter_ran_on(
    station: StationSpec, state: Path
) -> None:
    before = _station(station)
    meter = before.connectors[2].meter
    meter.power_w = 150_000.0
    memory.save(state, [before])
    meter.step(memory.AHEAD_S - 0.1)

    after = _station(station)
    memory.load(state, [after])

    assert after.connectors[2].meter.register_wh >= meter.register_wh


def test_only_the_owner_can_read_the_memory(station: StationSpec, state: Path) -> None:
    memory.save(state, [_station(station)])

    assert stat.S_IMODE(state.stat().st_mode) == 0o600


def test_a_broken_memory_is_refused_by_name(station: StationSpec, state: Path) -> None:
    state.write_text('{"stations": {"CP-1": {"password": 3}}}')

    with pytest.raises(reading.BadInput, match="CP-1 cannot be read"):
        memory.load(state, [_station(station)])


def test_no_memory_is_a_new_fleet(station: StationSpec, state: Path) -> None:
    fresh = _station(station)

    memory.load(state, [fresh])

    assert fresh.outbox.durable() == []
