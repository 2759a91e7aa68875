"""One of everything the power and drivers pages show."""

from datetime import datetime, timedelta

from stations import charging
from stations.models import (
    DisplayMessage,
    LoadShare,
    MeterKey,
    Reservation,
    Session,
    SignedReading,
)
from tests.cast import Cast


def make_power(made: Cast, *, session: Session, secret: str, at: datetime) -> None:
    """Make a shared limit, a reservation, a text on a screen and a signed reading."""
    group = charging.create_group(
        location=made.location,
        name=secret,
        limit_a=40,
        station_ids=[made.ac_station.pk],
        as_of=at,
    )
    LoadShare.objects.create(
        operator=made.operator, member=group.members.get(), connector=made.socket
    )
    Reservation.objects.create(
        operator=made.operator,
        station=made.ac_station,
        connector=made.socket,
        number=1,
        token=made.astrids_token,
        driver=made.astrid,
        reason=secret,
        created_at=at,
        expires_at=at + timedelta(hours=1),
    )
    DisplayMessage.objects.create(
        operator=made.operator, station=made.ac_station, number=1, text=secret, asked_at=at
    )
    MeterKey.objects.create(
        operator=made.operator,
        station=made.ac_station,
        connector_id=session.connector_id,
        key="00",
        first_seen_at=at,
    )
    SignedReading.objects.create(
        operator=made.operator,
        station=made.ac_station,
        connector_id=session.connector_id,
        session=session,
        occurred_at=at,
        sample={},
        digest="x",
        meter_serial=secret,
        checked_at=at,
    )
