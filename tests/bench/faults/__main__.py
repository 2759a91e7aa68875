"""The benchmark: plays the worlds asked for, goes on where it was stopped, prints the table.

`python -m tests.bench.faults --seeds 0-7 --days 60`; results lie in var/bench_faults, one file for
each world, and are not played again.
"""

import argparse
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.bench.faults.judge import beyond, others, summing, table
from tests.bench.faults.run import ROOT, Bed, result_of

LISTS = (("pkc", True), ("pkc", False), ("workplace", False), ("qualicharge", False))
FOLDER = ROOT / "var" / "bench_faults"


def main() -> None:
    """Play, judge, print."""
    parser = argparse.ArgumentParser(prog="tests.bench.faults")
    parser.add_argument("--seeds", default="0-7", help="0-7 or 100,103")
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--connectors", type=int, default=200)
    parser.add_argument("--clean-seeds", default=None, help="without faults; the first two")
    parser.add_argument("--lists", default="pkc,workplace,qualicharge", help="real lists")
    # a world is two processes, of which the generator waits most of the time: a detector a core
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2, help="worlds at a time")
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--kinds", action="store_true", help="a line for each kind as well")
    parser.add_argument("--false", action="store_true", help="list what was told for nothing")
    asked = parser.parse_args()
    folder = asked.folder or FOLDER / _revision()
    lists = [
        Bed(seeds_of(asked.seeds)[0], 0, 0, listed=name, is_spoiled=is_spoiled)
        for name, is_spoiled in LISTS
        if name in asked.lists.split(",")
    ]
    sims = [Bed(seed, asked.days, asked.connectors) for seed in seeds_of(asked.seeds)]
    # what is told for nothing needs fewer worlds than what is found of fifty kinds
    few = seeds_of(asked.seeds)[:2]
    clean_seeds = few if asked.clean_seeds is None else seeds_of(asked.clean_seeds)
    cleans = [Bed(seed, asked.days, asked.connectors, is_clean=True) for seed in clean_seeds]
    with ThreadPoolExecutor(asked.jobs) as pool:
        results = list(pool.map(lambda bed: _shown(bed, folder), [*sims, *cleans, *lists]))
    sim, clean = summing.Sum(), summing.Sum()
    replays: dict[str, summing.Sum] = {}
    for bed, result in zip(lists, results[len(sims) + len(cleans) :], strict=True):
        summing.add(replays.setdefault(bed.name, summing.Sum()), result)
    for bed, result in zip([*sims, *cleans], results, strict=False):
        summing.add(clean if bed.is_clean else sim, result)
    for line in table.lines(sim, clean):
        print(line)
    print("", *beyond.lines(sim.more), sep="\n")
    compared = others.lines(sim.compared, clean.compared, sim.connector_days, clean.connector_days)
    print("", *compared, sep="\n")
    print("", *table.replay_lines(replays), sep="\n")
    if asked.kinds:
        print("", *table.kind_lines(sim), sep="\n")
    if asked.false:
        for one in [*clean.false, *sim.false]:
            print(
                {name: one[name] for name in ("seed", "code", "severity", "scope_key", "opened")}
            )


def seeds_of(words: str) -> list[int]:
    """Return the seeds a word like 0-7 or 100,103 names."""
    found: list[int] = []
    for word in filter(None, words.split(",")):
        first, _, last = word.partition("-")
        found.extend(range(int(first), int(last or first) + 1))
    return found


def _shown(bed: Bed, folder: Path):
    result = result_of(bed, folder)
    truth = result["truth"]
    cost = 1000 * result["cpu_s"] / (truth.get("days", bed.days) * len(truth["rates"]))
    print(f"{bed.name}: {result['facts']:,} facts, {cost:.0f} ms a connector-day", file=sys.stderr)
    return result


def _revision() -> str:
    """Return the name of the code that is measured, so that no result outlives it."""
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True
    )
    return told.stdout.strip() or "unknown"


if __name__ == "__main__":
    main()
