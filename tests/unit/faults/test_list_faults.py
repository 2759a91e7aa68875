"""The catalogue of faults is what the rules say today."""

from pathlib import Path

from faults.management.commands.list_faults import document

DOCUMENT = Path(__file__).parents[3] / "docs" / "faults.md"


def test_the_document_is_what_make_docs_writes() -> None:
    assert DOCUMENT.read_text() == document(), "run `make docs`"
