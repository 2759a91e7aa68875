"""Temperatures of plugs that 2.x stations tell by events, among the samples of their sessions."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from faults.rules import heat_watch
from faults.rules.facts import Card, DeviceEvent, Sample
from stations.models import Observation, Session

DEVICE_EVENT, SENSOR = "device_event", "TemperatureSensor"
# What the sensor said before anybody plugged in is the temperature around.
BEFORE = timedelta(minutes=20)
MOST = 500


def add_to(
    samples: dict[int, list[Sample]], rows: Iterable[Session], cards: Mapping[int | None, Card]
) -> None:
    """Add what sensors of the connector told to sessions whose own samples have no temperature."""
    for row in rows:
        card, kept = cards.get(row.connector_id), samples.get(row.pk)
        if kept is None or card is None or card.version in {"", "1.6"} or row.ended_at is None:
            continue
        if any(one.cable_c is not None for one in kept):
            continue
        told = Observation.objects.filter(
            station_id=row.station_id,
            kind=DEVICE_EVENT,
            connector_id=row.connector_id,
            occurred_at__gte=row.started_at - BEFORE,
            occurred_at__lte=row.ended_at,
            detail__component=SENSOR,
        )
        found = [one for event in told.order_by("occurred_at")[:MOST] if (one := _sample(event))]
        samples[row.pk] = sorted([*kept, *found], key=lambda one: one.at)


def _sample(row: Observation) -> Sample | None:
    celsius = heat_watch.celsius_of(
        DeviceEvent(
            id=row.pk,
            connector_id=row.connector_id,
            component=str(row.detail.get("component", "")),
            variable=str(row.detail.get("variable", "")),
            value=str(row.detail.get("value", "")),
            occurred_at=row.occurred_at,
            received_at=row.received_at,
        )
    )
    return None if celsius is None else Sample(at=row.occurred_at, cable_c=celsius)
