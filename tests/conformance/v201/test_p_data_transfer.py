"""Block P of OCPP 2.0.1: what a vendor adds."""

import json

from stations.models import Station
from tests.conformance.bed import Bed
from tests.conformance.phrases import BOOT_2
from tests.conformance.player import Player


def test_tc_p_02_data_of_an_unknown_vendor(bed: Bed, station: Player) -> None:
    """What only a vendor understands is answered so, and kept.

    P02
    """
    payload = {"vendorId": "org.example", "messageId": "hello", "data": {"a": 1}}

    assert station.call("DataTransfer", payload) == {"status": "UnknownVendorId"}
    assert json.loads(bed.frames(station, "DataTransfer")[0])[3] == payload


def test_tc_p_03_custom_data_is_no_error(bed: Bed) -> None:
    """A message with a vendor's own fields means what it means without them.

    FR.05
    """
    station = bed.player("2.0.1", registration="new")
    custom = {"customData": {"vendorId": "org.example", "fooBar": 1, "foo_bar": 2}}

    assert station.call("BootNotification", BOOT_2 | custom)["status"] == "Accepted"
    assert Station.objects.get(pk=station.row.pk).registration == "accepted"
    assert json.loads(bed.frames(station, "BootNotification")[0])[3] == BOOT_2 | custom
