"""Documents on paper: PDF/UA-1 by typst, their words as data and never as markup."""

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import segno
import typst

TEMPLATE = Path(__file__).with_name("document.typ")
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A party's name and the lines below it."""

    label: str
    name: str
    lines: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one cost centre; without a title they are all there is."""

    rows: Sequence[Row]
    title: str = ""
    total: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table's heads, which of its columns are figures, and its rows in groups."""

    heads: Row
    groups: Sequence[Group]
    # How wide a column is, in parts of what figures leave; 0 for as wide as its text.
    widths: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Slip:
    """How to pay: words and figures, and what a QR code says, if anything."""

    title: str
    rows: Sequence[Row]
    qr: str = ""
    qr_label: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on a document, in its reader's words, figures already written."""

    language: str
    kind: str
    number: str
    seller: Block
    buyer: Block
    facts: Sequence[Row]
    table: Table
    totals: Sequence[Row]
    due: Row
    page: str
    notes: Sequence[str] = ()
    tax: Table | None = None
    slip: Slip | None = None
    foot: Sequence[Block] = ()


def pdf(sheet: Sheet, *, made_at: datetime) -> bytes:
    """Return a document as a tagged PDF (PDF/UA-1); made again it is the same to the byte."""
    made = _compiler().compile(
        # given each time: the compiler forgets a text that is no file
        _template(),
        sys_inputs={"sheet": _words(sheet)},
        format="pdf",
        pdf_standards=["ua-1"],
        timestamp=int(made_at.timestamp()),
    )
    assert isinstance(made, bytes), "one document is one file"
    return made


def _words(sheet: Sheet) -> str:
    words = asdict(sheet)
    if sheet.slip and sheet.slip.qr:
        drawn = io.BytesIO()
        code = segno.make(sheet.slip.qr, error="m", micro=False)
        code.save(drawn, kind="svg", xmldecl=False, border=0)
        words["slip"]["svg"] = drawn.getvalue().decode()
    return json.dumps(words, ensure_ascii=False)


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    # The fonts typst brings along and no others: a document looks the same on every machine.
    fonts = typst.Fonts(include_system_fonts=False)
    return typst.Compiler(font_paths=fonts, ignore_system_fonts=True)


@lru_cache(maxsize=1)
def _template() -> bytes:
    return TEMPLATE.read_bytes()
