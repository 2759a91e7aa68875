"""Reports on paper: figures and tables, their words as data and never as markup."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import typst

TEMPLATE = Path(__file__).with_name("report.typ")


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a report: its title, its head and its rows, all of them words."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Report:
    """What stands in a report, in its reader's words; figures are label, value and note."""

    language: str
    owner: str
    title: str
    intro: str
    figures: Sequence[tuple[str, str, str]]
    tables: Sequence[Table]
    foot: str


def report(asked: Report) -> bytes:
    """Return a report as a PDF."""
    words = json.dumps(asdict(asked), ensure_ascii=False)
    made = typst.compile(_template(), sys_inputs={"report": words}, format="pdf")
    assert isinstance(made, bytes), "one document is one file"
    return made


@lru_cache(maxsize=1)
def _template() -> bytes:
    return TEMPLATE.read_bytes()
