"""Tones can be read: WCAG 2.2 contrast computed from the stylesheet itself."""

import re
from pathlib import Path

import pytest

CSS = (
    Path(__file__).parents[3] / "chargenet" / "static" / "chargenet" / "chargenet.css"
).read_text(encoding="utf-8")
SOFT = {"light": 0.09, "dark": 0.15}
TONES = ("ok", "active", "info", "wait", "held", "muted", "bad")
Rgb = tuple[float, float, float]


def _tokens(theme: str) -> dict[str, Rgb]:
    start = CSS.index(f'[data-bs-theme="{theme}"]')
    block = CSS[start : CSS.index("}", start)]
    return {
        name: (int(value[:2], 16) / 255, int(value[2:4], 16) / 255, int(value[4:], 16) / 255)
        for name, value in re.findall(r"--cn-([a-z0-9-]+): #([0-9a-f]{6});", block)
    }


def _luminance(color: Rgb) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: Rgb, other: Rgb) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _mix(tone: Rgb, ground: Rgb, share: float) -> Rgb:
    red, green, blue = (
        part * share + under * (1 - share) for part, under in zip(tone, ground, strict=True)
    )
    return red, green, blue


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("tone", TONES)
def test_a_mark_can_be_read_on_its_soft_ground(theme: str, tone: str) -> None:
    tokens = _tokens(theme)
    ground = _mix(tokens[tone], tokens["surface"], SOFT[theme])

    assert _contrast(tokens[tone], ground) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ink", ["ink", "ink-2", "ink-3", "accent", "bad"])
@pytest.mark.parametrize("ground", ["surface", "canvas", "sunken"])
def test_text_can_be_read_on_every_ground(theme: str, ink: str, ground: str) -> None:
    tokens = _tokens(theme)

    assert _contrast(tokens[ink], tokens[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_field_can_be_seen_against_its_ground(theme: str) -> None:
    tokens = _tokens(theme)

    assert _contrast(tokens["field-line"], tokens["surface"]) >= 3


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("fill", ["accent-fill", "critical", "off"])
def test_text_on_a_solid_ground_can_be_read(theme: str, fill: str) -> None:
    assert _contrast((1, 1, 1), _tokens(theme)[fill]) >= 4.5
