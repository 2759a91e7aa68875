"""The page about published tariffs is what the engine makes of them."""

import json

import pytest

from tests.vectors.tariffs import conformance, published
from tests.vectors.tariffs.ambiguities import DECISIONS

needs_vectors = pytest.mark.skipif(not published.FILES, reason=published.WHY_NOT)


@needs_vectors
def test_the_page_is_what_the_engine_says() -> None:
    assert conformance.DOCUMENT.read_text(encoding="utf-8") == conformance.document(), (
        "run: make docs"
    )


@needs_vectors
def test_no_published_case_differs() -> None:
    assert "| differs |" not in conformance.document()


@needs_vectors
def test_every_known_ambiguity_has_our_decision() -> None:
    known = json.loads(published.AMBIGUITIES.read_text(encoding="utf-8"))["items"]

    assert [each["id"] for each in known] == list(DECISIONS)


def test_every_decision_names_a_test_that_shows_it() -> None:
    for decision in DECISIONS.values():
        assert decision.tests
        for name in decision.tests:
            file, _, function = name.partition(":")
            source = (published.REPOSITORY / file).read_text(encoding="utf-8")
            assert f"\ndef {function}(" in source, name
