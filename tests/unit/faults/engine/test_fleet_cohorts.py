"""A cohort of one make and firmware is looked at while a fleet's clock runs."""

from datetime import UTC, datetime, timedelta

from faults.engine.fleet import ConnectFact, ConnectorPlace, Fleet, StationPlace

BEGIN = datetime(2026, 3, 2, 8, tzinfo=UTC)


def test_sessions_of_two_firmwares_are_compared_as_time_passes() -> None:
    fleet = Fleet(
        StationPlace(
            name=f"S{number}",
            site=f"site {number}",
            vendor="Keba",
            model="P30",
            firmware="2" if number < 6 else "1",
            connectors=(ConnectorPlace(evse=1),),
        )
        for number in range(12)
    )
    for hour in range(72):
        at = BEGIN + timedelta(hours=hour)
        for number in range(12):
            has_failed = number < 6 and hour % 2
            if not hour:
                fleet.take(f"S{number}", at, [ConnectFact()])
            fleet.take_session(
                f"S{number}",
                1,
                at + timedelta(minutes=number),
                token=f"t{hour % 9}",
                started_at=at - timedelta(minutes=40),
                ended_at=at,
                energy_wh=0 if has_failed else 9000,
            )
    fleet.advance(BEGIN + timedelta(days=4))
    assert "F44" in {held.code for held in fleet.conditions()}
