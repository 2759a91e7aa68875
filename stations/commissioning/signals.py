"""Which signals a connector really gives: seen in what came, or promised by its settings."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db import connection as django_connection
from django.db.models import Exists, Max, OuterRef, Q

from stations.commissioning.ending import find_row
from stations.models import (
    Connector,
    ConnectorSignal,
    DeviceMonitor,
    DeviceVariable,
    Observation,
    OcppVersion,
    Session,
    Station,
    StatusChange,
)
from stations.variables import Address, split_list

# Of a sample's columns, by the signal they are; a phase wants two of three.
COLUMNS: Final[Mapping[str, str]] = {
    "energy": "energy_wh",
    "power": "power_w",
    "power_offered": "power_offered_w",
    "current": "COALESCE(current_a, current_l1_a)",
    "phases": "CASE WHEN current_l1_a IS NOT NULL AND current_l2_a IS NOT NULL THEN 1 END",
    "current_offered": "current_offered_a",
    "voltage": "COALESCE(voltage_v, voltage_l1_v)",
    "soc": "soc_percent",
    "temperature": "temperature_c",
    "temperature_body": "temperature_body_c",
}
STATED: Final = ("status", "error_codes", "device_events", "sessions", "clock")
SIGNALS: Final = (*COLUMNS, *STATED)
MEASURED: Final[Mapping[str, str]] = {
    "Energy.Active.Import.Register": "energy",
    "Power.Active.Import": "power",
    "Power.Offered": "power_offered",
    "Current.Import": "current",
    "Current.Offered": "current_offered",
    "Voltage": "voltage",
    "SoC": "soc",
    "Temperature": "temperature",
}
SINCE: Final = timedelta(days=30)
GOOD_CLOCK: Final = timedelta(seconds=60)
LOOKED_EVERY: Final = timedelta(hours=6)
MOST_SAMPLES, MOST_LOOKED, NEWEST = 2_000, 50, 20
NEWEST_OF = ", ".join(
    f"max(received_at) FILTER (WHERE {sql} IS NOT NULL)" for sql in COLUMNS.values()
)
SAMPLES = f"""
SELECT {NEWEST_OF}
FROM (SELECT * FROM stations_metervalue WHERE connector_id = %s AND received_at >= %s
    AND occurred_at >= %s ORDER BY occurred_at DESC LIMIT {MOST_SAMPLES}) AS newest
"""  # noqa: S608  columns of ours only


def look_at_signals(*, station: Station, as_of: datetime) -> None:
    """Write which signals each connector of a station gives, by what came in a month."""
    since = as_of - SINCE
    promised, general = set(_promised(station)), dict(_of_station(station, since))
    rows = []
    for connector in Connector.objects.filter(station=station):
        seen = general | dict(_of_connector(connector, since))
        rows += [
            ConnectorSignal(
                operator_id=station.operator_id,
                connector=connector,
                signal=signal,
                seen_at=seen.get(signal),
                is_promised=signal in promised,
                looked_at=as_of,
            )
            for signal in SIGNALS
        ]
    ConnectorSignal.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["connector", "signal"],
        update_fields=["seen_at", "is_promised", "looked_at"],
    )


def find_unlooked(*, as_of: datetime) -> list[Station]:
    """Return stations whose signals nobody has looked at for some hours."""
    looked = ConnectorSignal.objects.filter(
        connector__station=OuterRef("pk"), signal="status", looked_at__gte=as_of - LOOKED_EVERY
    )
    seen = Station.objects.filter(
        ~Exists(looked),
        Exists(Connector.objects.filter(station=OuterRef("pk"))),
        is_active=True,
        last_seen_at__gte=as_of - LOOKED_EVERY,
    )
    return list(seen.order_by("pk")[:MOST_LOOKED])


def _of_connector(connector: Connector, since: datetime) -> Iterator[tuple[str, datetime]]:
    with django_connection.cursor() as cursor:
        cursor.execute(SAMPLES, [connector.pk, since, since])
        for signal, at in zip(COLUMNS, cursor.fetchone() or (), strict=False):
            if at is not None:
                yield signal, at
    states = StatusChange.objects.filter(connector=connector, received_at__gte=since)
    newest = states.aggregate(
        at=Max("received_at"),
        coded=Max("received_at", filter=~Q(error_code__in=["", "NoError"])),
    )
    sessions = Session.objects.filter(connector=connector, started_at__gte=since)
    begun = sessions.aggregate(at=Max("started_at"))
    told = {"status": newest["at"], "error_codes": newest["coded"], "sessions": begun["at"]}
    yield from ((signal, at) for signal, at in told.items() if at is not None)


def _of_station(station: Station, since: datetime) -> Iterator[tuple[str, datetime]]:
    events = Observation.objects.filter(
        station=station, kind="device_event", received_at__gte=since
    ).aggregate(at=Max("received_at"))
    if events["at"] is not None:
        yield "device_events", events["at"]
    states = StatusChange.objects.filter(station=station, received_at__gte=since)
    times = states.order_by("-received_at").values_list("occurred_at", "received_at")[:NEWEST]
    # What waited offline is late, not wrong: one moment told in time shows the clock is right.
    good = [received for occurred, received in times if abs(received - occurred) < GOOD_CLOCK]
    if good:
        yield "clock", max(good)


def _promised(station: Station) -> Iterator[str]:
    """Yield the signals a station's settings promise."""
    if station.ocpp_version == OcppVersion.V16:
        measured = Address("MeterValuesSampledData")
    else:
        measured = Address("TxUpdatedMeasurands", "SampledDataCtrlr")
        if DeviceMonitor.objects.filter(station=station).exists():
            yield "device_events"
        sensors = DeviceVariable.objects.filter(
            station=station, component="TemperatureSensor", is_missing=False
        )
        if sensors.exists():
            yield "temperature" if sensors.filter(connector__gt=0).exists() else "temperature_body"
    row = find_row(station, measured)
    for measurand in split_list((row.value if row else None) or ""):
        # 1.6 may name a phase: Current.Import.L1.
        for known, signal in MEASURED.items():
            if measurand == known or measurand.startswith(f"{known}.L"):
                yield signal
    yield "status"
