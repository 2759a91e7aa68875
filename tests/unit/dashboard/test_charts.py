"""Figures are built as plain dicts, for speed; the chart library itself judges them here."""

from decimal import Decimal

import plotly.graph_objects as go
import pytest

from chargenet.dashboard.parts import Chart, Series


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("bar", {}),
        ("bar", {"is_horizontal": True}),
        ("bar", {"is_stacked": True}),
        ("line", {"is_time": True}),
    ],
)
def test_the_chart_library_takes_every_figure_we_build(
    kind: str, options: dict[str, bool]
) -> None:
    chart = Chart(
        name="revenue",
        title="Revenue",
        labels=["2026-11-01", "2026-11-02"],
        series=[Series("This month", [Decimal("12.50"), None], kind)],
        unit="SEK",
        label_head="Day",
        **options,
    )

    figure = go.Figure(chart.figure)

    assert len(figure.data) == 1
    assert chart.rows == [("2026-11-01", [Decimal("12.5")]), ("2026-11-02", [None])]


def test_the_chart_library_refuses_a_figure_it_does_not_know() -> None:
    with pytest.raises(ValueError, match="Invalid"):
        go.Figure({"data": [{"type": "bar", "x": [1], "wings": 2}]})


def test_what_others_wrote_is_words_in_a_chart_and_in_its_table() -> None:
    """S29: the library would read a tag of a label as one."""
    hostile = '<a href="javascript:alert(1)">x</a>&amp;'
    chart = Chart(
        name="sites",
        title="Sites",
        labels=[hostile],
        series=[Series(hostile, [1])],
        unit="kWh",
        label_head="Site",
        is_horizontal=True,
    )

    (trace,) = chart.figure["data"]

    assert trace["y"] == ['&lt;a href="javascript:alert(1)"&gt;x&lt;/a&gt;&amp;amp;']
    assert "<" not in trace["name"]
    assert chart.rows[0][0] == hostile, "the table is escaped by its template"
