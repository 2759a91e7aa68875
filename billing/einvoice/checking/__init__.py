"""Checking an e-invoice before it leaves: official rules in three stages, then the figures.

A stage that cannot run proves nothing: it says "not run", and the document is not valid.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from billing.einvoice.checking import amounts, identifiers, newer_rules, schema, schematron, tree
from billing.einvoice.checking.problems import NotRun, Outcome, Problem, Stage, Verdict

__all__ = ["Outcome", "Problem", "Stage", "Verdict", "check", "check_all"]


def check(content: bytes) -> Verdict:
    """Return what all stages say about one document."""
    try:
        return _check(tree.parse(content))
    except tree.Unreadable as error:
        return _unreadable(error)


def check_all(documents: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, Verdict]]:
    """Check documents by name; a number one seller used before is the later document's fault."""
    used: dict[tuple[str, str], str] = {}
    for name, content in documents:
        try:
            root = tree.parse(content)
        except tree.Unreadable as error:
            yield name, _unreadable(error)
            continue
        twice = []
        seller, number = key = identifiers.seller_and_number(root)
        if number and key in used:
            where = tree.path_of(tree.find(root, "cbc:ID"))
            text = f"{seller} has used the number {number} in {used[key]} already."
            twice.append(Problem(Stage.AMOUNTS, "number-used", where, text))
        used.setdefault(key, name)
        yield name, _check(root, twice)


def _check(root: Any, known: Iterable[Problem] = ()) -> Verdict:
    found = list(known)
    stages = {}
    for stage, run in RUNS:
        before = len(found)
        try:
            found += run(root)
            stages[stage] = Outcome.OK
        except NotRun as error:
            found.append(Problem(stage, "not-run", "", str(error)))
            stages[stage] = Outcome.NOT_RUN
            continue
        if len(found) > before:
            stages[stage] = Outcome.FAILED
    stages |= {problem.stage: Outcome.FAILED for problem in known}
    return Verdict(stages, tuple(found))


def _unreadable(error: tree.Unreadable) -> Verdict:
    stages = dict.fromkeys(Stage, Outcome.NOT_RUN) | {Stage.XSD: Outcome.FAILED}
    return Verdict(stages, (Problem(Stage.XSD, "readable", "", str(error)),))


def _en16931(root: Any) -> list[Problem]:
    return schematron.check(root, Stage.EN16931)


def _peppol(root: Any) -> list[Problem]:
    packaged = schematron.check(root, Stage.PEPPOL)
    newer = newer_rules.check(root)
    return [problem for problem in packaged if problem.rule not in newer_rules.SUPERSEDED] + newer


RUNS: tuple[tuple[Stage, Callable[[Any], list[Problem]]], ...] = (
    (Stage.XSD, schema.check),
    (Stage.EN16931, _en16931),
    (Stage.PEPPOL, _peppol),
    (Stage.AMOUNTS, amounts.check),
)
