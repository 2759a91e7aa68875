"""What a station answered when it was asked for settings, or told new ones."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from stations import variables
from stations.models import Command, DeviceVariable, Station
from stations.variables import Address, Told

LONGEST_WORD = 40


def take_configuration(command: Command, as_of: datetime) -> None:
    """Write what a 1.6 station answered to GetConfiguration; all of it means nothing else is."""
    answer = command.answer
    if command.error or not isinstance(answer, Mapping):
        return
    rows = answer.get("configurationKey")
    read_at = command.finished_at or as_of
    told = [_key(row) for row in _objects(rows) if row.get("key")]
    unknown = answer.get("unknownKey")
    told += [
        Told(Address(str(key)[:50]), None, is_known=False)
        for key in (unknown if isinstance(unknown, list) else [])
        if key
    ]
    if not told:
        return
    variables.store(command.station, told, as_of=read_at)
    if not command.payload.get("key"):
        variables.mark_missing(command.station, read_before=read_at)


def take_change(command: Command, as_of: datetime) -> None:
    """Write what became of a 1.6 key we set."""
    key = str(command.payload.get("key", ""))
    if key and command.answer is not None:
        word = str(command.answer.get("status", "")) or command.error
        value = str(command.payload.get("value", ""))
        _note_set(command.station, Address(key), value, word, command.finished_at or as_of)


def take_variables(command: Command, as_of: datetime) -> None:
    """Write what a 2.x station answered to GetVariables."""
    told = []
    for row in _results(command, "getVariableResult"):
        word = str(row.get("attributeStatus", ""))
        try:
            address = variables.address_in(row, row.get("attributeType"))
        except ValueError:
            continue
        value = row.get("attributeValue")
        if word == "Accepted":
            told.append(Told(address, None if value is None else str(value)))
        elif word.startswith("Unknown"):
            told.append(Told(address, None, is_known=False))
    variables.store(command.station, told, as_of=command.finished_at or as_of)


def take_variables_set(command: Command, as_of: datetime) -> None:
    """Write what became of the 2.x variables we set."""
    asked = command.payload.get("setVariableData")
    values = {
        variables.address_in(row, row.get("attributeType")): str(row.get("attributeValue", ""))
        for row in _objects(asked)
    }
    for row in _results(command, "setVariableResult"):
        try:
            address = variables.address_in(row, row.get("attributeType"))
        except ValueError:
            continue
        if address in values:
            word = str(row.get("attributeStatus", ""))
            set_at = command.finished_at or as_of
            _note_set(command.station, address, values[address], word, set_at)


def take_monitoring_choice(command: Command, as_of: datetime) -> None:
    """Write which monitors a station uses, or how severe what it tells is, once it said yes."""
    chosen = command.payload.get("monitoringBase"), command.payload.get("severity")
    names = ("ActiveMonitoringBase", "ActiveMonitoringLevel")
    if command.state != Command.State.ACCEPTED:
        return
    for name, value in zip(names, chosen, strict=True):
        known = DeviceVariable.objects.filter(
            station=command.station, component="MonitoringCtrlr", variable=name
        )
        if value is not None:
            known.update(value=str(value), read_at=command.finished_at or as_of)


def _note_set(station: Station, address: Address, value: str, word: str, set_at: datetime) -> None:
    """Keep the station's word to a change; an accepted value is what it is set to now."""
    row, _ = DeviceVariable.objects.get_or_create(
        station=station, **address.as_json(), defaults={"operator_id": station.operator_id}
    )
    row.set_answer, row.set_at = word[:LONGEST_WORD], set_at
    is_hidden = row.mutability == "WriteOnly" or variables.is_secret(address)
    row.pending_value = value if word == "RebootRequired" and not is_hidden else None
    if word == "Accepted" and not is_hidden and (row.read_at is None or row.read_at <= set_at):
        row.value, row.read_at, row.is_missing = value, set_at, False
    if word in {"NotSupported", "UnknownComponent", "UnknownVariable"}:
        row.is_missing = True
    row.save(
        update_fields=[
            "set_answer",
            "set_at",
            "pending_value",
            "value",
            "read_at",
            "is_missing",
        ]
    )


def _key(row: Mapping[str, Any]) -> Told:
    value = row.get("value")
    return Told(
        address=Address(str(row["key"])[:50]),
        value=None if value is None else str(value),
        mutability="ReadOnly" if row.get("readonly") is True else "ReadWrite",
    )


def _results(command: Command, name: str) -> Iterator[Mapping[str, Any]]:
    answer = command.answer
    if isinstance(answer, Mapping) and not command.error:
        yield from _objects(answer.get(name))


def _objects(raw: object) -> list[Mapping[str, Any]]:
    return [row for row in raw if isinstance(row, Mapping)] if isinstance(raw, list) else []
