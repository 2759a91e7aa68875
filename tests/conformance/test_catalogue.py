"""No case is silently missing, and the published table is the suite's own."""

import os
import re
from pathlib import Path

import pytest

from tests.conformance import catalogue
from tests.conformance.not_played import NOT_PLAYED

SHARED = Path(os.environ.get("CHARGENET_SHARED", catalogue.ROOT.parent / "shared"))
LIST = SHARED / "vectors" / "ocpp" / "csms_testcases_201.txt"


def test_every_published_case_is_played_or_says_why_not() -> None:
    if not LIST.exists():
        pytest.skip(f"the published list of cases is not here: {LIST}")
    published = set(re.findall(r"^TC_[A-P]_\d+_CSMS", LIST.read_text(), re.MULTILINE))
    played = {case.id for case in catalogue.cases() if case.version == "2.0.1"}

    assert len(published) > 240
    assert published - played - NOT_PLAYED.keys() == set()
    assert NOT_PLAYED.keys() - published == set()
    assert NOT_PLAYED.keys() & played == set()


def test_every_case_says_what_it_plays_and_what_it_proves() -> None:
    cases = catalogue.cases()

    assert [case.test for case in cases if not case.says] == []
    assert [case.id for case in cases if not case.proves] == []


def test_the_document_is_the_suites_own() -> None:
    assert catalogue.DOCUMENT.read_text() == catalogue.document(catalogue.cases()), (
        "run: make docs"
    )
