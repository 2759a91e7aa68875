"""Fleet and scenario files: what is wrong is refused by name, with its place."""

import json
from typing import Any

import pytest

from stations.simulator import __main__ as door
from stations.simulator import fleet, reading, scenario

CONNECTOR = {"number": 1, "current": "AC", "max_power_kw": 11}
STATION = {"identity": "CP-1", "password": "p", "ocpp": "1.6", "connectors": [CONNECTOR]}


def _write(tmp_path: Any, raw: Any, name: Any = "fleet.json") -> Any:
    path = tmp_path / name
    path.write_text(raw if isinstance(raw, str) else json.dumps(raw), encoding="utf-8")
    return path


def _fleet(tmp_path: Any, *stations: Any, **top: Any) -> Any:
    return _write(tmp_path, {"tokens": ["T1"], "stations": list(stations)} | top)


def test_a_small_fleet_file_gets_sensible_defaults(tmp_path: Any) -> None:
    (station,) = fleet.load_fleet(_fleet(tmp_path, STATION))

    assert station.tokens == (fleet.TokenSpec("T1"),)
    assert station.connectors[0].max_power_w == 11_000
    assert (station.connectors[0].evse, station.connectors[0].evse_connector) == (1, 1)


@pytest.mark.parametrize(
    ("station", "said"),
    [
        (STATION | {"sites": "x"}, r"fleet.json stations\[0\]: unknown key 'sites'"),
        (STATION | {"ocpp": "2.1"}, "ocpp is '2.1'. Use 1.6 or 2.0.1"),
        (STATION | {"connectors": []}, "connectors is empty"),
        (STATION | {"connectors": [CONNECTOR, CONNECTOR]}, "connector number is there twice"),
        (
            STATION | {"connectors": [CONNECTOR | {"powr": 1}]},
            r"stations\[0\].connectors\[0\]: unknown key 'powr'",
        ),
        (STATION | {"connectors": [CONNECTOR | {"max_power_kw": "11"}]}, "max_power_kw is no num"),
        (STATION | {"connectors": [CONNECTOR | {"number": 1.5}]}, "Use a whole number"),
        (STATION | {"identity": "a:b"}, "Leave out ':' and '/'"),
        (STATION | {"password": ""}, "password is no text"),
        (STATION | {"tokens": ["x" * 21]}, "OCPP 1.6 allows 20 characters"),
        ({"identity": "CP-1"}, "ocpp is missing"),
        ("CP-1", "not a JSON object"),
    ],
)
def test_a_wrong_station_is_refused_with_its_place(tmp_path: Any, station: Any, said: Any) -> None:
    with pytest.raises(reading.BadInput, match=said):
        fleet.load_fleet(_fleet(tmp_path, station))


def test_one_identity_twice_is_refused(tmp_path: Any) -> None:
    with pytest.raises(reading.BadInput, match="there twice"):
        fleet.load_fleet(_fleet(tmp_path, STATION, STATION))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("{", "line 1 column 2: not JSON"),
        ("[]", "not a JSON object"),
        ('{"stations": [], "more": 1}', "unknown key 'more'"),
        ('{"stations": []}', "stations is empty"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Any, raw: Any, said: Any) -> None:
    with pytest.raises(reading.BadInput, match=said):
        fleet.load_fleet(_write(tmp_path, raw))


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"kind": "offlin", "stations": ["*"]}, "kind is 'offlin'"),
        ({"kind": "offline", "stations": ["*"], "hwo": "close"}, "unknown key 'hwo'"),
        ({"kind": "offline", "stations": ["1.7#2"]}, "stations holds '1.7#2'"),
        ({"kind": "offline", "stations": []}, "stations is empty"),
        ({"kind": "clock_skew", "stations": ["*"]}, "seconds is missing"),
        ({"kind": "late", "stations": ["*"], "from_s": 9, "to_s": 3}, "to_s is 3"),
        ({"kind": "faulted", "stations": ["*"], "error_code": "Nope"}, "error_code is 'Nope'"),
    ],
)
def test_a_wrong_scenario_entry_is_refused_with_its_place(
    tmp_path: Any, entry: Any, said: Any
) -> None:
    path = _write(tmp_path, {"misbehaviour": [entry]}, "scene.json")

    with pytest.raises(reading.BadInput, match=r"scene.json misbehaviour\[0\]: "):
        scenario.load_scenario(path)
    with pytest.raises(reading.BadInput, match=said):
        scenario.load_scenario(path)


def test_stations_are_picked_by_place_version_and_name(tmp_path: Any) -> None:
    stations = [
        STATION | {"identity": f"CP-{n}", "ocpp": "1.6" if n % 2 else "2.0.1"} for n in range(1, 7)
    ]
    specs = fleet.load_fleet(_fleet(tmp_path, *stations))

    def picked(pattern: Any) -> Any:
        return list(scenario.picked(pattern, specs))

    assert picked("#3") == ["CP-3"]
    assert picked("1.6#2") == ["CP-3"]
    assert picked("2.0.1#2") == ["CP-4"]
    assert picked("CP-[12]") == ["CP-1", "CP-2"]
    assert picked("#40") == []


def test_a_picker_that_meets_nobody_is_told(tmp_path: Any) -> None:
    specs = fleet.load_fleet(_fleet(tmp_path, STATION))
    entry = scenario.Misbehaviour("here", "late", ("#2",), None, 0, 9)

    assert scenario.share_out((entry,), specs) == ({}, ["here"])


def test_a_trouble_holds_in_its_time_and_on_its_connector() -> None:
    troubles = scenario.Troubles((scenario.Misbehaviour("p", "late", ("*",), 2, 10, 20),))

    assert troubles.active("late", 9.9, 2) is None
    assert troubles.active("late", 10, 2) is not None
    assert troubles.active("late", 10) is not None
    assert troubles.active("late", 10, 1) is None
    assert troubles.active("late", 20, 2) is None


def test_the_shipped_scenario_is_valid() -> None:
    entries = scenario.load_scenario(door.BUNDLED / "demo.json")

    assert {entry.kind for entry in entries} == set(scenario.KINDS)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "--fleet", "nowhere.json"], "there is no such file"),
        (["run", "--fleet", "x", "--url", "http://x"], "is no address"),
        (["run", "--fleet", "x", "--speed", "0"], "--speed: 0.0 is out of range"),
        (["run", "--fleet", "x", "--hour-of-week", "noon"], "Use now or 0 to 168"),
        (["load", "--fleet", "x"], "Add --duration S or --loops N"),
    ],
)
def test_a_wrong_command_line_ends_with_2_and_one_line(
    capsys: Any, arguments: Any, said: Any
) -> None:
    assert door.main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert said in error
    assert error.count("\n") == 1
