"""How fast `detect_faults` hears a recording, and what memory it needs for a longer one.

The command runs as a process of its own, as a person starts it. FAULTS_DAYS, FAULTS_LISTED and
FAULTS_HOURS make it smaller or longer. What is printed goes into docs/capacity.md.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.bench.faults_speed import recordings

ROOT = Path(__file__).parents[3]
DAYS = int(os.environ.get("FAULTS_DAYS", "180"))
LISTED = int(os.environ.get("FAULTS_LISTED", "200"))
STATIONS = 100
HOURS = int(os.environ.get("FAULTS_HOURS", "8"))
TIMES = 4


def run(path: Path, out: Path, *options: str) -> dict[str, Any]:
    """Run the command; returns its wall time and CPU in s, its highest memory and its faults."""
    arguments = [sys.executable, "manage.py", "detect_faults", str(path), *options]
    began = time.perf_counter()
    with out.open("wb") as written, Path(f"{out}.err").open("wb") as errors:
        process = subprocess.Popen(arguments, cwd=ROOT, stdout=written, stderr=errors)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    assert process.returncode == 0, Path(f"{out}.err").read_text()[-2000:]
    return {
        "s": round(seconds, 1),
        "cpu_s": round(used.ru_utime + used.ru_stime, 1),
        "peak_mib": round(used.ru_maxrss / 1024),
        "faults": len(out.read_text().splitlines()),
    }


def test_half_a_year_of_a_session_list_takes_minutes(tmp_path: Path) -> None:
    mapping = tmp_path / "map.json"
    mapping.write_text(json.dumps(recordings.MAPPING))
    found = {}
    for days in (DAYS // TIMES, DAYS):
        path = tmp_path / f"{days}.csv"
        rows = recordings.write_list(path, connectors=LISTED, days=days)
        told = run(path, tmp_path / f"{days}.out", "--mapping", str(mapping))
        found[days] = {"rows": rows, **told}
        print(json.dumps({"days": days, "connectors": LISTED, **found[days]}), flush=True)
    assert found[DAYS]["s"] < 300


def test_frames_are_heard_by_the_thousand_in_flat_memory(tmp_path: Path) -> None:
    found = {}
    for hours in (HOURS, HOURS * TIMES):
        path = tmp_path / f"{hours}.jsonl"
        frames = recordings.write_conversation(path, stations=STATIONS, hours=hours)
        told = run(path, tmp_path / f"{hours}.out")
        rates = {"frames_s": round(frames / told["s"]), "cpu_us": told["cpu_s"] * 1e6 // frames}
        found[hours] = {"frames": frames, **told, **rates}
        print(json.dumps({"hours": hours, "stations": STATIONS, **found[hours]}), flush=True)
    assert found[HOURS * TIMES]["frames_s"] > 3000
    grown = found[HOURS * TIMES]["peak_mib"] / found[HOURS]["peak_mib"]
    assert grown == pytest.approx(1, abs=0.1)
