"""Screens: texts, the cost of a session, and what a station says it can show."""

from datetime import timedelta
from typing import Any

import pytest

from billing import queries as billing_queries
from chargenet import joins
from stations import displays, followups
from stations.displays import MessageRefused, Text
from stations.models import Command, DisplayMessage, Screen, Session, StationReport
from tests import cast
from tests.integration.billing.scene import assign, make_tariff, price_list
from tests.integration.stations.smart_station import NOW, answer, begin, queued

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> cast.Cast:
    made = cast.make_cast()
    made.dc_station.is_online = True
    made.dc_station.save(update_fields=["is_online"])
    return made


def report(made: cast.Cast, kind: str, payload: dict[str, Any]) -> None:
    StationReport.objects.create(
        operator=made.operator,
        station=made.dc_station,
        kind=kind,
        payload=payload,
        received_at=NOW,
    )
    followups.follow_station(station_id=made.dc_station.pk, as_of=NOW)


def test_a_text_is_shown_refused_or_unsure_as_the_station_says(made: cast.Cast) -> None:
    for state, becomes in (("accepted", "shown"), ("rejected", "refused"), ("timeout", "unsure")):
        message = displays.show_message(
            station=made.dc_station, text=Text(text="Välkommen"), as_of=NOW
        )
        answer(queued(made.dc_station)[0], state)
        message.refresh_from_db()
        assert message.state == becomes
    assert message.number == 3


def test_a_text_the_station_does_not_know_is_cleared(made: cast.Cast) -> None:
    message = displays.show_message(station=made.dc_station, text=Text(text="Hej"), as_of=NOW)
    answer(queued(made.dc_station)[0])
    displays.clear_message(message=message, as_of=NOW)
    answer(queued(made.dc_station)[0], "rejected", {"status": "Unknown"})

    message.refresh_from_db()
    assert message.state == "cleared"


@pytest.mark.parametrize(
    "text",
    [
        Text(text=" "),
        Text(text="x" * 513),
        Text(text="x", priority="Loud"),
        Text(text="x", during="Sleeping"),
        Text(text="x", ends_at=NOW - timedelta(hours=1)),
        Text(text="x", transaction="nobody's"),
    ],
)
def test_a_text_that_cannot_be_shown_is_refused(made: cast.Cast, text: Text) -> None:
    with pytest.raises(MessageRefused):
        displays.show_message(station=made.dc_station, text=text, as_of=NOW)


def test_a_station_of_16_shows_no_texts(made: cast.Cast) -> None:
    with pytest.raises(MessageRefused):
        displays.show_message(station=made.ac_station, text=Text(text="Hej"), as_of=NOW)
    with pytest.raises(MessageRefused):
        displays.read_messages(station=made.ac_station, as_of=NOW)


def test_what_a_station_says_it_shows_is_kept_beside_ours(made: cast.Cast) -> None:
    ours = displays.show_message(station=made.dc_station, text=Text(text="Hej"), as_of=NOW)
    rows = [
        {"id": ours.number, "priority": "NormalCycle", "message": {"content": "Hej"}},
        {"id": 77, "priority": "InFront", "message": {"content": "Fabrikens", "language": "sv"}},
    ]
    report(made, "NotifyDisplayMessages", {"requestId": 1, "messageInfo": rows})

    ours.refresh_from_db()
    assert (ours.state, ours.is_ours) == ("shown", True)
    found = DisplayMessage.objects.get(number=77)
    assert (found.text, found.is_ours) == ("Fabrikens", False)


def test_the_device_model_says_what_a_screen_can_show(made: cast.Cast) -> None:
    rows = [
        {
            "component": {"name": "TariffCostCtrlr"},
            "variable": {"name": "Enabled", "instance": instance},
            "variableAttribute": [{"value": value}],
        }
        for instance, value in (("Cost", "true"), ("Tariff", "false"))
    ]
    report(made, "NotifyReport", {"requestId": 1, "seqNo": 0, "reportData": rows})

    screen = Screen.objects.get()
    assert (screen.shows_cost, screen.shows_tariff) == (True, False)


def running(made: cast.Cast) -> Session:
    assign(make_tariff(made, "day", price_list("4")))
    session = begin(made.tethered, "tx-1", NOW - timedelta(minutes=10))
    Session.objects.filter(pk=session.pk).update(meter_start_wh=1000, last_register_wh=3000)
    displays.set_screen(station=made.dc_station, shows_cost=True, shows_tariff=False)
    return session


def test_a_running_session_s_cost_goes_to_its_screen_once_a_minute(made: cast.Cast) -> None:
    session = running(made)
    cost = billing_queries.running_costs([session.pk], NOW)[session.pk]

    assert joins.show_running_costs(as_of=NOW) == 1
    assert joins.show_running_costs(as_of=NOW + timedelta(seconds=30)) == 0
    (command,) = queued(made.dc_station)
    assert command.action == "CostUpdated"
    assert command.payload == {"totalCost": float(cost), "transactionId": "tx-1"}
    Session.objects.update(last_register_wh=4000)
    assert joins.show_running_costs(as_of=NOW + timedelta(seconds=61)) == 1


def test_a_cost_that_did_not_change_is_not_told_again(made: cast.Cast) -> None:
    session = running(made)

    assert displays.show_costs(costs={session.pk: "1.00"}, as_of=NOW) == 1
    assert displays.show_costs(costs={session.pk: "1.00"}, as_of=NOW + timedelta(hours=1)) == 0
    assert Command.objects.count() == 1


def test_what_nobody_can_price_is_left_out(made: cast.Cast) -> None:
    session = running(made)
    Session.objects.update(meter_start_wh=None)
    assert billing_queries.running_costs([session.pk], NOW) == {}
    Session.objects.update(meter_start_wh=1000, needs_review=True)
    assert billing_queries.running_costs([session.pk], NOW) == {}


def test_a_price_that_holds_at_all_hours_is_shown_once_until_it_changes(made: cast.Cast) -> None:
    assign(make_tariff(made, "day", price_list("4")))
    displays.set_screen(station=made.dc_station, shows_cost=False, shows_tariff=True)

    assert joins.show_prices(as_of=NOW) == 1
    (command,) = queued(made.dc_station)
    assert (command.payload["text"], command.payload["state"]) == ("5.00 SEK/kWh", "Idle")
    later = NOW + timedelta(minutes=11)
    assert joins.show_prices(as_of=later) == 0
    assign(make_tariff(made, "new", price_list("6")), since=later)
    assert joins.show_prices(as_of=later + timedelta(minutes=11)) == 1
    assert DisplayMessage.objects.get().text == "7.50 SEK/kWh"


def test_a_price_that_depends_on_the_hour_is_taken_off_the_screen(made: cast.Cast) -> None:
    assign(make_tariff(made, "day", price_list("4")))
    displays.set_screen(station=made.dc_station, shows_cost=False, shows_tariff=True)
    joins.show_prices(as_of=NOW)
    answer(queued(made.dc_station)[0])
    night = price_list("4")
    night["elements"][0]["restrictions"] = {"start_time": "22:00", "end_time": "06:00"}
    later = NOW + timedelta(minutes=11)
    assign(make_tariff(made, "night", night), since=NOW)

    assert joins.show_prices(as_of=later) == 1
    assert queued(made.dc_station)[0].action == "clear_message"
