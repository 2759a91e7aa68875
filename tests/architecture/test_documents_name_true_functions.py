"""What the documents call a function is what the function is called."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`([a-z0-9_/]+\.py):([A-Za-z_][A-Za-z0-9_.]*)`")
DOCUMENTS = sorted((ROOT / "docs").rglob("*.md"))


def _defined_in(path: Path) -> set[str]:
    """Return every function, class, method and module constant of a file, dotted."""
    names: set[str] = set()

    def walk(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names.add(prefix + child.name)
                walk(child, f"{prefix}{child.name}.")
            elif isinstance(child, ast.Assign):
                names.update(prefix + t.id for t in child.targets if isinstance(t, ast.Name))
            elif isinstance(child, ast.AnnAssign) and isinstance(child.target, ast.Name):
                names.add(prefix + child.target.id)

    walk(ast.parse(path.read_text(encoding="utf-8")), "")
    return names


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_function_a_document_names_exists(document: Path) -> None:
    wrong = []
    for file, name in NAMED.findall(document.read_text(encoding="utf-8")):
        path = ROOT / file
        if not path.exists() or name not in _defined_in(path):
            wrong.append(f"{file}:{name}")
    assert wrong == []


@pytest.mark.parametrize("document", ["a_sessions_life.md", "a_faults_life.md"])
def test_the_lives_name_their_functions(document: str) -> None:
    text = (ROOT / "docs" / document).read_text(encoding="utf-8")

    assert len(NAMED.findall(text)) >= 10
