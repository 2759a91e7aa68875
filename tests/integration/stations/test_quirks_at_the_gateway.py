"""Quirks are rows: the gateway reads them with the station, and an operator changes them."""

import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async

from chargenet.core import clock
from chargenet.core.models import AuditEntry
from stations import commands, quirks
from stations.metering.facts import StationView
from stations.metering.quirks import QuirkUnfit
from stations.models import Command, KnownQuirk, Quirk, StatusChange
from stations.ocpp.quirk_book import QuirkBook
from stations.ocpp.store import connect
from tests.cast import Cast
from tests.integration.stations.charger import Charger
from tests.integration.stations.conftest import GatewayProcess

CTEK = {"chargePointVendor": "CTEK", "chargePointModel": "Chargestorm"}
FAULT = {
    "connectorId": 1,
    "errorCode": "OtherError",
    "status": "Faulted",
    "vendorErrorCode": "NoPPDetected",
}


def test_a_makes_code_is_read_with_its_meaning_once_the_make_is_known(
    cast: Cast, gateway: GatewayProcess
) -> None:
    async def script() -> None:
        async with Charger(gateway.url, "NORD-AC-1") as charger:
            await charger.call("StatusNotification", FAULT | {"info": "before"})
            await charger.call("BootNotification", CTEK)
            await charger.call("StatusNotification", FAULT | {"info": "after"})
        async with Charger(gateway.url, "NORD-AC-1") as again:
            await again.call("StatusNotification", FAULT | {"info": "again"})

    async_to_sync(script)()

    read = dict(StatusChange.objects.values_list("detail", "vendor_error_code"))
    assert read == {
        "before": "NoPPDetected",
        "after": "CX023, NoPPDetected",
        "again": "CX023, NoPPDetected",
    }


def test_a_command_its_make_does_not_bear_ends_with_the_reason(
    cast: Cast, gateway: GatewayProcess
) -> None:
    boot = {"chargePointVendor": "Tinkerforge GmbH", "chargePointModel": "WARP2"}

    async def script() -> list[list[Any]]:
        async with Charger(gateway.url, "NORD-AC-1") as charger:
            await charger.call("BootNotification", boot)
            for action in ("GetLocalListVersion", "ClearCache"):
                await sync_to_async(commands.send_command)(
                    station=cast.ac_station, action=action, as_of=clock.now()
                )
            call = await charger.called()
            await charger.send(json.dumps([3, call[1], {"status": "Accepted"}]))
            await charger.call("Heartbeat", {})
            return [call, *charger.calls]

    calls = async_to_sync(script)()

    assert [call[2] for call in calls] == ["ClearCache"]
    avoided = Command.objects.get(action="GetLocalListVersion")
    assert avoided.state == "error"
    assert "quirks" in avoided.error


def known_to(cast: Cast, vendor: str) -> Any:
    """Return what the gateway would know of a make of the cast's operator."""

    async def read() -> Any:
        book = QuirkBook()
        async with await connect() as connection:
            await book.read_makes(connection, [cast.ac_station.pk])
        view = StationView(cast.ac_station.pk, cast.ac_station.operator_id, "S", "1.6")
        book.dress(view)
        return view.quirks

    type(cast.ac_station).objects.filter(pk=cast.ac_station.pk).update(vendor=vendor)
    return async_to_sync(read)()


def test_what_is_shipped_holds_until_an_operator_switches_it_off(cast: Cast) -> None:
    row = KnownQuirk.objects.get(name="ctek-no-pilot")
    step: dict[str, Any] = {"operator": cast.operator, "actor": cast.cilla, "as_of": clock.now()}
    assert known_to(cast, "CTEK").code_words == {"noppdetected": "CX023"}

    quirks.switch_quirk(key=f"known-{row.pk}", is_on=False, **step)
    assert known_to(cast, "CTEK").code_words == {}
    quirks.switch_quirk(key=f"known-{row.pk}", is_on=True, **step)

    assert known_to(cast, "CTEK").code_words != {}
    told = AuditEntry.objects.filter(action="quirk_switched").values_list("details__is_on")
    assert sorted(told) == [(False,), (True,)]
    row.refresh_from_db()
    assert row.is_on, "another operator's word is untouched"


def test_an_operator_adds_a_quirk_of_its_own_and_removes_it(cast: Cast) -> None:
    step: dict[str, Any] = {"operator": cast.operator, "actor": cast.cilla, "as_of": clock.now()}
    written = {"vendor": "Homemade", "kind": "token_length", "value": "16"}

    row = quirks.add_quirk(written=written, **step)
    assert known_to(cast, "Homemade").token_length == 16
    assert known_to(cast, "CTEK").code_words != {}, "what is shipped holds beside it"
    (own,) = [line for line in quirks.list_quirks(cast.operator) if line.is_own]
    assert (own.rule.vendor, own.is_on) == ("Homemade", True)
    assert [line for line in quirks.list_quirks(cast.other_operator) if line.is_own] == []
    quirks.remove_quirk(key=own.key, **step)

    assert not Quirk.objects.filter(pk=row.pk).exists()
    assert known_to(cast, "Homemade").token_length == 0


@pytest.mark.parametrize(
    "written",
    [
        {"vendor": "", "model": "", "kind": "token_length", "value": "16"},
        {"vendor": "--", "kind": "token_length", "value": "16"},
        {"vendor": "ABB", "kind": "token_length", "value": "many"},
        {"vendor": "ABB", "kind": "colour", "value": "red"},
    ],
)
def test_a_quirk_that_means_nothing_is_not_added(cast: Cast, written: dict[str, str]) -> None:
    with pytest.raises(QuirkUnfit):
        quirks.add_quirk(
            operator=cast.operator, actor=cast.cilla, as_of=clock.now(), written=written
        )
    assert not Quirk.objects.exists()
