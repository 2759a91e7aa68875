"""How figures are written, in both languages."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from chargenet.core import formats

AS_OF = datetime(2026, 11, 22, 9, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "amount", "currency", "written"),
    [
        ("sv", "1234.5", "SEK", "1\u202f234,50\u00a0kr"),
        ("sv", "-12", "EUR", "\u221212,00\u00a0EUR"),
        ("sv", "1234567", "ISK", "1\u202f234\u202f567\u00a0ISK"),
        ("en", "1234.5", "SEK", "SEK\u00a01,234.50"),
        ("en", "-12", "EUR", "\u2212EUR\u00a012.00"),
        ("sv", "0.005", "SEK", "0,01\u00a0kr"),
        ("sv", "-0.001", "SEK", "0,00\u00a0kr"),
    ],
)
def test_money_is_written_as_the_language_writes_it(
    language: str, amount: str, currency: str, written: str
) -> None:
    with translation.override(language):
        assert formats.money(Decimal(amount), currency) == written


@pytest.mark.parametrize(
    ("energy_wh", "written"),
    [
        (0, "0\u00a0Wh"),
        (999, "999\u00a0Wh"),
        (1000, "1,0\u00a0kWh"),
        (18_450, "18,5\u00a0kWh"),
        (9_999_999, "10\u202f000,0\u00a0kWh"),
        (12_345_678, "12,3\u00a0MWh"),
        (-640, "\u2212640\u00a0Wh"),
    ],
)
def test_energy_takes_the_unit_its_size_asks_for(energy_wh: int, written: str) -> None:
    with translation.override("sv"):
        assert formats.energy(energy_wh) == written


def test_power_is_whole_from_100_kw() -> None:
    with translation.override("sv"):
        assert formats.power(7_360) == "7,4\u00a0kW"
        assert formats.power(22_000) == "22\u00a0kW"
        assert formats.power(149_600) == "150\u00a0kW"


@pytest.mark.parametrize(
    ("length", "written"),
    [
        (timedelta(seconds=42), "42 s"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(minutes=134), "2 h 14 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(days=3, hours=4, minutes=5), "3 d 4 h"),
        (timedelta(0), "0 s"),
        (timedelta(seconds=-90), "\u22121 min"),
    ],
)
def test_a_length_of_time_has_its_two_largest_units(length: timedelta, written: str) -> None:
    with translation.override("en"):
        assert formats.duration(length).replace("\u00a0", " ") == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "just now"),
        (-5, "just now"),
        (12, "12 s ago"),
        (60, "1 min ago"),
        (3 * 3600 + 59 * 60, "3 h ago"),
        (86_400, "1 day ago"),
        (3 * 86_400, "3 days ago"),
    ],
)
def test_an_age_has_its_coarsest_unit(seconds: int, written: str) -> None:
    with translation.override("en"):
        aged = formats.age(AS_OF - timedelta(seconds=seconds), AS_OF)

    assert aged.replace("\u00a0", " ") == written


def test_a_change_against_nothing_cannot_be_said() -> None:
    assert formats.change(10, 0) == ""


def test_a_change_carries_its_sign() -> None:
    with translation.override("en"):
        assert formats.change(112, 100) == "+12%"
        assert formats.change(92, 100) == "\u22128%"
        assert formats.change(100, 100) == "0%"
