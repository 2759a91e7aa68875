"""The whole demo from a fresh clone: how long until it lives, and what it weighs."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
BUDGET_S, BUDGET_MIB = 90.0, 1536.0
SETTLE_S = 60


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _pss_mib(home: Path) -> tuple[float, int]:
    """Return the proportional set size of every process of a clone, engines and fleet included."""
    family: dict[int, psutil.Process] = {}
    for process in psutil.process_iter():
        try:
            said = " ".join(process.cmdline()) + str(process.environ().get("CHARGENET_VAR", ""))
            if str(home) in said or process.cwd().startswith(str(home)):
                family[process.pid] = process
                family |= {child.pid: child for child in process.children(recursive=True)}
        except (psutil.AccessDenied, psutil.NoSuchProcess):
            continue
    weights = []
    for pid in family:
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
            weights.append(int(re.findall(r"^Pss:\s+(\d+)", rollup, re.M)[0]))
        except (OSError, IndexError):
            continue
    return sum(weights) / 1024, len(weights)


def test_the_demo_is_up_within_its_budget(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    environment = os.environ | {"WEB_PORT": str(_free_port()), "GATEWAY_PORT": str(_free_port())}
    for name in ("DATABASE_URL", "REDIS_URL", "CHARGENET_VAR"):
        environment.pop(name, None)
    log = tmp_path / "run.log"
    began = time.monotonic()
    with log.open("wb") as sink:
        demo = subprocess.Popen(
            ["make", "run"], cwd=clone, env=environment, stdout=sink, stderr=sink
        )
    try:
        while "ChargeNet is up" not in log.read_text():
            assert demo.poll() is None, log.read_text()[-2000:]
            time.sleep(0.2)
        up_s = time.monotonic() - began
        online = int(re.findall(r"Stations online\s+(\d+)", log.read_text())[0])
        time.sleep(SETTLE_S)
        pss_mib, processes = _pss_mib(clone)
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(timeout=60)
    figures = {
        "up_s": round(up_s, 1),
        "up_of_budget": round(up_s / BUDGET_S, 2),
        "stations_online": online,
        "pss_mib": round(pss_mib),
        "pss_of_budget": round(pss_mib / BUDGET_MIB, 2),
        "processes": processes,
    }
    print(json.dumps(figures))
    assert online >= 50
    assert up_s <= BUDGET_S
    assert pss_mib <= BUDGET_MIB
