from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from chargenet.dashboard.queries import coverage
from stations import commissioning, retention
from stations.models import (
    ConnectorSignal,
    DeviceMonitor,
    DeviceVariable,
    MeterValue,
    Observation,
    Station,
    StatusChange,
)
from tests.cast import Cast, make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    return make_cast()


def sample(made: Cast, at: datetime, **values: Any) -> None:
    retention.make_partitions(as_of=at)
    MeterValue.objects.create(
        id=1,
        operator_id=made.operator.pk,
        station_id=made.ac_station.pk,
        connector_id=made.socket.pk,
        occurred_at=at,
        received_at=at,
        **values,
    )


def status(made: Cast, at: datetime, late: timedelta = timedelta(0), code: str = "") -> None:
    StatusChange.objects.create(
        operator=made.operator,
        station=made.ac_station,
        connector=made.socket,
        status="Available",
        error_code=code,
        occurred_at=at - late,
        received_at=at,
    )


def seen(made: Cast, now: datetime) -> set[str]:
    commissioning.look_at_signals(station=made.ac_station, as_of=now)
    rows = ConnectorSignal.objects.filter(connector=made.socket, seen_at__isnull=False)
    return set(rows.values_list("signal", flat=True))


def test_what_came_is_seen_and_what_did_not_is_not(made: Cast) -> None:
    now = timezone.now()
    one, two = Decimal(10), Decimal("9.8")
    sample(made, now, energy_wh=1, temperature_c=one, current_l1_a=one, current_l2_a=two)
    status(made, now)

    assert seen(made, now) == {
        *("energy", "temperature", "current", "phases", "status", "clock"),
    }
    other = ConnectorSignal.objects.filter(connector__station=made.ac_station)
    other = other.exclude(connector=made.socket)
    assert set(other.filter(seen_at__isnull=False).values_list("signal", flat=True)) == {"clock"}


def test_a_clock_that_is_never_right_is_told_apart_from_messages_that_waited(made: Cast) -> None:
    now = timezone.now()
    for minutes in range(5):
        status(made, now - timedelta(minutes=minutes), late=timedelta(hours=2))
    assert "clock" not in seen(made, now)

    status(made, now)

    assert "clock" in seen(made, now)


def test_settings_and_monitors_promise_what_has_not_come_yet(made: Cast) -> None:
    station, now = made.dc_station, timezone.now()
    DeviceVariable.objects.create(
        operator=made.operator,
        station=station,
        component="SampledDataCtrlr",
        variable="TxUpdatedMeasurands",
        value="Energy.Active.Import.Register,SoC",
        read_at=now,
    )
    DeviceMonitor.objects.create(
        operator=made.operator,
        station=station,
        number=1,
        component="TemperatureSensor",
        variable="Temperature",
        kind="UpperThreshold",
        value="80",
        severity=4,
        read_at=now,
    )

    commissioning.look_at_signals(station=station, as_of=now)

    promised = ConnectorSignal.objects.filter(connector=made.tethered, is_promised=True)
    assert set(promised.values_list("signal", flat=True)) == {
        *("energy", "soc", "device_events", "status"),
    }


def test_coverage_counts_the_faults_a_connector_can_show(made: Cast) -> None:
    now = timezone.now()
    blind = coverage.describe_coverage([made.tethered])[0]
    assert blind.looked_at is None
    status(made, now)
    Observation.objects.create(
        operator=made.operator,
        station=made.dc_station,
        kind="device_event",
        occurred_at=now,
        received_at=now,
    )
    for station in (made.ac_station, made.dc_station):
        commissioning.look_at_signals(station=station, as_of=now)

    levels = {
        fault.code: (fault.level, fault.wanting)
        for fault in coverage.describe_coverage([made.tethered])[0].faults
    }

    assert levels["F01"] == ("full", "")
    assert levels["F02"] == ("full", "")
    assert levels["F21"] == ("degraded", "Temperature of the cable")
    assert levels["F10"] == ("blind", "Sessions, Energy register")


def test_stations_are_looked_at_every_few_hours_and_only_while_they_live(made: Cast) -> None:
    now = timezone.now()
    Station.objects.filter(pk=made.ac_station.pk).update(last_seen_at=now)

    assert commissioning.find_unlooked(as_of=now) == [made.ac_station]
    commissioning.look_at_signals(station=made.ac_station, as_of=now)
    assert commissioning.find_unlooked(as_of=now) == []
    assert commissioning.find_unlooked(as_of=now + timedelta(hours=5)) == []
