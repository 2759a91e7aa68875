"""Plays a real session list to stdout, as it is or spoiled; the truth goes elsewhere."""

import argparse
import json
import os
import struct
import sys
import time
from collections import defaultdict
from datetime import datetime
from random import Random
from typing import Any

import msgspec

from tests.bench.faults.beds import lists, spoiled
from tests.bench.faults.beds.lists import Listed

SESSION = 100
BATCH = 500


def main() -> None:
    """Play a list as it is asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--list", required=True, choices=("pkc", "qualicharge", "workplace"))
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--spoil", action="store_true")
    parser.add_argument("--truth-fd", type=int, required=True)
    asked = parser.parse_args()
    sessions = lists.read(asked.list, after_split=asked.seed >= 10)
    real = sessions
    troubles: list[dict[str, Any]] = []
    if asked.spoil:
        sessions, troubles = spoiled.spoil(real, Random(f"{asked.seed}:spoil"))
    begin = real[0].began
    out, encode = sys.stdout.buffer, msgspec.msgpack.Encoder().encode
    _write(out, encode(lists.network(real)))
    ids = lists.connector_ids(real)
    batch = []
    for one in sessions:
        batch.append(_said(one, begin))
        if len(batch) == BATCH:
            _write(out, encode(batch))
            batch.clear()
    _write(out, encode(batch))
    out.close()
    with os.fdopen(asked.truth_fd, "w") as told:
        json.dump(_truth(real, troubles, ids, begin) | {"cpu_s": time.process_time()}, told)


def _said(one: Listed, begin: datetime) -> tuple[Any, ...]:
    told = {
        "connector": one.connector,
        "token": one.token,
        "began": one.began.isoformat(),
        "ended": one.ended.isoformat(),
        "energy_wh": one.energy_wh,
    }
    return ((one.ended - begin).total_seconds(), one.station, SESSION, told, "", "")


def _truth(
    real: list[Listed],
    troubles: list[dict[str, Any]],
    ids: dict[tuple[str, int], int],
    begin: datetime,
) -> dict[str, Any]:
    attempts: dict[str, list[float]] = defaultdict(list)
    stations: dict[str, set[str]] = defaultdict(set)
    for one in real:
        attempts[str(ids[one.place])].append(round((one.began - begin).total_seconds()))
        stations[one.site].add(one.station)
    days = (real[-1].ended - begin).total_seconds() / 86_400
    return {
        "troubles": troubles,
        "attempts": attempts,
        "rates": {name: len(found) / days for name, found in attempts.items()},
        "stations_of_site": {site: sorted(found) for site, found in stations.items()},
        "days": days,
        "sick": [],
    }


def _write(out: Any, said: bytes) -> None:
    out.write(struct.pack("<I", len(said)) + said)


if __name__ == "__main__":
    main()
