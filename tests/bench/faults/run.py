"""Plays one world before the detector, and writes what the judge must know into one file.

Two processes and two pipes: the facts go from the world to the detector, the truth from the world
to here. The file is written when both have ended.
"""

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
WORLD, BEDS = "tests.bench.faults.world", "tests.bench.faults.beds"
DETECTOR = "tests.bench.faults.detector"


class BenchFailed(RuntimeError):
    """A process of the benchmark did not end well."""


@dataclass(frozen=True, slots=True)
class Bed:
    """One world to play."""

    seed: int
    days: int
    connectors: int
    is_clean: bool = False
    # A real session list instead of a world, and whether troubles are put into it.
    listed: str = ""
    is_spoiled: bool = False

    @property
    def name(self) -> str:
        """Return the name of its result."""
        if self.listed:
            return f"{self.listed}-{self.seed}{'-spoiled' if self.is_spoiled else ''}"
        kind = "clean" if self.is_clean else "sim"
        return f"{kind}-{self.seed}-{self.connectors}x{self.days}"

    def command(self, truth: int) -> list[str]:
        """Return how to play it, telling the truth to a descriptor."""
        told = ["--seed", str(self.seed), "--truth-fd", str(truth)]
        if self.listed:
            more = ["--spoil"] if self.is_spoiled else []
            return [sys.executable, "-m", BEDS, "--list", self.listed, *told, *more]
        size = ["--days", str(self.days), "--connectors", str(self.connectors)]
        more = ["--clean"] if self.is_clean else []
        return [sys.executable, "-m", WORLD, *told, *size, *more]


def play(bed: Bed) -> dict[str, Any]:
    """Play a world and return the truth of it, what was found, and what it cost."""
    began = time.monotonic()
    read, write = os.pipe()
    world = subprocess.Popen(
        bed.command(write),
        stdout=subprocess.PIPE,
        pass_fds=(write,),
        cwd=ROOT,
    )
    os.close(write)
    # it inherits no descriptor of the truth, and is told no seed
    detector = subprocess.Popen(
        [sys.executable, "-m", DETECTOR], stdin=world.stdout, stdout=subprocess.PIPE, cwd=ROOT
    )
    assert world.stdout is not None, "asked for as a pipe"
    world.stdout.close()
    truth: list[bytes] = []
    reader = threading.Thread(target=lambda: truth.append(_read_all(read)))
    reader.start()
    found, _ = detector.communicate()
    reader.join()
    if detector.returncode or world.wait():
        raise BenchFailed(f"{bed.name}: world {world.returncode}, detector {detector.returncode}")
    told, heard = json.loads(truth[0]), json.loads(found)
    return {
        "bed": {"seed": bed.seed, "days": bed.days, "connectors": bed.connectors,
                "is_clean": bed.is_clean},
        "truth": told,
        **heard,
        "wall_s": round(time.monotonic() - began, 1),
        "cpu_s": round(told.pop("cpu_s") + heard["process_cpu_s"], 1),
    }  # fmt: skip


def _read_all(descriptor: int) -> bytes:
    with os.fdopen(descriptor, "rb") as source:
        return source.read()


def result_of(bed: Bed, folder: Path) -> dict[str, Any]:
    """Return the result of a world: the one that is there, else played now and kept."""
    path = folder / f"{bed.name}.json"
    if not path.exists():
        result = play(bed)
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        unfinished.write_text(json.dumps(result))
        unfinished.rename(path)
    found: dict[str, Any] = json.loads(path.read_text())
    return found
