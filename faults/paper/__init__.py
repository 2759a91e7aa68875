"""Work orders on paper: a PDF by typst, its words as data and never as markup."""

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import segno
import typst

TEMPLATE = Path(__file__).with_name("work_order.typ")


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """What stands on a work order, in its reader's words; `url` is what its QR code says."""

    language: str
    title: str
    number: str
    url: str
    facts: Sequence[tuple[str, str]]
    cause: str
    checklist_title: str
    checklist: Sequence[tuple[str, bool]]
    parts_title: str
    parts: Sequence[str]
    notes_title: str
    notes: Sequence[str]
    sign: Sequence[str]


def work_order(order: WorkOrder) -> bytes:
    """Return a work order as a PDF.

    What stations and people wrote reaches the template as strings of a JSON document.
    """
    qr = io.BytesIO()
    segno.make(order.url, error="m", micro=False).save(qr, kind="svg", xmldecl=False, border=0)
    words = json.dumps({**asdict(order), "qr": qr.getvalue().decode()}, ensure_ascii=False)
    made = typst.compile(_template(), sys_inputs={"order": words}, format="pdf")
    assert isinstance(made, bytes), "one document is one file"
    return made


@lru_cache(maxsize=1)
def _template() -> bytes:
    return TEMPLATE.read_bytes()
