import gzip
from pathlib import Path
from typing import Any

import pytest

from stations import recordings
from stations.metering.session_list import ListedSession
from stations.recordings import ListRefused, MappingRefused, WrongRow

HEADER = "id,station,plug,from,to,kwh"
COLUMNS: dict[str, Any] = {
    "session": "id",
    "station": "station",
    "connector": "plug",
    "start": "from",
    "end": "to",
    "energy_kwh": "kwh",
}


def mapping(**columns: object) -> recordings.ListMapping:
    return recordings.parse_mapping(
        {"time_zone": "UTC", "currency": "SEK", "tariff": None, "columns": COLUMNS | columns}
    )


def read(path: Path, *lines: str, **columns: object) -> list[ListedSession | WrongRow]:
    path.write_text("\n".join(lines), encoding="utf-8")
    return list(recordings.read_session_list(path, mapping(**columns)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "list.csv"


def test_a_wrong_row_is_told_with_its_line_and_the_others_are_read(path: Path) -> None:
    rows = read(
        path,
        HEADER,
        "1,S,1,2020-01-01 10:00,2020-01-01 11:00,5",
        "2,S,1,yesterday,2020-01-01 11:00,5",
        "3,S,1,2020-01-01 12:00",
        "4,S,one,2020-01-01 12:00,2020-01-01 13:00,5",
        ",S,1,2020-01-01 12:00,2020-01-01 13:00,5",
        "6,S,1,2020-01-01 12:00,2020-01-01 13:00,5",
        "1,S,2,2020-01-01 12:00,2020-01-01 13:00,5",
    )

    wrong = [each for each in rows if isinstance(each, WrongRow)]
    assert [each.line for each in wrong] == [3, 4, 5, 6, 8]
    assert "start 'yesterday'" in wrong[0].text
    assert "stands on line 2 already" in wrong[4].text
    assert [each.line for each in rows if isinstance(each, ListedSession)] == [2, 7]


def test_a_packed_list_is_read_whatever_its_name(path: Path) -> None:
    text = f"\ufeff{HEADER}\n1,S,1,2020-01-01 10:00,2020-01-01 11:00,5\n"
    path.write_bytes(gzip.compress(text.encode()))

    [row] = recordings.read_session_list(path, mapping())

    assert isinstance(row, ListedSession)
    assert (row.station, row.connector, row.energy_wh) == ("S", 1, 5000)


def test_values_can_be_joined_or_the_same_in_every_row(path: Path) -> None:
    line = "x,S,x,2020-01-01 10:00,2020-01-01 11:00,5"
    first, twin = read(
        path,
        HEADER,
        line,
        line,
        session=["station", "from"],
        connector={"constant": "3"},
        site={"constant": "Hamnen"},
    )

    assert isinstance(first, ListedSession)
    assert isinstance(twin, ListedSession)
    assert twin.session == f"{first.session}#2"
    assert (first.connector, first.site) == (3, "Hamnen")


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"colour": 1}, "colour"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"columns": COLUMNS | {"colour": "c"}}, "columns.colour"),
        ({"columns": {"session": "id"}}, "columns.station"),
        ({"columns": COLUMNS | {"site": {"constat": "c"}}}, "columns.site"),
        ({"columns": []}, "columns"),
    ],
)
def test_what_a_mapping_may_not_say_is_refused_by_name(change: dict[str, Any], key: str) -> None:
    plain = {"time_zone": "UTC", "currency": "SEK", "tariff": None, "columns": COLUMNS}

    with pytest.raises(MappingRefused) as refused:
        recordings.parse_mapping(plain | change)
    assert refused.value.key == key


@pytest.mark.parametrize(
    "header", ["id,station,plug,from,to", "id,id,station,plug,from,to,kwh", ""]
)
def test_a_list_the_mapping_does_not_fit_is_refused(path: Path, header: str) -> None:
    with pytest.raises(ListRefused):
        read(path, header)


def test_a_file_that_is_no_text_is_refused(path: Path) -> None:
    path.write_bytes(b"\x1f\x8bnot really packed")
    with pytest.raises(ListRefused):
        list(recordings.read_session_list(path, mapping()))

    path.write_bytes(HEADER.encode() + b"\n\xff\xfe\x00")
    with pytest.raises(ListRefused):
        list(recordings.read_session_list(path, mapping()))
