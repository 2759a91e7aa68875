"""What pages hand to the parts in templates/parts: tiles, charts, maps, empty states."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from html import escape
from typing import Any

from django.utils.functional import Promise

from chargenet.dashboard import vocabulary

Text = str | Promise


@dataclass(frozen=True)
class Tile:
    """One figure that opens the rows behind it."""

    label: Text
    value: str
    href: str
    icon: str
    note: Text = ""
    delta: str = ""
    # What the movement means, not which way it points: better, worse or nothing.
    meaning: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Fact:
    """One row of a key-value block."""

    label: Text
    value: Any
    is_number: bool = False
    href: str = ""


@dataclass(frozen=True)
class Message:
    """An empty, stale, error or no-permission state: what happened, and what to do."""

    kind: str
    title: Text
    text: Text = ""
    action_label: Text = ""
    action_href: str = ""


@dataclass(frozen=True)
class Series:
    """One row of figures in a chart."""

    name: str
    values: Sequence[Decimal | int | float | None]  # None: not known yet, drawn as nothing
    kind: str = "bar"  # bar or line


@dataclass(frozen=True)
class Chart:
    """A chart and the table that says the same."""

    name: str
    title: Text
    labels: Sequence[str]
    series: Sequence[Series]
    unit: str
    label_head: Text
    digits: int = 0
    is_time: bool = False
    is_horizontal: bool = False
    is_stacked: bool = False
    is_tall: bool = False

    @property
    def json_id(self) -> str:
        """Where the page keeps the figure."""
        return f"chart-{self.name}"

    @property
    def figure(self) -> dict[str, Any]:
        """The figure as the plot library reads it; colours come from the page's theme."""
        return {"data": [self._trace(series) for series in self.series], "layout": self._layout()}

    @property
    def rows(self) -> list[tuple[str, list[Decimal | None]]]:
        """The same figures as table rows."""
        columns = [
            [None if value is None else Decimal(str(value)) for value in series.values]
            for series in self.series
        ]
        return [
            (label, [column[index] for column in columns])
            for index, label in enumerate(self.labels)
        ]

    def _trace(self, series: Series) -> dict[str, Any]:
        values = [None if value is None else float(value) for value in series.values]
        # the plot library reads tags in its texts: what a station calls itself is no tag
        labels = [escape(label, quote=False) for label in self.labels]
        trace: dict[str, Any] = {"name": escape(series.name, quote=False)}
        if series.kind == "line":
            trace |= {"type": "scatter", "mode": "lines", "x": labels, "y": values}
        elif self.is_horizontal:
            trace |= {"type": "bar", "orientation": "h", "x": values, "y": labels}
        else:
            trace |= {"type": "bar", "x": labels, "y": values}
        figure = f",.{self.digits}f"
        template = "%{x" if self.is_horizontal and series.kind == "bar" else "%{y"
        trace["hovertemplate"] = f"{template}:{figure}}} {self.unit}"
        return trace

    def _layout(self) -> dict[str, Any]:
        value_axis: dict[str, Any] = {"ticksuffix": "", "rangemode": "tozero"}
        label_axis: dict[str, Any] = {"type": "date" if self.is_time else "category"}
        if self.is_horizontal:
            label_axis["autorange"] = "reversed"
            return {"xaxis": value_axis, "yaxis": label_axis, "barmode": self._barmode()}
        return {"xaxis": label_axis, "yaxis": value_axis, "barmode": self._barmode()}

    def _barmode(self) -> str:
        return "stack" if self.is_stacked else "group"


@dataclass(frozen=True)
class Pin:
    """One dot on the map: a site with the worst state of what stands there."""

    name: str
    latitude: float
    longitude: float
    state: str
    note: str
    href: str


@dataclass(frozen=True)
class SiteMap:
    """A map and the table that says the same."""

    name: str
    title: Text
    pins: Sequence[Pin] = field(default_factory=list)
    live_href: str = ""

    @property
    def json_id(self) -> str:
        """Where the page keeps the pins."""
        return f"map-{self.name}"


def drawn_pins(site_map: SiteMap) -> list[dict[str, Any]]:
    """Return the pins as map.js draws them."""
    pins = []
    for pin in site_map.pins:
        shown = vocabulary.find_mark("connector", pin.state)
        pins.append(
            {
                "name": pin.name,
                "at": [pin.latitude, pin.longitude],
                "icon": shown.icon,
                "tone": shown.tone,
                "word": str(shown.word),
                "note": pin.note,
                "href": pin.href,
            }
        )
    return pins
