"""Every setting that the code reads is explained, and nothing else is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = [ROOT / "manage.py"] + [
    file
    for app in ("chargenet", "stations", "billing", "faults", "revenue")
    for file in sorted((ROOT / app).rglob("*.py"))
]
READERS = {
    *("env_str", "env_bool", "env_int", "env_list", "env_secret", "env_address"),
    *("_secret", "_required"),
}
# The machine's, and Django's own.
NOT_OURS = {"PATH", "DJANGO_SETTINGS_MODULE"}
# settings.py puts the role's name into the last word.
BY_ROLE = {f"DATABASE_URL_{role}" for role in ("OWNER", "WEB", "SYSTEM")}
FOR_TESTS = {"CHARGENET_SHARED", "CHARGENET_LONG"}


def _is_reader(call: ast.Call) -> bool:
    name = call.func
    if isinstance(name, ast.Name):
        return name.id in READERS
    if not isinstance(name, ast.Attribute):
        return False
    return name.attr in READERS | {"getenv"} or (
        name.attr in {"get", "setdefault"} and ast.unparse(name.value) == "os.environ"
    )


def _named(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        word: ast.AST | None = None
        if isinstance(node, ast.Call) and node.args and _is_reader(node):
            word = node.args[0]
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            word = node.slice
        if isinstance(word, ast.Constant) and isinstance(word.value, str):
            yield word.value


def _read_by_the_code() -> set[str]:
    found = {
        name for file in SOURCES for name in _named(ast.parse(file.read_text(encoding="utf-8")))
    }
    return (found - NOT_OURS) | BY_ROLE


def _explained() -> set[str]:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    first_cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return set(re.findall(r"`([A-Z][A-Z_]+)`", " ".join(first_cells)))


def test_every_setting_the_code_reads_is_explained():
    assert _read_by_the_code() - _explained() == set()


def test_no_setting_is_explained_that_nobody_reads():
    assert _explained() - _read_by_the_code() - FOR_TESTS == set()


def test_the_example_names_only_settings_that_are_explained():
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#?([A-Z_]+)=", example, flags=re.MULTILINE))

    assert named - _explained() == set()


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "FIELD_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL"]
)
def test_the_example_names_what_production_must_set(name):
    assert f"\n{name}=" in (ROOT / ".env.example").read_text(encoding="utf-8")
