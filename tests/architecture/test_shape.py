"""The tail limits: what binds is the longest file and function, not the median."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("chargenet", "stations", "billing", "faults", "revenue")
NO_ROOM = {"utils.py", "helpers.py", "common.py", "misc.py", "tools.py", "base_utils.py"}
MAX_FILE_LINES, MAX_FUNCTION_LINES = 300, 40


def _sources() -> list[Path]:
    return [
        path
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if "migrations" not in path.parts and "vendor" not in path.parts
    ]


def test_no_file_is_longer_than_300_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in _sources()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MAX_FILE_LINES
    }
    assert long == {}


def test_no_function_is_longer_than_40_lines() -> None:
    long = {}
    for path in _sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > MAX_FUNCTION_LINES:
                    long[f"{path.relative_to(ROOT)}:{node.name}"] = lines
    assert long == {}


def test_no_file_is_without_a_room() -> None:
    assert [str(path) for path in _sources() if path.name in NO_ROOM] == []


def test_no_model_overrides_save_and_nobody_uses_signals() -> None:
    guilty = []
    for path in _sources():
        source = path.read_text(encoding="utf-8")
        if "django.db.models.signals" in source or "@receiver" in source:
            guilty.append(f"{path.name}: signals")
        if "models" in path.parts and "def save(" in source:
            guilty.append(f"{path.name}: save()")
    assert guilty == []


def test_nothing_committed_names_a_path_of_one_machine() -> None:
    words = ("/" + "work/", "/" + "root/", "/" + "tmp/w/", "/" + "farm/")
    guilty = [
        f"{path.relative_to(ROOT)}: {word}"
        for folder in (*PACKAGES, "templates", "docs", "tests", "deploy")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".md", ".html", ".json", ".toml", ".sql", ".js"}
        and "vendor" not in path.parts
        for word in words
        if word in path.read_text(encoding="utf-8", errors="replace")
    ]
    assert guilty == []
