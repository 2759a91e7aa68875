"""`detect_faults` says which faults a recording shows, without a database."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from chargenet.command import NotDone

MAPPING = {
    "time_zone": "UTC",
    "currency": "SEK",
    "columns": {
        "session": "id",
        "station": "station",
        "connector": "connector",
        "start": "start",
        "end": "end",
        "energy_kwh": "kwh",
    },
    "tariff": "x",
}


def _run(path: Path, **options: Any) -> list[dict[str, Any]]:
    out = io.StringIO()
    call_command("detect_faults", str(path), stdout=out, **options)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def _row(clock: str, direction: str, **said: Any) -> str:
    row = {"ts": f"2026-03-01T{clock}Z", "cp": "CP-1", "proto": "ocpp1.6", "dir": direction}
    return json.dumps({**row, **said})


def _written(path: Path, content: object) -> str:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


def _conversation(path: Path) -> Path:
    hot = {"connectorId": 1, "status": "Faulted", "errorCode": "ConnectorLockFailure"}
    well = {"connectorId": 1, "status": "Available", "errorCode": "NoError"}
    lines = [
        _row("08:00:00", "event", event="connect"),
        _row("08:00:01", "cp->cs", msg=[2, "1", "StatusNotification", hot]),
        _row("08:00:01", "cs->cp", msg=[3, "1", {}]),
        _row("08:05:00", "cp->cs", msg=[2, "2", "Heartbeat", {}]),
        _row("08:09:00", "cp->cs", msg=[2, "3", "StatusNotification", well]),
    ]
    path.write_text("\n".join(lines))
    return path


def test_a_recorded_conversation_gives_its_faults_by_when_they_opened(tmp_path: Path) -> None:
    (found,) = _run(_conversation(tmp_path / "talk.jsonl"))
    assert (found["code"], found["scope"]) == ("F26", "connector")
    assert (found["station"], found["connector"]) == ("CP-1", "1")
    assert found["began"] == "2026-03-01T08:00:01Z"
    assert found["cleared"] == "2026-03-01T08:09:00Z"


def test_until_a_later_instant_silence_is_a_fault(tmp_path: Path) -> None:
    found = _run(_conversation(tmp_path / "talk.jsonl"), until="2026-03-01T12:00:00Z")
    assert [one["code"] for one in found] == ["F26", "F01"]


def test_until_an_earlier_instant_the_end_is_not_known(tmp_path: Path) -> None:
    found = _run(_conversation(tmp_path / "talk.jsonl"), until="2026-03-01T08:06:00Z")
    assert [(one["code"], one["cleared"]) for one in found] == [("F26", None)]


def test_a_session_list_shows_a_connector_at_which_sessions_fail(tmp_path: Path) -> None:
    rows = ["id,station,connector,start,end,kwh"]
    rows += [
        f"{n},S,1,2026-03-01T{n:02}:00,2026-03-01T{n:02}:30,{0 if n > 9 else 8}"
        for n in range(1, 16)
    ]
    path = tmp_path / "list.csv"
    path.write_text("\n".join(rows))
    found = _run(path, mapping=_written(tmp_path / "map.json", MAPPING))
    assert [(one["code"], one["began"]) for one in found] == [("F10", "2026-03-01T10:00:00Z")]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"thresholds": {"F26": {"patience": 3}}}, "F26.patience"),
        ({"thresholds": {"F99": {}}}, "F99"),
        ({"stations": [{"name": "A", "colour": "red"}]}, "[0].colour"),
        ({"stations": [{"name": "A"}, {"name": "A"}]}, "[1].name"),
        ({"stations": [{"name": "A", "connectors": [{}]}]}, "[0].connectors[0].evse"),
        ({"mapping": {"time_zone": "UTC"}}, "currency"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(
    tmp_path: Path, options: dict[str, Any], named: str
) -> None:
    files = {key: _written(tmp_path / f"{key}.json", value) for key, value in options.items()}
    with pytest.raises(NotDone) as refused:
        _run(_conversation(tmp_path / "talk.jsonl"), **files)
    assert named in str(refused.value)


def test_a_line_that_is_no_row_is_named(tmp_path: Path) -> None:
    path = _conversation(tmp_path / "talk.jsonl")
    path.write_text(path.read_text() + "\n{}")
    with pytest.raises(NotDone, match="line 6"):
        _run(path)


def test_the_recordings_own_number_of_a_session_is_understood(tmp_path: Path) -> None:
    start = {"connectorId": 1, "idTag": "T", "meterStart": 0, "timestamp": "2026-03-01T08:00:00Z"}
    lines = []
    for n in range(4):
        stop = {
            "transactionId": 700 + n,
            "meterStop": 0,
            "timestamp": f"2026-03-01T08:0{n}:30Z",
            "reason": "Other",
        }
        begin = {**start, "idTag": f"T{n}", "timestamp": f"2026-03-01T08:0{n}:00Z"}
        told = {"transactionId": 700 + n, "idTagInfo": {"status": "Accepted"}}
        lines += [
            _row(f"08:0{n}:00", "cp->cs", msg=[2, f"a{n}", "StartTransaction", begin]),
            _row(f"08:0{n}:00", "cs->cp", msg=[3, f"a{n}", told]),
            _row(f"08:0{n}:30", "cp->cs", msg=[2, f"b{n}", "StopTransaction", stop]),
        ]
    path = tmp_path / "talk.jsonl"
    path.write_text("\n".join(lines))
    assert "F10" in [one["code"] for one in _run(path)]


def test_the_first_register_of_a_201_session_counts_without_a_word_of_context(
    tmp_path: Path,
) -> None:
    lines = []
    for minute in range(21):
        clock = f"08:{minute:02}:00"
        values = [
            {"value": 180 * minute, "measurand": "Energy.Active.Import.Register"},
            {"value": 11_000, "measurand": "Power.Active.Import"},
        ]
        said = {
            "eventType": "Updated" if minute else "Started",
            "timestamp": f"2026-03-01T{clock}Z",
            "triggerReason": "MeterValuePeriodic" if minute else "Authorized",
            "seqNo": minute,
            "transactionInfo": {"transactionId": "T1", "chargingState": "Charging"},
            "evse": {"id": 1, "connectorId": 1},
            "meterValue": [{"timestamp": f"2026-03-01T{clock}Z", "sampledValue": values}],
        }
        frame = [2, str(minute), "TransactionEvent", said]
        lines.append(_row(clock, "cp->cs", proto="ocpp2.0.1", msg=frame))
    path = tmp_path / "talk.jsonl"
    path.write_text("\n".join(lines))

    assert _run(path) == []
