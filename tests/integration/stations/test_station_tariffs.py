"""The tariffs a station reckons with: set, read back, cleared, and said to a driver."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chargenet import joins
from stations import displays, followups
from stations.displays import Said, TariffRefused
from stations.models import Screen, StationReport, StationTariff
from stations.ocpp import schemas
from tests import cast
from tests.integration.billing.scene import assign, make_contract, make_customer, make_tariff
from tests.integration.billing.scene import price_list as prices
from tests.integration.stations.smart_station import NOW, answer, answer_all, begin, queued

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=3)


@pytest.fixture
def made() -> cast.Cast:
    made = cast.make_cast()
    station = made.dc_station
    station.is_online, station.ocpp_version = True, "2.1"
    station.save(update_fields=["is_online", "ocpp_version"])
    tell(made, ("Enabled", "true"), ("ConditionsSupported", "true"), ("MaxElements", "4"))
    return made


def tell(made: cast.Cast, *values: tuple[str, str]) -> None:
    """Let the station report its device model."""
    rows = [
        {
            "component": {"name": "TariffCostCtrlr"},
            "variable": {"name": name, "instance": "Tariff"},
            "variableAttribute": [{"value": value}],
        }
        for name, value in values
    ]
    StationReport.objects.create(
        operator=made.operator,
        station=made.dc_station,
        kind="NotifyReport",
        payload={"requestId": 1, "seqNo": 0, "reportData": rows},
        received_at=NOW,
    )
    followups.follow_station(station_id=made.dc_station.pk, as_of=NOW)


def fits(action: str, payload: dict[str, Any]) -> bool:
    return schemas.first_fault("2.1", action, payload, is_answer=False, with_formats=True) is None


def settled(made: cast.Cast) -> StationTariff:
    """Have the station take its tariff, and read it back empty-handed."""
    assign(make_tariff(made, "day", prices("4")))
    joins.tell_tariffs(as_of=NOW)
    answer_all(made.dc_station)
    return StationTariff.objects.get()


def test_the_device_model_says_which_tariffs_a_station_takes(made: cast.Cast) -> None:
    screen = Screen.objects.get()
    assert (screen.takes_tariffs, screen.takes_conditions, screen.most_prices) == (True, True, 4)

    tell(made, ("Enabled", "false"))
    assert Screen.objects.get().takes_tariffs is False


def test_a_station_of_201_is_sent_no_tariff(made: cast.Cast) -> None:
    assign(make_tariff(made, "day", prices("4")))
    type(made.dc_station).objects.update(ocpp_version="2.0.1")

    assert joins.tell_tariffs(as_of=NOW) == 0


def test_each_evse_is_given_the_tariff_that_applies_and_asked_what_it_has(
    made: cast.Cast,
) -> None:
    assign(make_tariff(made, "day", prices("4")))
    joins.tell_tariffs(as_of=NOW)

    first, second = queued(made.dc_station)
    assert first.action == "SetDefaultTariff"
    assert first.payload["evseId"] == 1
    assert first.payload["tariff"]["energy"]["prices"] == [{"priceKwh": 4}]
    assert (second.action, second.payload) == ("GetTariffs", {"evseId": 0})
    assert fits(first.action, first.payload)
    assert fits(second.action, second.payload)
    answer(first)
    assert StationTariff.objects.get().state == "held"


def test_the_same_tariff_is_not_sent_again_and_another_one_is(made: cast.Cast) -> None:
    settled(made)
    assert joins.tell_tariffs(as_of=LATER) == 0

    assign(make_tariff(made, "night", prices("2")), since=LATER)
    assert joins.tell_tariffs(as_of=LATER + timedelta(minutes=3)) == 1
    (command,) = queued(made.dc_station)
    assert command.payload["tariff"]["energy"]["prices"] == [{"priceKwh": 2}]


def test_a_tariff_that_cannot_be_said_is_taken_away_and_the_reason_kept(made: cast.Cast) -> None:
    held = settled(made)
    stepped = prices("4")
    stepped["elements"][0]["price_components"][0]["step_size"] = 1000
    assign(make_tariff(made, "stepped", stepped), since=NOW)
    joins.tell_tariffs(as_of=LATER)

    (command,) = queued(made.dc_station)
    assert command.action == "ClearTariffs"
    assert command.payload == {"tariffIds": [held.tariff_id], "evseId": 1}
    assert fits(command.action, command.payload)
    answer(command, body={"clearTariffsResult": [{"status": "Accepted"}]})
    row = StationTariff.objects.get()
    assert (row.state, row.reason, row.tariff_id) == ("unsayable", "billing in steps", "")
    assert joins.tell_tariffs(as_of=LATER + timedelta(minutes=3)) == 0


def test_a_station_without_conditions_is_sent_none(made: cast.Cast) -> None:
    tell(made, ("ConditionsSupported", "false"))
    limited = prices("4")
    limited["elements"][0]["restrictions"] = {"start_time": "08:00"}
    assign(make_tariff(made, "day", limited))
    joins.tell_tariffs(as_of=NOW)

    assert "SetDefaultTariff" not in [each.action for each in queued(made.dc_station)]
    assert StationTariff.objects.get().reason == "the station takes no conditions"


@pytest.mark.parametrize(
    ("state", "body", "becomes"),
    [
        ("rejected", {"status": "TooManyElements"}, "refused"),
        ("rejected", {"status": "DuplicateTariffId"}, "held"),
        ("timeout", None, "unsure"),
    ],
)
def test_a_station_s_no_is_kept(
    made: cast.Cast, state: str, body: dict[str, Any] | None, becomes: str
) -> None:
    assign(make_tariff(made, "day", prices("4")))
    joins.tell_tariffs(as_of=NOW)
    answer(queued(made.dc_station)[0], state, body)

    row = StationTariff.objects.get()
    assert row.state == becomes
    assert row.reason == ("TooManyElements" if becomes == "refused" else "")


def test_what_the_station_says_it_has_is_compared_and_sent_again(made: cast.Cast) -> None:
    row = settled(made)
    command = displays.read_tariffs(station=made.dc_station, as_of=LATER)
    other = {"tariffId": "x", "tariffKind": "DefaultTariff", "evseIds": [1]}
    answer(command, body={"status": "Accepted", "tariffAssignments": [other]})
    row.refresh_from_db()
    assert row.has_drift
    assert joins.tell_tariffs(as_of=LATER + timedelta(hours=1)) == 1

    answer_all(made.dc_station)
    command = displays.read_tariffs(station=made.dc_station, as_of=LATER + timedelta(hours=2))
    same = other | {"tariffId": row.tariff_id}
    answer(command, body={"status": "Accepted", "tariffAssignments": [same]})
    row.refresh_from_db()
    assert not row.has_drift


def test_a_running_session_is_told_the_tariff_it_will_be_billed_by(made: cast.Cast) -> None:
    token = made.astrids_token
    own = make_tariff(made, "own", prices("3"))
    make_contract(made, make_customer(made), token=token, tariff=own)
    session = begin(made.tethered, "tx-1")
    session.token = token
    session.save(update_fields=["token"])

    command = joins.tell_session_tariff(session=session, as_of=NOW)

    assert command.action == "ChangeTransactionTariff"
    assert command.payload["transactionId"] == "tx-1"
    assert command.payload["tariff"]["energy"]["prices"] == [{"priceKwh": 3}]
    assert fits(command.action, command.payload)


def test_a_session_that_cannot_be_told_a_tariff_is_refused(made: cast.Cast) -> None:
    session = begin(made.tethered, "tx-1")
    with pytest.raises(TariffRefused):
        displays.change_transaction_tariff(session=session, said=Said(), as_of=NOW)
    session.state = "completed"
    with pytest.raises(TariffRefused):
        displays.change_transaction_tariff(session=session, said=Said("x", "{}"), as_of=NOW)
    with pytest.raises(TariffRefused):
        displays.read_tariffs(station=made.ac_station, as_of=NOW)


def test_the_drivers_tab_says_when_a_station_has_another_tariff(made: cast.Cast) -> None:
    row = settled(made)
    StationTariff.objects.update(reported_id=row.tariff_id, reported_at=LATER)
    assert "As we sent it" in tab(made)

    StationTariff.objects.update(reported_id="x")
    assert "The station has another tariff" in tab(made)


def tab(made: cast.Cast) -> str:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(made.dag)
    address = reverse("station_drivers", args=[made.dc_station.pk])
    return client.get(address).content.decode()
