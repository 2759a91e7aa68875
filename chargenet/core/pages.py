"""One way to answer for a list: a page, the polled rows of it, or a file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar

from django.db import models
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from chargenet.core import listing
from chargenet.core.listing import ListPage, Spec

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Look:
    """How a list page reads: its title, one row, and what it says when it is empty."""

    title: str
    row_template: str
    empty_title: str
    empty_text: str = ""
    intro: str = ""
    is_live: bool = False
    template: str = "parts/list_page.html"
    # Where a button beside the title leads, and what it says; nothing for no button.
    action_href: str = ""
    action_label: str = ""


def is_fragment(request: HttpRequest) -> bool:
    """Say whether the page in the browser asks for its live part only."""
    return request.headers.get("HX-Request") == "true"


def answer_list(
    request: HttpRequest,
    *,
    rows: models.QuerySet[M],
    spec: Spec,
    describe: Callable[[Sequence[M]], list[Any]],
    look: Look,
    more: Mapping[str, object] | None = None,
    finish: Callable[[ListPage], ListPage] | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponseBase:
    """Answer with the list as the address asks for it; `more` is what the page shows beside it.

    `finish` has the last word on the page's figures, where rows are not what is paged.
    """
    if listing.read_state(request.GET, spec).is_csv:
        return listing.csv_response(rows, request=request, spec=spec, describe=describe)
    page = listing.take_page(rows, query=request.GET, spec=spec, describe=describe)
    page = finish(page) if finish else page
    template = "parts/list_rows.html" if is_fragment(request) else look.template
    return render(request, template, {**(more or {}), "page": page, "look": look}, status=status)
