"""The table of docs/conformance.md, drawn from the tests themselves.

`python -m tests.conformance.catalogue` writes it. A case is a function named after its id; the
first line of its docstring says what is played, the last one which requirements it proves.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.not_played import NOT_PLAYED

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "conformance.md"
# The first place counts; elsewhere stand the cases that need more than a gateway, such as TLS.
PLACES = ("tests/conformance", "tests/integration", "tests/e2e")
NAME_2 = re.compile(r"test_tc_(?P<block>[a-s])_(?P<number>\d+)_")
NAME_21 = re.compile(r"test_tc_21_(?P<block>[a-s])_(?P<number>\d+)_")
NAME_16 = re.compile(r"test_tc_(?P<number>\d{3}(_\d)?)_")
PROVES = re.compile(r"\b[A-S]\d\d(?:\.FR\.\d+)?|\bFR\.\d\d|§[\d.]+|errata [\d.-]+")
BLOCKS = {
    "A": "Security",
    "B": "Provisioning",
    "C": "Authorization",
    "D": "Local authorization list",
    "E": "Transactions",
    "F": "Remote control",
    "G": "Availability",
    "H": "Reservation",
    "I": "Tariff and cost",
    "J": "Meter values",
    "K": "Smart charging",
    "L": "Firmware",
    "M": "Certificates",
    "N": "Diagnostics",
    "O": "Display messages",
    "P": "Data transfer",
    "Q": "Bidirectional power",
    "R": "Grid services",
    "S": "Battery swap",
}


@dataclass(frozen=True, order=True)
class Case:
    """One case as a test plays it."""

    version: str
    id: str
    says: str
    proves: str
    test: str
    open_reason: str = ""


def cases() -> list[Case]:
    """Return every case that a test plays, in order."""
    found: list[Case] = []
    for place in PLACES:
        known = {case.id for case in found}
        for path in sorted((ROOT / place).rglob("test_*.py")):
            found += [case for case in _cases_of(path) if case.id not in known]
    return sorted(found)


def _cases_of(path: Path) -> Iterator[Case]:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            named = _named(node.name)
            if named:
                yield _case(path, node, *named)


def _named(name: str) -> tuple[str, str] | None:
    if found := NAME_21.match(name):
        return "2.1", f"CN_{found['block'].upper()}_{found['number']}"
    if found := NAME_2.match(name):
        return "2.0.1", f"TC_{found['block'].upper()}_{found['number']}_CSMS"
    if found := NAME_16.match(name):
        return "1.6", f"TC_{found['number']}_CSMS"
    return None


def _case(
    path: Path, node: ast.FunctionDef | ast.AsyncFunctionDef, version: str, number: str
) -> Case:
    text = ast.get_docstring(node) or ""
    return Case(
        version=version,
        id=number,
        says=text.partition("\n")[0].rstrip("."),
        proves=", ".join(dict.fromkeys(PROVES.findall(text))),
        test=f"`{path.relative_to(ROOT)}`",
        open_reason=_reason(node.decorator_list),
    )


def _reason(decorators: Iterable[ast.expr]) -> str:
    """Return why a case is expected to fail, where it is."""
    for decorator in decorators:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith("xfail"):
            reasons = [k.value for k in decorator.keywords if k.arg == "reason"]
            return str(ast.literal_eval(reasons[0])) if reasons else "no reason given"
    return ""


HEAD = """# Conformance

What the compliance cases of the Open Charge Alliance ask of a CSMS, and whether we do it.
**Written by `make docs`; do not edit.**

Each case is played at a real gateway process over a real socket. Every payload of the gateway,
answers and its own calls, is checked against the OCA's schemas by a foreign validator (npm
`ocpp-rpc`), and so is what the scripted station says. Each case asserts rows of the database.
*pass* means that the test is in every CI run and a failure stops the change.

The ids of 2.0.1 are those of the OCA's part 6, those of 1.6 those of its compliance tool as far
as they are public, those of 2.1 (CN_…) our own. The scripts and titles are our own reading. The
tool itself is not free; this is no certificate.
"""


def document(found: list[Case]) -> str:
    """Return the text of the document."""
    parts = [HEAD, _counts(found)]
    for version in ("2.0.1", "1.6", "2.1"):
        parts.append(f"\n## OCPP {version}\n")
        rows = [case for case in found if case.version == version]
        missing = {} if version != "2.0.1" else NOT_PLAYED
        for block in sorted({_block(case.id) for case in rows} | {_block(n) for n in missing}):
            parts.append(_table(block, rows, missing))
    return "\n".join(parts)


def _block(number: str) -> str:
    letter = number.split("_")[1]
    return letter if letter in BLOCKS else ""


def _table(block: str, rows: list[Case], missing: dict[str, str]) -> str:
    lines = [f"### {block} {BLOCKS[block]}\n"] if block else []
    lines += ["| Case | What is played | Proves | Verdict | Test |", "|---|---|---|---|---|"]
    table: dict[str, list[str]] = {}
    for case in rows:
        if _block(case.id) == block:
            verdict = f"open: {case.open_reason}" if case.open_reason else "pass"
            line = f"| {case.id} | {case.says} | {case.proves} | {verdict} | {case.test} |"
            table.setdefault(case.id, []).append(line)
    for number, reason in missing.items():
        if _block(number) == block:
            table[number] = [f"| {number} | – | – | not played: {reason} | – |"]
    for _, found in sorted(table.items()):
        lines += found
    return "\n".join([*lines, ""])


def _counts(found: list[Case]) -> str:
    lines = ["| | cases | pass | open | not played |", "|---|---|---|---|---|"]
    for version in ("2.0.1", "1.6", "2.1"):
        rows = {case.id: case for case in found if case.version == version}
        opened = sum(1 for case in rows.values() if case.open_reason)
        missing = len(NOT_PLAYED) if version == "2.0.1" else 0
        total = len(rows) + missing
        lines.append(f"| OCPP {version} | {total} | {len(rows) - opened} | {opened} | {missing} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    DOCUMENT.write_text(document(cases()))
