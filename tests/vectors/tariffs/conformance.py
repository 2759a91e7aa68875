"""The table of docs/tariff_conformance.md: what we make of every published tariff case.

`python -m tests.vectors.tariffs.conformance` writes it where the published cases are at hand.
"""

import sys
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from billing.tariffs import cdr, lint, ocpi, price, writing
from tests.vectors.tariffs import published
from tests.vectors.tariffs.ambiguities import DECISIONS

DOCUMENT = published.REPOSITORY / "docs" / "tariff_conformance.md"
HEAD = """# Tariffs: every published case

Every example of OCPI and of other engines that says what a session costs, priced by ours.
**Written by `make docs`; do not edit.** `tests/vectors/tariffs` proves it on every run, once by
the engine and once by `manage.py price_session`, in the form of 2.2.1 and, where there is one, of
2.3.0. Nothing is rounded; *says* is the source's own figure, rounded as the source rounds.

A source that contradicts itself is judged by the figure that follows from its own tariff, and
says so below. The figures are facts of [ocpi/ocpi](https://github.com/ocpi/ocpi) and of the engine
[tandemdrive/ocpi-tariffs](https://codeberg.org/tandemdrive/ocpi-tariffs).
"""
ERRORS = {
    "ocpi-15-complex-saturday": "spec error, [#579](https://github.com/ocpi/ocpi/issues/579): its"
    " table reckons with 1.20 an hour, its element says 1.25",
    "ocpi-25-step-switch-free-of-charge": "older texts print 0.80,"
    " [#546](https://github.com/ocpi/ocpi/issues/546)",
}
WITHOUT_TAX = "the tax inside is not named: the side without it is null"


def document() -> str:
    """Return the page as Markdown."""
    cases = [_case(file) for file in published.FILES]
    passed = sum(row["verdict"].startswith("pass") for row in cases)
    wrong = [row for row in cases if row["verdict"].startswith("spec error")]
    counts = (
        f"\n{len(cases)} cases: {passed} pass, {len(wrong)} of them is a documented error of its"
        " source, 0 differ.\n"
        if passed == len(cases) - len(wrong)
        else f"\n{len(cases)} cases, {passed} pass.\n"
    )
    table = "".join(
        f"| `{row['id']}` | {row['section']} | {row['says']} | {row['ours']} | {row['verdict']} |"
        "\n"
        for row in cases
    )
    return (
        f"{HEAD}{counts}\n| Case | From | Says | Ours, without / with tax | |\n"
        f"|---|---|---|---|---|\n{table}{_lints()}{_decisions()}"
    )


def _case(file: Path) -> dict[str, str]:
    vector = published.load(file)
    totals = {version: _total(vector, version) for version in published.versions_of(vector)}
    unknown = any(published.is_tax_unknown(vector, version) for version in totals)
    expected = tuple(published.exact(vector, side) for side in ("excl", "incl"))
    agrees = all(
        total[1] == expected[1] and total[0] in (expected[0], None) for total in totals.values()
    )
    verdict = "passes" if agrees else "differs"
    if file.stem in ERRORS and agrees:
        is_error = ERRORS[file.stem].startswith("spec error")
        verdict = ERRORS[file.stem] if is_error else f"passes; {ERRORS[file.stem]}"
    elif agrees and unknown:
        verdict = f"passes; {WITHOUT_TAX}"
    return {
        "id": file.stem,
        "section": _section(vector),
        "says": _says(vector),
        "ours": " / ".join(
            "null" if side is None else writing.decimal_text(side)
            for side in next(iter(totals.values()))
        ),
        "verdict": verdict,
    }


def _total(vector: Mapping[str, Any], version: str) -> tuple[Fraction | None, Fraction | None]:
    facts = cdr.parse_session(published.session_of(dict(vector)))
    total = price.price_session(facts, ocpi.parse_tariff(vector[version])).total
    return total.excl, total.incl


def _section(vector: Mapping[str, Any]) -> str:
    source = vector["source"]
    return str(source.get("section") or source.get("file") or source["repo"]).replace("|", "/")


def _says(vector: Mapping[str, Any]) -> str:
    told = vector["expected"]
    sides = (told.get(f"total_cost_{side}_vat") for side in ("excl", "incl"))
    return " / ".join("–" if side is None else str(side) for side in sides)


def _lints() -> str:
    rows = "".join(
        f"| `{file.stem}` | {', '.join(sorted({f'`{each.rule}`' for each in _found(file)}))} |\n"
        for file in published.LINTS
    )
    title = "\n## What the linter says of cases made for linters\n"
    return f"{title}\n| Case | Rules |\n|---|---|\n{rows}"


def _found(file: Path) -> Iterator[lint.Finding]:
    yield from lint.lint_tariff(published.load(file)["tariff"])


def _decisions() -> str:
    rows = "".join(
        f"| {name} | {each.topic} | {each.decision} | {_tests(each.tests)} |\n"
        for name, each in DECISIONS.items()
    )
    return (
        "\n## Where the text does not decide\n\nOCPI 2.2.1 and 2.3.0 are wrong, contradictory or"
        " silent in these places.\n\n| | Question | What we do | Shown by |\n|---|---|---|---|\n"
        f"{rows}"
    )


def _tests(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    if not published.FILES:
        sys.stderr.write(f"{published.WHY_NOT} docs/{DOCUMENT.name} was left as it is.\n")
    else:
        DOCUMENT.write_text(document(), encoding="utf-8")
