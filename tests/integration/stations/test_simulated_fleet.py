"""The fleet against the real gateway: what the chargers did is what the store says."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stations.models import MeterValue, OcppFrame, Session
from tests.cast import Cast
from tests.integration.stations.charger import PASSWORD
from tests.integration.stations.conftest import ROOT, GatewayProcess, database_url

CONNECTOR = {"number": 1, "current": "AC", "max_power_kw": 22}


@pytest.fixture
def fleet(cast: Cast, tmp_path: Path) -> Path:
    """The cast's two stations, as a fleet file."""
    stations = [
        {"identity": one.identity, "password": PASSWORD, "ocpp": one.ocpp_version}
        | {"connectors": [CONNECTOR]}
        for one in (cast.ac_station, cast.dc_station)
    ]
    path = tmp_path / "fleet.json"
    tokens = [cast.astrids_token.uid, cast.bos_token.uid]
    path.write_text(json.dumps({"tokens": tokens, "stations": stations}), encoding="utf-8")
    return path


@pytest.fixture
def own_gateway(cast: Cast, tmp_path: Path) -> Iterator[GatewayProcess]:
    """A gateway that may be killed."""
    process = GatewayProcess(tmp_path / "gateway.log", database_url())
    process.start()
    yield process
    process.stop()


def _command(mode: str, gateway: GatewayProcess, fleet: Path, *more: str) -> list[str]:
    address = ["--url", f"{gateway.url}/ocpp", "--fleet", str(fleet)]
    return [sys.executable, "-m", "stations.simulator", mode, *address, *more]


def _errors() -> list[str]:
    return list(OcppFrame.objects.exclude(error="").values_list("error", flat=True))


def test_sessions_of_the_fleet_are_stored_whole(gateway: GatewayProcess, fleet: Path) -> None:
    pace = ("--speed", "30000", "--demand", "4", "--min-session", "0", "--duration", "6")

    told = subprocess.run(
        _command("run", gateway, fleet, *pace),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    sessions = list(Session.objects.select_related("station"))
    assert {one.station.ocpp_version for one in sessions} == {"1.6", "2.0.1"}
    assert f" {len(sessions)} sessions started, {len(sessions)} ended" in told.stdout
    assert all(one.ended_at and one.token for one in sessions)
    assert all(one.energy_wh is not None and one.energy_wh >= 0 for one in sessions)
    assert MeterValue.objects.filter(temperature_c__isnull=False).exists()
    assert _errors() == []


@pytest.mark.chaos
def test_what_a_killed_gateway_acknowledged_is_stored_once(
    own_gateway: GatewayProcess, fleet: Path, tmp_path: Path
) -> None:
    acks = tmp_path / "acks.jsonl"
    command = _command("load", own_gateway, fleet, "--duration", "8", "--acks", str(acks))
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as load:
        for many in (1, 2):
            _wait_for_sessions(20 * many)
            own_gateway.kill()
            own_gateway.start()
        report = json.loads(load.communicate()[0])

    rows = [json.loads(line) for line in acks.read_text(encoding="utf-8").splitlines()]
    assert report["reconnects"] >= 4
    assert "unfinished" not in report["errors"]
    assert [row for row in rows if not _is_stored(row)] == []
    assert Session.objects.count() == report["transactions"]
    assert not Session.objects.filter(ended_at=None).exists()


def _wait_for_sessions(many: int) -> None:
    deadline = time.monotonic() + 30
    while Session.objects.count() < many:
        assert time.monotonic() < deadline, "the load never came"
        time.sleep(0.02)


def _is_stored(row: dict[str, Any]) -> bool:
    key, kind = row["key"], row["kind"]
    mine = Session.objects.filter(station__identity=row["station"])
    if kind == "Authorize":
        return True
    if kind == "StartTransaction":
        number = str(row["answer"]["transactionId"])
        return mine.filter(ocpp_transaction_id=number, meter_start_wh=key["meter_start"]).exists()
    found = mine.filter(ocpp_transaction_id=str(key["transaction"]))
    if kind == "StopTransaction":
        return found.filter(meter_stop_wh=key["meter_stop"]).exists()
    samples = MeterValue.objects.filter(
        session_id__in=found.values("pk"), energy_wh=key["register_wh"]
    )
    return found.exists() and samples.exists()
