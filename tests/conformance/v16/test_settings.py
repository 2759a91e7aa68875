"""OCPP 1.6, core: keys are read and set, a connector put out of service, a cache emptied."""

from tests.conformance.bed import Bed
from tests.conformance.player import Player
from tests.conformance.v16.says import ACCEPTED, REJECTED, charges, stops, tells

KEY = "MeterValueSampleInterval"


def changes(bed: Bed, station: Player, answer: str, state: str, value: str = "60") -> None:
    bed.exchange(
        station,
        "ChangeConfiguration",
        {"key": KEY, "value": value},
        {"status": answer},
        word="set_configuration",
        wish={"key": KEY, "value": value},
        state=state,
    )


def test_tc_019_configuration_is_read(bed: Bed, station_16: Player) -> None:
    """All keys, then one of them.

    §5.8
    """
    row = {"key": KEY, "readonly": False, "value": "60"}
    for asked, wish in (({}, {}), ({"key": [KEY]}, {"keys": [KEY]})):
        bed.exchange(
            station_16,
            "GetConfiguration",
            asked,
            {"configurationKey": [row]},
            word="get_configuration",
            wish=wish,
        )


def test_tc_021_configuration_is_changed(bed: Bed, station_16: Player) -> None:
    """One key gets a new value.

    §5.3
    """
    changes(bed, station_16, "Accepted", "accepted")


def test_tc_040_1_key_is_not_supported(bed: Bed, station_16: Player) -> None:
    """A station that has no such key says so.

    §5.3
    """
    changes(bed, station_16, "NotSupported", "rejected")


def test_tc_040_2_value_is_refused(bed: Bed, station_16: Player) -> None:
    """A station that cannot take the value says so.

    §5.3
    """
    changes(bed, station_16, "Rejected", "rejected", "-1")


def test_tc_061_cache_is_emptied(bed: Bed, station_16: Player) -> None:
    """The station's cache of tokens is emptied, or it says that it cannot.

    §5.4
    """
    bed.exchange(station_16, "ClearCache", {}, ACCEPTED, word="clear_cache", wish={})
    bed.exchange(station_16, "ClearCache", {}, REJECTED, state="rejected")


def switches(
    bed: Bed, station: Player, connector: int, *, to: bool, answer: str = "Accepted"
) -> None:
    word = "Operative" if to else "Inoperative"
    bed.exchange(
        station,
        "ChangeAvailability",
        {"connectorId": connector, "type": word},
        {"status": answer},
        word="change_availability",
        wish={"evse": connector, "operative": to},
    )


def test_tc_015_connector_out_of_service_and_back(bed: Bed, station_16: Player) -> None:
    """One connector goes, and comes back.

    §5.2
    """
    for wish, word in ((False, "Unavailable"), (True, "Available")):
        switches(bed, station_16, 1, to=wish)
        tells(station_16, word)

        assert station_16.row.connectors.get(evse__number=1).status == word


def test_tc_016_station_out_of_service_and_back(bed: Bed, station_16: Player) -> None:
    """The whole station goes, and comes back.

    §5.2
    """
    for wish, word in ((False, "Unavailable"), (True, "Available")):
        switches(bed, station_16, 0, to=wish)
        for connector in (0, 1, 2):
            tells(station_16, word, connector=connector)

        station_16.row.refresh_from_db()
        assert station_16.row.status == word


def test_tc_029_out_of_service_when_it_is_done(bed: Bed, station_16: Player) -> None:
    """A charging connector goes when its session is over.

    §5.2
    """
    _, number = charges(bed, station_16)
    switches(bed, station_16, 1, to=False, answer="Scheduled")
    assert bed.session(station_16).state == "open"
    stops(station_16, number)
    tells(station_16, "Unavailable", 1)

    assert station_16.row.connectors.get(evse__number=1).status == "Unavailable"


def test_tc_062_data_to_the_station(bed: Bed, station_16: Player) -> None:
    """A vendor's own wish is passed on, and its answer kept.

    §5.6
    """
    asked = {"vendorId": "org.example", "messageId": "hello", "data": "x"}
    command = bed.exchange(station_16, "DataTransfer", asked, {"status": "Accepted", "data": "y"})

    assert command.answer == {"status": "Accepted", "data": "y"}
