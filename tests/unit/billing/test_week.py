"""A painted week becomes a tariff, and a tariff a painted week, without losing anything."""

from dataclasses import replace
from datetime import datetime, time
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from billing.tariffs import own_document, shown, trial
from billing.tariffs.lint import Level as Severity
from billing.tariffs.lint import lint_tariff
from billing.tariffs.native.model import NativeTariff
from billing.tariffs.native.reading import parse_native
from billing.tariffs.ocpi_document import Identity
from billing.tariffs.shown import Kind
from billing.tariffs.trial import Wish
from billing.tariffs.week.model import Level, SpotPart, Unpaintable, WeekForm, painted
from billing.tariffs.week.reading import read_week
from billing.tariffs.week.typed import Problems, read_typed, typed_of
from billing.tariffs.week.writing import write_week

STOCKHOLM = ZoneInfo("Europe/Stockholm")
ME = Identity("SE", "NOR", "WEEK", "2026-11-22T12:00:00Z")
PLAIN = ("A" * 24,) * 7
BARE = Level(None)
NO_TEXTS = (("sv", ""), ("en", ""))
NIGHT = painted(PLAIN, "B", days=frozenset(range(7)), start=22, end=6)
WEEKEND = painted(NIGHT, "C", days=frozenset({5, 6}), start=0, end=24)


def form(week: tuple[str, ...] = WEEKEND, **more: object) -> WeekForm:
    levels = (Level(Fraction(5)), Level(Fraction(3)), Level(Fraction(4)))
    values: dict[str, object] = {"currency": "SEK", "vat": Fraction(25), "levels": levels}
    return WeekForm(week=week, **(values | more))  # type: ignore[arg-type]


def native(of: WeekForm) -> NativeTariff:
    text = own_document.write_text(write_week(of, ME).document)
    return own_document.read_text(text)[1]


def cost(tariff: NativeTariff, at: str, kwh: int = 30, idle_min: int = 0) -> Fraction | None:
    start = datetime.fromisoformat(at).replace(tzinfo=STOCKHOLM)
    wish = Wish(
        started_at=start,
        zone=STOCKHOLM,
        energy_wh=kwh * 1000,
        power_w=60_000,
        idle_s=idle_min * 60,
    )
    return trial.price_wish(wish, tariff).total.incl


@pytest.mark.parametrize(
    ("at", "per_kwh"),
    [
        ("2026-11-23T12:00", 5),
        ("2026-11-23T23:00", 3),
        ("2026-11-24T05:00", 3),
        ("2026-11-28T23:00", 4),
        ("2026-11-29T12:00", 4),
    ],
)
def test_each_hour_costs_what_its_level_says(at: str, per_kwh: int) -> None:
    assert cost(native(form()), at) == 30 * per_kwh


def test_a_painted_week_comes_back_as_it_was_painted() -> None:
    whole = form(
        start_fee=Fraction(10),
        idle_per_minute=Fraction(1),
        idle_grace_min=15,
        idle_cap=Fraction(200),
        least=Fraction(20),
        most=Fraction(900),
    )
    back = read_week(native(whole))

    assert typed_of(back) == typed_of(whole) | {
        key: value for key, value in typed_of(back).items() if key.startswith("text_")
    }
    assert read_week(native(back)) == back


@pytest.mark.parametrize(
    "more",
    [
        {"spot": SpotPart(Fraction("0.35"), Fraction("0.6"), Fraction(0)), "levels": (BARE,)},
        {"spot": SpotPart(Fraction(0), Fraction(0), None), "levels": (Level(None, Fraction(1)),)},
        {"idle_per_minute": Fraction(2), "idle_start": time(7), "idle_end": time(22, 30)},
        {"idle_per_minute": Fraction(2), "is_idle_by_minute": True},
        {"most_per_day": Fraction(800), "is_tax_included": False},
    ],
)
def test_what_stands_beside_the_week_comes_back_too(more: dict[str, object]) -> None:
    whole = form(PLAIN, **({"levels": (Level(Fraction(5)),)} | more))
    back = read_week(native(whole))

    assert back == whole
    assert read_typed(typed_of(back)) == replace(whole, texts=back.texts or NO_TEXTS)


def test_begun_minutes_go_with_nothing_that_ocpi_cannot_say() -> None:
    typed = typed_of(form(idle_per_minute=Fraction(1))) | {
        "idle_step": "minute",
        "idle_grace": "5",
    }
    with pytest.raises(Problems) as caught:
        read_typed(typed)
    assert set(caught.value.by_field) == {"idle_step"}


@pytest.mark.parametrize(
    "limit", [{"before_taxes": 100}, {"before_taxes": 100, "after_taxes": 112}]
)
def test_a_limit_the_form_would_change_is_not_shown(limit: dict[str, int]) -> None:
    priced = [{"type": "ENERGY", "price": 3, "vat": 25, "step_size": 1}]
    told = {"currency": "SEK", "tax_included": "YES", "elements": [{"price_components": priced}]}
    with pytest.raises(Unpaintable):
        read_week(parse_native({"tariff": told | {"max_price": limit}}))


def test_what_is_painted_passes_the_linter() -> None:
    document = own_document.parse_text(
        own_document.write_text(write_week(form(start_fee=Fraction(5)), ME).document)
    )
    assert isinstance(document, dict)
    assert [each for each in lint_tariff(document["tariff"]) if each.level is Severity.ERROR] == []


def test_standing_has_its_grace_and_its_cap() -> None:
    tariff = native(
        form(PLAIN, idle_per_minute=Fraction(2), idle_grace_min=15, idle_cap=Fraction(50))
    )
    assert cost(tariff, "2026-11-23T12:00", kwh=1, idle_min=15) == 5
    assert cost(tariff, "2026-11-23T12:00", kwh=1, idle_min=20) == 15
    assert cost(tariff, "2026-11-23T12:00", kwh=1, idle_min=600) == 55


def test_a_level_without_a_price_per_minute_is_free_of_it_and_takes_no_others() -> None:
    levels = (Level(Fraction(5), Fraction(1)), Level(Fraction(3)))
    tariff = native(form(NIGHT, levels=levels))

    assert cost(tariff, "2026-11-23T12:00") == 30 * 5 + 30
    assert cost(tariff, "2026-11-23T23:00") == 30 * 3


@pytest.mark.parametrize(
    "rules",
    [{"max_kwh": 10}, {"start_time": "22:30"}, {"start_date": "2026-01-01"}, {"min_power": 50}],
)
def test_what_the_week_cannot_show_is_not_shown_half(rules: dict[str, object]) -> None:
    priced = [{"type": "ENERGY", "price": 3, "vat": 25, "step_size": 1}]
    elements = [{"price_components": priced, "restrictions": rules}, {"price_components": priced}]

    with pytest.raises(Unpaintable):
        read_week(parse_native({"tariff": {"currency": "SEK", "elements": elements}}))


def test_each_field_has_its_own_problem() -> None:
    typed = typed_of(form()) | {"level_B": "cheap", "vat": "-1", "idle_grace": "1.5", "day_0": "A"}

    with pytest.raises(Problems) as caught:
        read_typed(typed)
    assert set(caught.value.by_field) == {"level_B", "vat", "idle_grace", "week"}


def test_a_level_that_is_painted_needs_a_price() -> None:
    with pytest.raises(Problems) as caught:
        read_typed(typed_of(form()) | {"level_C": ""})
    assert set(caught.value.by_field) == {"level_C"}


def test_a_driver_reads_per_kwh_then_per_minute_then_per_session_then_the_rest() -> None:
    tariff = native(
        form(
            NIGHT,
            levels=(Level(Fraction(5), Fraction(1, 2)), Level(Fraction(3), Fraction(1, 4))),
            start_fee=Fraction(10),
            idle_per_minute=Fraction(1),
            most=Fraction(900),
        )
    )
    noon = datetime(2026, 11, 23, 12, tzinfo=STOCKHOLM)
    found = shown.shown_prices(tariff, local=noon)

    assert [(each.kind, each.incl, each.is_now) for each in found] == [
        (Kind.PER_KWH, 5, True),
        (Kind.PER_KWH, 3, False),
        (Kind.PER_MINUTE, Fraction(1, 2), True),
        (Kind.PER_MINUTE, Fraction(1, 4), False),
        (Kind.IDLE_MINUTE, 1, True),
        (Kind.PER_SESSION, 10, True),
        (Kind.MOST, 900, True),
    ]


def test_a_price_without_tax_is_shown_with_it() -> None:
    tariff = native(form(PLAIN, is_tax_included=False))
    found = shown.shown_prices(tariff, local=datetime(2026, 11, 23, 12, tzinfo=STOCKHOLM))

    assert [each.incl for each in found] == [Fraction("6.25")]
