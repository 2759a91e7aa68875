"""The detector of the benchmark cannot know what it is to find."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BENCH = ROOT / "tests" / "bench" / "faults"
HERE = "tests.bench.faults"
# All that a world may know of the product: the structs a gateway makes of frames.
SHARED = ("stations.metering",)


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update({node.module, *(f"{node.module}.{one.name}" for one in node.names)})
    return found


def _of_folder(name: str) -> set[str]:
    return {module for path in (BENCH / name).glob("*.py") for module in _imports(path)}


def _ours(modules: set[str]) -> set[str]:
    roots = ("faults", "stations", "chargenet", "billing", "revenue", "tests")
    return {one for one in modules if one.split(".")[0] in roots}


def test_the_world_knows_nothing_of_the_rules_that_judge_it() -> None:
    allowed = (f"{HERE}.world", *SHARED)
    assert [one for one in _ours(_of_folder("world")) if not one.startswith(allowed)] == []


@pytest.mark.parametrize("name", ["detector", "baselines"])
def test_the_detector_knows_neither_world_nor_judge(name: str) -> None:
    allowed = (f"{HERE}.detector", f"{HERE}.baselines", "faults.engine", "faults.rules", *SHARED)
    assert [one for one in _ours(_of_folder(name)) if not one.startswith(allowed)] == []


def test_what_the_detector_imports_in_the_end_holds_nothing_of_a_world() -> None:
    script = (
        f"import sys, {HERE}.detector.__main__\n"
        f"print([one for one in sys.modules if one.startswith(('{HERE}.world', '{HERE}.judge'))"
        " or one.split('.')[0] == 'django'])"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "[]"


LOCKED = f"from {HERE}.detector import lock; lock.lock()\n"
ATTEMPTS = {
    "imports the world": f"import {HERE}.world.world",
    "imports the judge": f"import {HERE}.judge.matching",
    "imports it otherwise": f"__import__('importlib').import_module('{HERE}.world.kinds')",
    "reads the generator": "open('tests/bench/faults/world/kinds.py')",
    "reads a result that was kept": "open('var/bench_faults/0/sim-0-200x60.json')",
    "reads it by a detour": "open('tests/../var/bench_faults/x.json')",
    "reads it by its bytes": "import os; os.open('var/x', os.O_RDONLY)",
    "asks another process": "import subprocess; subprocess.run(['true'])",
    "asks the network": "import socket; socket.create_connection(('127.0.0.1', 9))",
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_a_detector_under_way_can_open_no_scenario(attempt: str) -> None:
    told = subprocess.run(
        [sys.executable, "-c", LOCKED + attempt], cwd=ROOT, capture_output=True, text=True
    )
    assert "Locked: the detector may not" in told.stderr


def test_seeds_come_from_the_command_line_only() -> None:
    """No file of the benchmark names a seed from which tests are drawn."""
    for path in BENCH.rglob("*.py"):
        numbers = {
            node.value
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, int)
        }
        assert not numbers & set(range(101, 120)), path.name
    detector = (BENCH / "detector" / "__main__.py").read_text(encoding="utf-8")
    assert "argv" not in detector
    assert "environ" not in detector


def test_the_detector_is_handed_neither_seed_nor_truth(tmp_path: Path) -> None:
    """What the world writes for the detector holds no word of its scenario."""
    truth = tmp_path / "truth.json"
    asked = "--seed 3 --days 2 --connectors 12 --truth-fd 5"
    script = f"{sys.executable} -m {HERE}.world {asked} 5>{truth}"
    told = subprocess.run(script, shell=True, cwd=ROOT, capture_output=True, check=True)
    kinds = {one["kind"] for one in json.loads(truth.read_text())["troubles"]}
    for word in (*kinds, "seed", "trouble", "onset", "scenario"):
        assert word.encode() not in told.stdout
