"""The linter about elements together, about ad hoc prices, and about whatever it is given."""

import copy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.tariffs import lint, ocpi, reading
from billing.tariffs.lint import boxes
from tests.unit.billing.papers import component, element, tariff

ENERGY = component("ENERGY", 4, 25)
CHEAP = component("ENERGY", 2, 25)
PARKING = component("PARKING_TIME", 6, 25)
FEE = component("FLAT", 5, 25)
TIME = component("TIME", 60, 25)
SECOND = "$.elements[1].price_components[0]"
THIRD = "$.elements[2].price_components[0]"
LATE = element(CHEAP, start_time="22:15", end_time="06:00")
BY_NIGHT = element(PARKING, end_time="08:00")
KW_50 = 50_000
DAY = element(ENERGY, start_time="06:00", end_time="22:00")
MIDWEEK = "TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY"


def found(document: object, **options: Any) -> list[tuple[str, str, str]]:
    told = lint.lint_tariff(document, **options)
    return [(each.level.value, each.rule, each.path) for each in told]


def said(document: object, rule: str) -> str:
    return next(each.text for each in lint.lint_tariff(document) if each.rule == rule)


def test_an_element_behind_one_that_always_holds_is_an_error() -> None:
    document = tariff(element(ENERGY), element(CHEAP, start_time="22:00", end_time="06:00"))

    assert found(document) == [("error", "overlap", SECOND)]
    assert "element 0 always holds" in said(document, "overlap")


def test_only_the_component_that_is_hidden_is_told() -> None:
    document = tariff(element(ENERGY), element(FEE, CHEAP))

    assert found(document) == [("error", "overlap", "$.elements[1].price_components[1]")]


def test_what_several_elements_hide_together_is_an_error() -> None:
    document = tariff(
        element(ENERGY, start_time="06:00", end_time="22:00"),
        element(CHEAP, start_time="20:00", end_time="07:00"),
        element(component("ENERGY", 3, 25), day_of_week=["SUNDAY"]),
    )

    assert ("error", "unreachable", THIRD) in found(document)


def test_an_element_that_never_holds_hides_nothing() -> None:
    document = tariff(element(ENERGY, min_kwh=5, max_kwh=5), element(CHEAP))

    assert [rule for _, rule, _ in found(document)] == ["range_never"]


def test_narrow_before_wide_is_how_it_is_done() -> None:
    document = tariff(
        element(ENERGY, max_power=11), element(CHEAP, max_power=22), element(TIME, CHEAP)
    )

    assert found(document) == []


def test_a_reservation_and_a_session_do_not_compete() -> None:
    document = tariff(
        element(TIME, ENERGY),
        element(component("TIME", 1, 25), reservation="RESERVATION"),
        element(component("TIME", 2, 25), reservation="RESERVATION_EXPIRES"),
    )

    assert found(document) == []


def test_elements_that_cross_let_their_order_decide() -> None:
    weekend = element(CHEAP, day_of_week=["SATURDAY", "SUNDAY"])
    night = element(component("ENERGY", 3, 25), start_time="22:00", end_time="06:00")
    same = element(CHEAP, start_time="22:00", end_time="06:00")

    assert found(tariff(weekend, night, element(ENERGY))) == [("warning", "crossing", SECOND)]
    assert found(tariff(weekend, same, element(ENERGY))) == []


@pytest.mark.parametrize(
    ("elements", "when"),
    [
        ([DAY], "start_time 00:00, end_time 06:00"),
        ([element(ENERGY, day_of_week=["MONDAY", "SUNDAY"])], f"day_of_week {MIDWEEK}"),
        ([element(ENERGY, max_kwh=20)], "min_kwh 20"),
        ([element(ENERGY, min_power=11)], "max_power 11"),
        ([element(ENERGY, start_date="2026-06-01")], "end_date 2026-06-01"),
        ([element(ENERGY), BY_NIGHT], "start_time 08:00, end_time 00:00"),
        ([DAY, LATE], "start_time 22:00, end_time 22:15"),
    ],
)  # fmt: skip
def test_what_has_no_price_at_some_hour_is_said(elements: list[Any], when: str) -> None:
    text = said(tariff(*elements), "gap")

    assert f"has no price when {when}: it is free then" in text


def test_a_gap_outside_the_tariffs_own_time_is_none() -> None:
    document = tariff(
        element(ENERGY, start_date="2025-12-31", end_date="2027-01-03"),
        element(PARKING, min_duration=3600, max_duration=7200),
        start_date_time="2026-01-01T00:00:00Z",
        end_date_time="2027-01-01T00:00:00Z",
    )

    assert [rule for _, rule, _ in found(document)] == ["grace_period_parking_time"]


def test_elements_that_cross_in_too_many_ways_are_given_up_with_a_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crossing = [
        element(
            component("ENERGY", number, 25),
            min_kwh=number,
            max_kwh=90 - number,
            min_duration=20 - number,
            max_duration=900 + number,
            min_power=5,
        )
        for number in range(1, 9)
    ]
    monkeypatch.setattr(boxes, "MOST_VISITS", 12)

    assert ("warning", "too_many", "$.elements") in found(tariff(*crossing))


def test_more_elements_than_anybody_writes_are_given_up_with_a_word() -> None:
    many = [element(component("ENERGY", 1, 25), min_kwh=number) for number in range(301)]

    assert ("warning", "too_many", "$.elements") in found(tariff(*reversed(many)))
    assert found(tariff(*reversed(many[:200]))) == []


AD_HOC = tariff(element(ENERGY, PARKING), type="AD_HOC_PAYMENT")


@pytest.mark.parametrize(
    ("extra", "power_w", "expected"),
    [
        ([], KW_50, []),
        ([element(TIME)], None, [("warning", "afir_component_maybe", SECOND)]),
        ([element(TIME)], KW_50, [("error", "afir_component", SECOND)]),
        ([element(FEE)], KW_50, [("error", "afir_component", SECOND)]),
        ([element(FEE, min_power=50)], None, [("error", "afir_component", SECOND)]),
        ([element(FEE, max_power=50)], None, []),
        ([element(TIME)], 22_000, []),
        ([element(component("FLAT", 0, 25))], KW_50, []),
        ([element(TIME, reservation="RESERVATION")], KW_50, []),
    ],
)
def test_an_ad_hoc_price_from_50_kw_is_per_kwh(
    extra: list[Any], power_w: int | None, expected: list[Any]
) -> None:
    document = AD_HOC | {"elements": [*AD_HOC["elements"], *extra]}

    assert [each for each in found(document, power_w=power_w) if "afir" in each[1]] == expected


def test_a_price_for_everybody_is_an_ad_hoc_price_too_where_the_place_is_known() -> None:
    document = tariff(element(TIME))

    rules = [rule for _, rule, _ in found(document, power_w=KW_50)]
    assert rules == ["afir_component", "afir_energy"]
    assert found(document) == found(document | {"type": "REGULAR"}, power_w=KW_50) == []


def test_ad_hoc_prices_stand_in_the_order_they_are_shown_in() -> None:
    document = tariff(element(FEE, PARKING, ENERGY), type="AD_HOC_PAYMENT")

    told = found(document, power_w=22_000)

    where = "$.elements[0].price_components"
    assert told == [("warning", "afir_order", f"{where}[{place}]") for place in (1, 2)]


ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        "",
        "x",
        "22:00",
        "MONDAY",
        -1,
        0,
        5,
        Decimal("1e70"),
        Decimal("NaN"),
        [],
        {},
        [5],
    ]
)
PLACES = st.sampled_from(
    [
        *[(key,) for key in (*ocpi.TARIFF_KEYS, "typo")],
        *[("elements", 0, key) for key in ("price_components", "restrictions", "restriction")],
        *[("elements", 0, "restrictions", key) for key in (*ocpi.RESTRICTION_READERS, "typo")],
        *[("elements", 0, "price_components", 0, key) for key in (*ocpi.COMPONENT_KEYS, "tax")],
        ("min_price", "excl_vat"),
    ]
)


@given(st.lists(st.tuples(PLACES, ODD), max_size=4))
def test_the_linter_finds_an_error_wherever_the_reader_refuses(changes: list[Any]) -> None:
    night = element(ENERGY, PARKING, min_kwh=1, end_time="22:00")
    document = copy.deepcopy(tariff(night, element(CHEAP), min_price={"excl_vat": 1}))
    for path, value in changes:
        _put(document, path, copy.deepcopy(value))

    levels = [each.level for each in lint.lint_tariff(document)]

    try:
        ocpi.parse_tariff(document)
    except reading.Refused:
        assert lint.Level.ERROR in levels


def _put(document: Any, path: tuple[Any, ...], value: Any) -> None:
    *steps, last = path
    for step in steps:
        if not isinstance(document, dict | list) or (isinstance(step, int) and not document):
            return
        if isinstance(document, dict) and step not in document:
            return
        document = document[step]
    if isinstance(document, dict):
        document[last] = value
