"""A site, a line, our own service explain what stations show: one ticket, and the rest wait."""

from datetime import datetime, timedelta

import pytest

from chargenet.core.models import PeriodicRun
from faults import detection, tickets
from faults.models import Downtime, Fault, Ticket
from stations.models import Connector, Location, Observation, Station
from tests import cast
from tests.cast import Cast
from tests.integration.faults import scene
from tests.integration.faults.scene import NOON, minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    return cast.make_cast()


def make_site(made: Cast, count: int, name: str = "Parken") -> tuple[Location, list[Station]]:
    site = Location.objects.create(operator=made.operator, name=name, city="Lund")
    stations = [cast.make_station(site, f"{name[:4]}-{n}")[0] for n in range(count)]
    for station in stations:
        scene.hear(station, at=NOON - minutes(1))
    return site, stations


def go(station: Station, *, at: datetime) -> None:
    """The gateway loses a station."""
    Station.objects.filter(pk=station.pk).update(
        is_online=False, disconnected_at=at, last_seen_at=at, check_after=at + minutes(1)
    )
    detection.note_surroundings(station_id=station.pk, as_of=at)


def come_back(station: Station, *, at: datetime, reason: str) -> None:
    """It boots, and is heard again."""
    scene.hear(station, at=at)
    Observation.objects.create(
        operator=station.operator,
        station=station,
        kind="boot",
        detail={"reason": reason},
        occurred_at=at,
        received_at=at,
    )
    detection.examine_if_news(station_id=station.pk, as_of=at)
    detection.note_surroundings(station_id=station.pk, as_of=at)


def beat(at: datetime) -> None:
    """The beat asks for a look at the networks."""
    PeriodicRun.objects.create(name="faults.tasks.sweep_wide", slot=at, started_at=at)


def let_pass(since: float, until: float, step: float = 1) -> None:
    """The sweeps run as the beat asks for them."""
    minute = since
    while minute <= until:
        as_of = NOON + minutes(minute)
        detection.sweep_wide(as_of=as_of)
        detection.sweep_silent(as_of=as_of)
        minute += step


def open_tickets() -> list[tuple[str, str]]:
    rows = Ticket.objects.exclude(state="closed").order_by("pk")
    return list(rows.values_list("code", "scope_key"))


def test_a_power_cut_over_twelve_stations_is_one_ticket_and_frees_them_when_it_is_over(
    made: Cast,
) -> None:
    site, stations = make_site(made, 12)
    for number, station in enumerate(stations):
        go(station, at=NOON + timedelta(seconds=5 * number))
    socket = Connector.objects.filter(station=stations[0]).get()
    scene.charge(socket, None, at=NOON - minutes(40), reason="PowerLoss")

    let_pass(1, 90, step=3)

    assert open_tickets() == [("F40", f"site:{site.pk}")]
    offline = Fault.objects.filter(code="F01").exclude(state="cleared")
    assert set(offline.values_list("inhibited_by", flat=True)) == {f"F40:site:{site.pk}"}
    assert offline.count() == 12
    down = Downtime.objects.filter(fault__code="F40", ended_at=None)
    assert down.count() == Connector.objects.filter(station__in=stations).count()

    # the power is back at all but one, whose fuse has blown
    for station in stations[1:]:
        come_back(station, at=NOON + minutes(91), reason="PowerUp")
    let_pass(92, 130, step=2)

    assert open_tickets() == [("F01", f"station:{stations[0].pk}")]
    left = Fault.objects.exclude(state="cleared").get(code="F01")
    assert (left.began_at, left.inhibited_by) == (NOON, "")
    assert not down.exists()


def test_a_site_of_one_station_is_never_a_sites_fault(made: Cast) -> None:
    _, (station,) = make_site(made, 1)
    go(station, at=NOON)

    let_pass(1, 70, step=3)

    assert open_tickets() == [("F01", f"station:{station.pk}")]


def test_tickets_already_opened_join_the_sites_but_not_one_somebody_works_on(made: Cast) -> None:
    site, stations = make_site(made, 4)
    for station in stations:
        go(station, at=NOON)
        Fault.objects.create(
            operator=made.operator,
            code="F17",
            scope="station",
            scope_key=f"station:{station.pk}",
            location=site,
            station=station,
            severity=4,
            state="firing",
            began_at=NOON,
            opened_at=NOON,
            last_seen_at=NOON,
            ticket=tickets.open_ticket(
                about=tickets.About(
                    operator_id=made.operator.pk,
                    scope_key=f"station:{station.pk}",
                    location_id=site.pk,
                    station_id=station.pk,
                ),
                family="link",
                code="F17",
                severity=4,
                as_of=NOON,
            ),
        )
    busy = Ticket.objects.get(station=stations[0])
    tickets.start_travel(ticket_id=busy.pk, actor_id=made.dag.pk, as_of=NOON)

    let_pass(1, 20)

    assert open_tickets() == [("F17", busy.scope_key), ("F41", f"site:{site.pk}")]


def test_many_sites_on_one_line_are_one_network_ticket(made: Cast) -> None:
    everybody = []
    for number in range(4):
        _, stations = make_site(made, 3, name=f"Sit{number}")
        everybody += stations
    for station in everybody:
        go(station, at=NOON)

    let_pass(1, 30, step=2)

    assert open_tickets() == [("F42", f"network:{made.operator.pk}")]


def test_our_own_silence_accuses_no_station_until_ten_minutes_after_it(made: Cast) -> None:
    _, stations = make_site(made, 1)
    for minute in (-30, -29, 0):
        beat(NOON + minutes(minute))
    go(stations[0], at=NOON - minutes(29))
    detection.sweep_wide(as_of=NOON)
    detection.sweep_silent(as_of=NOON)

    fault = Fault.objects.get(code="F01")
    assert (fault.state, fault.inhibited_by) == ("pending", f"F43:network:{made.operator.pk}")

    for second in range(15, 600, 15):
        at = NOON + timedelta(seconds=second)
        beat(at)
        detection.sweep_wide(as_of=at)
    assert Fault.objects.get(code="F43").state == "cleared"
    detection.sweep_silent(as_of=NOON + minutes(9))
    assert Fault.objects.get(code="F01").state == "pending"

    for minute in range(10, 30):
        beat(NOON + minutes(minute))
        let_pass(minute, minute)

    fault.refresh_from_db()
    assert (fault.state, fault.began_at) == ("firing", NOON - minutes(29))


def test_several_connectors_of_a_station_at_once_are_one_ticket(made: Cast) -> None:
    first, second = Connector.objects.filter(station=made.ac_station).order_by("pk")
    for connector, minute in ((first, 0), (second, 3)):
        scene.say(connector, "Faulted", at=NOON + minutes(minute), code="ReaderFailure")
        detection.examine_station(station_id=made.ac_station.pk, as_of=NOON + minutes(minute + 1))

    assert Fault.objects.filter(code="F36", state="firing").count() == 2
    assert open_tickets() == [("F36", f"station:{made.ac_station.pk}")]


def test_a_connector_that_follows_an_hour_later_has_a_ticket_of_its_own(made: Cast) -> None:
    first, second = Connector.objects.filter(station=made.ac_station).order_by("pk")
    for connector, minute in ((first, 0), (second, 60)):
        scene.say(connector, "Faulted", at=NOON + minutes(minute), code="ReaderFailure")
        detection.examine_station(station_id=made.ac_station.pk, as_of=NOON + minutes(minute + 1))

    assert [key for _, key in open_tickets()] == [
        f"connector:{first.pk}",
        f"connector:{second.pk}",
    ]


def test_a_ticket_with_danger_on_it_joins_no_wider_one(made: Cast) -> None:
    connector = made.tethered
    about = tickets.About(
        operator_id=made.operator.pk,
        scope_key=f"connector:{connector.pk}",
        location_id=made.location.pk,
        station_id=made.dc_station.pk,
        connector_id=connector.pk,
    )
    told = {"family": "power", "as_of": NOON}
    ticket = tickets.open_ticket(about=about, code="F31", severity=3, **told)  # type: ignore[arg-type]
    tickets.open_ticket(about=about, code="F30", severity=1, **told)  # type: ignore[arg-type]
    site = tickets.About(
        operator_id=made.operator.pk,
        scope_key=f"site:{made.location.pk}",
        location_id=made.location.pk,
    )
    wider = tickets.open_ticket(about=site, code="F40", severity=2, **told)  # type: ignore[arg-type]

    assert not tickets.join_ticket(ticket_id=ticket.pk, wider_id=wider.pk, as_of=NOON)
    assert len(open_tickets()) == 2
