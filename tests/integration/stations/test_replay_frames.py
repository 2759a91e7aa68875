"""`replay_frames`: a recording goes through the real receive path, once, or not at all."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from chargenet import command
from stations import recordings
from stations.models import (
    Command,
    Evse,
    Inbox,
    MeterValue,
    Observation,
    OcppFrame,
    Session,
    Station,
    StatusChange,
)
from tests.cast import Cast

REGISTER = {"measurand": "Energy.Active.Import.Register", "unit": "Wh"}
SAYS, HEARS = "cp->cs", "cs->cp"
TABLES = (Command, Evse, Inbox, MeterValue, Observation, OcppFrame, Session, Station, StatusChange)


def row(second: int, direction: str, **more: Any) -> dict[str, Any]:
    ts = f"2026-11-01T10:00:{second:02}.000Z"
    return {"ts": ts, "cp": "REC-1", "proto": "ocpp1.6", "dir": direction, **more}


def meter(value: int, second: int, number: int) -> dict[str, Any]:
    samples = [{**REGISTER, "value": str(value)}]
    values = [{"timestamp": f"2026-11-01T10:00:{second:02}Z", "sampledValue": samples}]
    return {"connectorId": 1, "transactionId": number, "meterValue": values}


BOOT = {"chargePointVendor": "V", "chargePointModel": "M"}
START = {
    "connectorId": 1,
    "idTag": "ASTRID01",
    "meterStart": 100,
    "timestamp": "2026-11-01T10:00:02Z",
}
STOP = {"transactionId": 4711, "meterStop": 160, "timestamp": "2026-11-01T10:00:09Z"}
RECORDING = [
    row(0, "event", event="connect"),
    row(
        1,
        SAYS,
        msg=[2, "a", "BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"}],
    ),
    row(1, HEARS, msg=[3, "a", {"status": "Accepted", "interval": 300, "currentTime": "x"}]),
    row(2, SAYS, msg=[2, "b", "StartTransaction", START]),
    row(2, HEARS, msg=[3, "b", {"transactionId": 4711, "idTagInfo": {"status": "Accepted"}}]),
    row(3, "event", event="step"),
    row(5, SAYS, msg=[2, "c", "MeterValues", meter(130, 5, 4711)]),
    row(6, HEARS, msg=[2, "r", "RemoteStopTransaction", {"transactionId": 4711}]),
    row(7, SAYS, msg=[3, "r", {"status": "Accepted"}]),
    row(7, HEARS, msg=[2, "s", "Reset", {"type": "Soft"}]),
    row(8, SAYS, msg=[3, "nobody asked", {}]),
    row(8, SAYS, msg=[2, "d", "Unheard", {}]),
    row(9, SAYS, msg=[2, "e", "StopTransaction", STOP]),
    row(9, SAYS, msg=[2, "f", "StopTransaction", STOP | {"transactionId": 9, "idTag": "ELSE"}]),
    row(9, SAYS, msg="[2,broken"),
    row(10, "event", event="disconnect"),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path, *RECORDING)


def written(folder: Path, *rows: Any) -> Path:
    path = folder / "recording.jsonl"
    lines = [one if isinstance(one, str) else json.dumps(one) for one in rows]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def run(path: Path, *options: str) -> list[Any]:
    out = io.StringIO()
    call_command("replay_frames", str(path), *options, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def counted() -> dict[str, int]:
    return {table.__name__: table.objects.count() for table in TABLES}


def test_a_recording_becomes_what_it_tells(cast: Cast, path: Path) -> None:
    *told, last = run(path, "--operator", "nord", "--create-stations")

    session = Session.objects.get()
    assert (session.energy_wh, session.id_tag, session.state) == (60, "ASTRID01", "completed")
    assert session.received_at.isoformat() == "2026-11-01T10:00:02+00:00"
    assert MeterValue.objects.get(session_id=session.pk).energy_wh == 130
    assert last == {"summary": {"orphan": 1, "refused": 2, "skipped": 2, "stored": 7}}
    assert [(one["action"], one["outcome"]) for one in told] == [
        ("connect", "stored"),
        ("BootNotification", "stored"),
        ("StartTransaction", "stored"),
        ("step", "skipped"),
        ("MeterValues", "stored"),
        ("RemoteStopTransaction", "stored"),
        ("", "skipped"),
        ("Unheard", "refused"),
        ("StopTransaction", "stored"),
        ("StopTransaction", "orphan"),
        ("", "refused"),
        ("disconnect", "stored"),
    ]
    speaks_of_it = [one["line"] for one in told if one["session"] == session.pk]
    assert speaks_of_it == [4, 7, 13]
    assert told[2]["answer"]["transactionId"] == int(session.ocpp_transaction_id)
    assert told[7]["answer"]["code"] == "NotImplemented"
    station = Station.objects.get(identity="REC-1")
    assert (station.vendor, station.is_online, station.ocpp_version) == ("V", False, "1.6")


def test_our_recorded_calls_are_sent_commands_with_their_end(cast: Cast, path: Path) -> None:
    run(path, "--operator", "nord", "--create-stations")

    stop, reset = Command.objects.order_by("pk")
    ours = int(Session.objects.get().ocpp_transaction_id)
    assert (stop.action, stop.payload) == ("RemoteStopTransaction", {"transactionId": ours})
    assert (stop.state, stop.answer) == ("accepted", {"status": "Accepted"})
    assert (reset.action, reset.state) == ("Reset", "unknown")
    said = OcppFrame.objects.get(is_inbound=False, message_id="r")
    assert bytes(said.answer or b"").startswith(b"[3,")


def test_running_it_again_changes_nothing(cast: Cast, path: Path) -> None:
    first = run(path, "--operator", "nord", "--create-stations")
    before = counted(), Station.objects.get(identity="REC-1").epoch

    again = run(path, "--operator", "nord")

    assert (counted(), Station.objects.get(identity="REC-1").epoch) == before
    assert again[-1] == {"summary": {"duplicate": 9, "refused": 2, "skipped": 1}}
    assert [one["answer"] for one in again[:5]] == [one["answer"] for one in first[:5]]


def test_a_dry_run_tells_the_same_and_leaves_nothing(cast: Cast, path: Path) -> None:
    before = counted()

    dry = run(path, "--operator", "nord", "--create-stations", "--dry-run")

    assert counted() == before
    assert dry[-1] == {"summary": {"orphan": 1, "refused": 2, "skipped": 2, "stored": 7}}
    assert run(path, "--operator", "nord", "--create-stations")[-1] == dry[-1]


def test_an_answer_that_was_lost_is_learnt_from_the_resent_start(
    cast: Cast, tmp_path: Path
) -> None:
    rows = [
        *RECORDING[:4],
        row(4, "event", event="disconnect"),
        row(5, "event", event="connect"),
        row(6, SAYS, msg=[2, "b2", "StartTransaction", START]),
        row(6, HEARS, msg=[3, "b2", {"transactionId": 4711, "idTagInfo": {"status": "Accepted"}}]),
        row(9, SAYS, msg=[2, "e", "StopTransaction", STOP]),
    ]

    told = run(written(tmp_path, *rows), "--operator", "nord", "--create-stations")

    assert Session.objects.get().energy_wh == 60
    assert [one["outcome"] for one in told[:-1] if one["action"] == "StartTransaction"] == [
        "stored",
        "duplicate",
    ]


@pytest.mark.parametrize(
    ("rows", "options", "where", "what"),
    [
        (RECORDING, (), "", "'REC-1' is unknown. Give --create-stations"),
        (["{"], ("--create-stations",), "line 1", "is no JSON"),
        (["[]"], ("--create-stations",), "line 1", "is no JSON object"),
        ([{**RECORDING[1], "proto": "ocpp9"}], (), "line 1", "'ocpp9' is unknown"),
        ([{**RECORDING[1], "ts": "noon"}], (), "line 1", "'noon' is no instant"),
        ([{**RECORDING[1], "dir": "up"}], (), "line 1", "'up' is unknown"),
        ([{**RECORDING[1], "msg": 7}], (), "line 1", "msg is missing"),
        ([{**RECORDING[1], "cp": ""}], (), "line 1", "'cp' is missing"),
        ([""], (), "", "no rows"),
        (
            [{**one, "cp": "A:B"} for one in RECORDING],
            ("--create-stations",),
            "",
            "Mend the name of the station",
        ),
    ],
)
def test_what_cannot_be_played_is_refused_with_what_to_do(
    cast: Cast, tmp_path: Path, rows: list[Any], options: tuple[str, ...], where: str, what: str
) -> None:
    path = written(tmp_path, *rows)
    before = counted()

    with pytest.raises(command.NotDone) as refused:
        run(path, "--operator", "nord", *options)

    assert what in str(refused.value)
    assert str(path) in str(refused.value)
    assert where in str(refused.value)
    assert counted() == before


def test_a_station_of_another_operator_is_not_touched(cast: Cast, tmp_path: Path) -> None:
    path = written(tmp_path, *[{**one, "cp": "NORD-AC-1"} for one in RECORDING])

    with pytest.raises(command.NotDone, match="belongs to another operator"):
        run(path, "--operator", "syd", "--create-stations")


def test_a_station_that_is_connected_right_now_is_left_alone(cast: Cast, tmp_path: Path) -> None:
    station = cast.ac_station
    Station.objects.filter(pk=station.pk).update(is_online=True, epoch=7)
    Observation.objects.create(
        operator=cast.operator,
        station=station,
        kind="connected",
        source_id="7",
        detail={"address": "192.0.2.7"},
        occurred_at="2026-11-01T09:00:00Z",
        received_at="2026-11-01T09:00:00Z",
    )
    path = written(tmp_path, *[{**one, "cp": "NORD-AC-1"} for one in RECORDING])

    with pytest.raises(command.NotDone, match=r"line 1: .* connected right now"):
        run(path, "--operator", "nord")
    assert Station.objects.get(pk=station.pk).epoch == 7


def test_a_recording_is_read_whatever_the_names_of_its_zones(tmp_path: Path) -> None:
    rows = [{**RECORDING[1], "ts": ts} for ts in ("2026-11-01T10:00", "2026-11-01T11:00+01:00")]

    read = list(recordings.read_conversation(written(tmp_path, *rows)))

    assert len({one.at for one in read}) == 1
    assert (read[0].station, read[0].version, read[0].line) == ("REC-1", "1.6", 1)
