"""Block A of OCPP 2.0.1: who is let in by a password."""

from stations.models import Observation, Station
from tests.conformance.bed import Bed, until


def is_noted(row: Station) -> bool:
    seen = Observation.objects.filter(station=row, kind="authentication_failed")
    return bool(until(lambda: seen.count() == 1))


def test_tc_a_01_right_name_and_password(bed: Bed) -> None:
    """The right password opens the connection.

    A00.FR.204, B01.FR.02
    """
    station = bed.booted("2.0.1")

    row = Station.objects.get(pk=station.row.pk)
    assert (row.is_online, row.ocpp_version) == (True, "2.0.1")


def test_tc_a_02_user_name_of_another_station(bed: Bed) -> None:
    """A user name that is not the station's identity is refused, and noted.

    A00.FR.204, A00.FR.207
    """
    row, other = bed.row("2.0.1"), bed.row("2.0.1")

    assert bed.knock(row, user=other.identity) == 401
    assert is_noted(row)
    assert Station.objects.get(pk=row.pk).epoch == 0


def test_tc_a_03_wrong_password(bed: Bed) -> None:
    """A wrong password is refused, and noted.

    A00.FR.204
    """
    row = bed.row("2.0.1")

    assert bed.knock(row, password="not-the-password") == 401
    assert is_noted(row)
    assert Station.objects.get(pk=row.pk).epoch == 0
