"""Plays a world: what comes in to stdout, and when it is over the truth to another descriptor.

The seed is on the command line and nowhere else; nothing of a world is written to a disk.
"""

import argparse
import json
import os
import struct
import sys
import time

import msgspec

from stations.metering import facts
from tests.bench.faults.world.world import World

# The kinds of fact a world speaks, by their place in this list.
KINDS: tuple[type, ...] = (
    facts.HeartbeatFact,
    facts.MeterFact,
    facts.StatusFact,
    facts.TransactionFact,
    facts.StartFact,
    facts.StopFact,
    facts.NoticeFact,
    facts.BootFact,
    facts.AuthorizeFact,
)
NUMBER = {kind: number for number, kind in enumerate(KINDS)}
BATCH = 2000


def main() -> None:
    """Play a world as it is asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--days", type=int, required=True)
    parser.add_argument("--connectors", type=int, required=True)
    parser.add_argument("--clean", action="store_true")
    parser.add_argument("--truth-fd", type=int, required=True)
    asked = parser.parse_args()
    world = World(asked.seed, asked.days, asked.connectors, is_clean=asked.clean)
    out, encode = sys.stdout.buffer, msgspec.msgpack.Encoder().encode
    _write(out, encode(world.described()))
    batch = []
    for second, _, station, fact, key, number in world.messages():
        batch.append((second, station, NUMBER[type(fact)], fact, key, number))
        if len(batch) == BATCH:
            _write(out, encode(batch))
            batch.clear()
    _write(out, encode(batch))
    out.close()
    with os.fdopen(asked.truth_fd, "w") as told:
        json.dump(world.truth() | {"cpu_s": time.process_time()}, told)


def _write(out, said: bytes) -> None:
    out.write(struct.pack("<I", len(said)) + said)


if __name__ == "__main__":
    main()
