"""What a station is known to be set to, as rows."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from stations.models import DeviceReport, DeviceVariable, Station
from stations.variables.address import Address, is_secret

KEY: Final = (
    "station",
    "variable",
    "component",
    "component_instance",
    "evse",
    "connector",
    "variable_instance",
    "attribute",
)
READ: Final = ("value", "mutability", "is_missing", "read_at")
TRAITS: Final = (
    "unit",
    "data_type",
    "min_limit",
    "max_limit",
    "values_list",
    "can_be_monitored",
)
LONGEST_VALUE: Final = 2500
# How long it is known which reports came.
KEPT: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Traits:
    """What a whole report says of a variable beside its value."""

    unit: str = ""
    data_type: str = ""
    min_limit: str = ""
    max_limit: str = ""
    values_list: str = ""
    can_be_monitored: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """One setting as the station told it; `is_known` is False where it said it has none such."""

    address: Address
    value: str | None
    mutability: str = ""
    is_known: bool = True
    traits: Traits | None = None


def store(station: Station, told: Iterable[Told], *, as_of: datetime) -> int:
    """Write what a station told; the newest word counts. Returns how many settings.

    A value that may not be seen is not written.
    """
    rows: dict[Address, Told] = {each.address: each for each in told}
    with_traits = [each for each in rows.values() if each.traits is not None]
    bare = [each for each in rows.values() if each.traits is None]
    _write(station, with_traits, (*READ, *TRAITS), as_of)
    _write(station, [each for each in bare if each.mutability], READ, as_of)
    plain = tuple(name for name in READ if name != "mutability")
    _write(station, [each for each in bare if not each.mutability], plain, as_of)
    return len(rows)


def mark_missing(station: Station, *, read_before: datetime) -> int:
    """Mark what a whole report came without; returns how many settings."""
    old = DeviceVariable.objects.filter(station=station, is_missing=False)
    return old.filter(read_at__lt=read_before).update(is_missing=True)


def find_value(station: Station, address: Address) -> str | None:
    """Return what a setting was last read as; None where we do not know, or may not see it."""
    rows = DeviceVariable.objects.filter(station=station, is_missing=False, **address.as_json())
    return rows.values_list("value", flat=True).first()


def _write(station: Station, told: Sequence[Told], fields: Sequence[str], as_of: datetime) -> None:
    DeviceVariable.objects.bulk_create(
        [_row(station, each, as_of) for each in told],
        update_conflicts=True,
        unique_fields=list(KEY),
        update_fields=list(fields),
        batch_size=500,
    )


def _row(station: Station, told: Told, as_of: datetime) -> DeviceVariable:
    is_hidden = told.mutability == "WriteOnly" or is_secret(told.address)
    value = None if is_hidden or told.value is None else told.value[:LONGEST_VALUE]
    return DeviceVariable(
        operator_id=station.operator_id,
        station=station,
        **told.address.as_json(),
        value=value,
        mutability=told.mutability,
        is_missing=not told.is_known,
        read_at=as_of,
        **asdict(told.traits or Traits()),
    )


def new_request_id(station: Station, kind: str, *, as_of: datetime) -> int:
    """Return a number for a report that no other report of ours has, up to 2^31."""
    forgotten = DeviceReport.objects.filter(station=station, began_at__lt=as_of - KEPT)
    forgotten.delete()
    report = DeviceReport.objects.create(
        operator_id=station.operator_id,
        station=station,
        kind=kind,
        request_id=0,
        began_at=as_of,
    )
    report.request_id = report.pk % 2**31
    report.save(update_fields=["request_id"])
    return report.request_id
