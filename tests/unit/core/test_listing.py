"""A list's state in its address, and what leaves for a spreadsheet."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db.models import Q
from django.http import QueryDict
from django.utils import translation

from chargenet.core import listing
from chargenet.core.listing import Column, Filter, Spec

SPEC = Spec(
    name="rows",
    columns=(Column("name", "Name", ("name",)), Column("note", "Note")),
    default_sort="name",
    filters=(Filter("state", "State", (("open", "Open"),), lambda value: Q(state=value)),),
    search=lambda text: Q(name__startswith=text),
)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "page=0",
        "page=-3",
        "page=x",
        "page=99999999999999",
        "sort=password",
        "sort=note",
        "state=x",
    ],
)
def test_nonsense_in_an_address_is_read_as_if_it_were_not_there(query: str) -> None:
    state = listing.read_state(QueryDict(query), SPEC)

    assert (state.sort, state.page, state.chosen) == ("name", 1, {})


def test_an_address_says_sort_page_and_filter() -> None:
    state = listing.read_state(QueryDict("sort=-name&page=3&state=open&q=%20ha%00mn%20"), SPEC)

    assert (state.sort, state.page, state.chosen, state.search) == (
        "-name",
        3,
        {"state": "open"},
        "hamn",
    )


def test_changing_one_parameter_keeps_the_others() -> None:
    assert listing.address(QueryDict("state=open&page=4"), page=None, sort="-name") == (
        "?state=open&sort=-name"
    )


@pytest.mark.parametrize("text", ["=1+1", "+46", "-5", "@cmd", "\tx"])
def test_text_that_a_spreadsheet_would_run_is_neutralised(text: str) -> None:
    assert listing.cell(text) == f"'{text}"


def test_a_negative_number_stays_a_number() -> None:
    with translation.override("sv"):
        assert listing.cell(Decimal("-1234.50")) == "-1234,50"


def test_a_swedish_file_opens_in_a_swedish_spreadsheet() -> None:
    with translation.override("sv"):
        file = listing.csv_file("a.csv", ["Namn", "Summa"], [["Hamnen; 1", "1,5"]])

    assert file.content.decode() == '\ufeffNamn;Summa\r\n"Hamnen; 1";1,5\r\n'


def test_a_time_is_written_with_its_offset() -> None:
    assert listing.cell(datetime(2026, 7, 1, 12, tzinfo=UTC)).startswith("2026-07-01 12:00:00")
