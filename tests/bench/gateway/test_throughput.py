import json
import os
from pathlib import Path

import pytest

from tests.bench.gateway.servers import ECHO, GATEWAY, measure, serving

SECONDS = float(os.environ.get("BENCH_SECONDS", "4"))


@pytest.mark.parametrize("version", os.environ.get("BENCH_VERSIONS", "1.6 2.0.1").split())
def test_x(network, tmp_path: Path, version: str) -> None:
    apps = {"echo": ECHO, "gateway": GATEWAY}
    for rounds in range(int(os.environ.get("BENCH_ROUNDS", "1"))):
        for name, app in apps.items():
            with serving(app, tmp_path / f"{name}.log") as server:
                r = measure(
                    "closed",
                    server,
                    version=version,
                    chargers=200,
                    seconds=SECONDS,
                    boot=name == "gateway",
                )
                print(version, name, json.dumps(r))
            log = (tmp_path / f"{name}.log").read_text()
            if log:
                print(log[:2000])
