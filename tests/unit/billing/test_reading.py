import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from billing.tariffs import cdr, ocpi, reading, writing
from billing.tariffs.model import PriceLimit
from tests.unit.billing.papers import NINE, component, element, period, priced, session, tariff

ENERGY = component("ENERGY", 1)


def _with(path: str, value: Any) -> dict[str, Any]:
    """Return a whole tariff with one value put somewhere."""
    made = tariff(element(dict(ENERGY), start_time="07:00"))
    *way, last = path.split(".")
    place: Any = made
    for step in way:
        place = place[int(step)] if step.isdigit() else place[step]
    place[last] = value
    return made


COMPONENT = "elements.0.price_components.0"
RULES = "elements.0.restrictions"
AT, IN = "$.elements[0].price_components[0]", "$.elements[0].restrictions"
PERIOD = "$.charging_periods[0]"


@pytest.mark.parametrize(
    ("path", "value", "where", "what"),
    [
        ("currencyy", 1, "$.currencyy", "unknown key 'currencyy'"),
        (
            *("energy_mix", {"energy_sources": [{"sorce": "WIND"}]}),
            *("$.energy_mix.energy_sources[0].sorce", "unknown key 'sorce'"),
        ),
        (
            *("energy_mix", {"environ_impact": {}}),
            *("$.energy_mix.environ_impact", "an object where a list belongs"),
        ),
        (
            *("tariff_alt_text", [{"language": "sv", "text": 5}]),
            *("$.tariff_alt_text[0].text", "a number where a text belongs"),
        ),
        ("currency", "sek", "$.currency", "no currency"),
        ("currency", 5, "$.currency", "a number where a text belongs"),
        ("currency", None, "$", "'currency' is missing"),
        ("elements", [], "$.elements", "an empty list"),
        ("elements", {}, "$.elements", "an object where a list belongs"),
        ("elements", [7], "$.elements[0]", "a number where an object belongs"),
        ("elements", [None], "$.elements[0]", "null where an object belongs"),
        ("elements.0.price_components", [], "$.elements[0].price_components", "an empty list"),
        (f"{COMPONENT}.pric", 1, f"{AT}.pric", "unknown key"),
        (f"{COMPONENT}.type", "KWH", f"{AT}.type", "'KWH'"),
        (f"{COMPONENT}.price", "1", f"{AT}.price", "a text where"),
        (f"{COMPONENT}.price", True, f"{AT}.price", "true or false"),
        (f"{COMPONENT}.price", Decimal("1e99"), f"{AT}.price", "measure"),
        (f"{COMPONENT}.vat", -1, f"{AT}.vat", "negative"),
        (f"{COMPONENT}.step_size", Decimal("0.5"), f"{AT}.step_size", "decimals"),
        (f"{COMPONENT}.step_size", None, f"{AT}", "'step_size'"),
        (f"{RULES}.dayOfWeek", [], f"{IN}.dayOfWeek", "unknown"),
        (f"{RULES}.day_of_week", ["MON"], f"{IN}.day_of_week[0]", "'MON'"),
        (f"{RULES}.start_time", "24:00", f"{IN}.start_time", "time of day"),
        (f"{RULES}.start_date", "2026-02-30", f"{IN}.start_date", "no date"),
        (f"{RULES}.start_date", "20260230", f"{IN}.start_date", "no date"),
        (f"{RULES}.reservation", "X", f"{IN}.reservation", "'X'"),
        ("start_date_time", "2026-01-01", "$.start_date_time", "no instant"),
        ("start_date_time", "2026-13-01T00:00:00Z", "$.start_date_time", "no instant"),
        ("start_date_time", "0001-01-01T00:00:00+10:00", "$.start_date_time", "year"),
        ("min_price", {"excl_vat": 1, "after_taxes": 2}, "$.min_price.excl_vat", "unknown key"),
        ("min_price", {"excl_vat": 2, "incl_vat": 1}, "$.min_price", "below"),
        ("type", "CHEAP", "$.type", "'CHEAP'"),
        ("tax_included", "MAYBE", "$.tax_included", "'MAYBE'"),
        ("tariff_alt_text", [{"lang": "sv"}], "$.tariff_alt_text[0].lang", "unknown key"),
        ("energy_mix", {"green": True}, "$.energy_mix.green", "unknown key"),
        ("preauthorize_amount", -5, "$.preauthorize_amount", "negative"),
        ("id", 5, "$.id", "a number where a text belongs"),
    ],
)
def test_what_a_tariff_must_not_say_is_refused_by_path(
    path: str, value: Any, where: str, what: str
) -> None:
    with pytest.raises(reading.Refused) as refusal:
        ocpi.parse_tariff(_with(path, value))

    assert refusal.value.where == where
    assert what in refusal.value.what
    assert refusal.value.advice.endswith(".")


def test_a_minimum_above_the_maximum_is_refused() -> None:
    limits = {"min_price": {"excl_vat": 5}, "max_price": {"excl_vat": 4}}

    with pytest.raises(reading.Refused, match="above max_price"):
        ocpi.parse_tariff(tariff(element(ENERGY), **limits))


def test_a_whole_tariff_of_2_3_0_is_read() -> None:
    read = ocpi.parse_tariff(
        tariff(
            element(ENERGY, component("ENERGY", 2)),
            element(ENERGY) | {"restrictions": {}},
            element(ENERGY) | {"restrictions": None},
            type="REGULAR",
            tax_included="NO",
            tariff_alt_text=[{"language": "sv", "text": "hej"}],
            energy_mix={"is_green_energy": True},
            preauthorize_amount=Decimal(200),
            min_price={"before_taxes": 1, "after_taxes": 2},
            start_date_time="2026-01-01T00:00:00",
        )
    )

    assert read.warnings == ("$.elements[0]: a type is priced twice, the first one holds",)
    assert read.min_price == PriceLimit(Fraction(1), Fraction(2))
    assert read.restrictions == ()


def _only(**volumes: Any) -> dict[str, Any]:
    return {"charging_periods": [period(NINE, **volumes)]}


TWICE = {"charging_periods": [period(NINE) | {"dimensions": [{"type": "TIME", "volume": 1}] * 2}]}


def _told(**changes: Any) -> dict[str, Any]:
    return session(period(NINE, ENERGY=1)) | changes


@pytest.mark.parametrize(
    ("changes", "where", "what"),
    [
        ({"zone": "UTC"}, "$.zone", "unknown key"),
        ({"time_zone": "Europe/Lund"}, "$.time_zone", "no time zone"),
        ({"time_zone": "../etc"}, "$.time_zone", "no time zone"),
        ({"time_zone": "Europe"}, "$.time_zone", "no time zone"),
        ({"end_date_time": "2026-11-02T08:00:00Z"}, "$.end_date_time", "ends before"),
        ({"reservation_outcome": "LOST"}, "$.reservation_outcome", "'LOST'"),
        (_only(HEAT=1), f"{PERIOD}.dimensions[0].type", "'HEAT'"),
        (_only(ENERGY=-1), f"{PERIOD}.dimensions[0].volume", "negative"),
        (_only(seconds=-1), f"{PERIOD}.duration_seconds", "negative"),
        (_only(TIME=1, RESERVATION_TIME=1), f"{PERIOD}.dimensions", "one period"),
        (TWICE, f"{PERIOD}.dimensions[1].type", "twice"),
    ],
)
def test_what_a_session_must_not_say_is_refused_by_path(
    changes: dict[str, Any], where: str, what: str
) -> None:
    with pytest.raises(reading.Refused) as refusal:
        cdr.parse_session(_told(**changes))

    assert refusal.value.where == where
    assert what in refusal.value.what


def test_what_a_period_tells_besides_is_read_and_unused() -> None:
    facts = cdr.parse_session(
        session(period(NINE, ENERGY=1, STATE_OF_CHARGE=50, POWER=-3, MIN_CURRENT=6))
    )

    assert facts.energy_wh == 1000


def test_a_period_is_as_long_as_it_says_or_until_the_next() -> None:
    hourly = cdr.parse_session(
        session(
            period(NINE, ENERGY=1),
            period(NINE.replace(minute=20), TIME="0.1"),
            period(NINE.replace(minute=40), TIME=0, seconds=600),
            period(NINE.replace(minute=50), TIME="0.1", PARKING_TIME="0.05", seconds=600),
        )
    )

    assert [(each.charging_s, each.parking_s) for each in hourly.periods] == [
        (1200, 0),
        (360, 0),
        (600, 0),
        (400, 200),
    ]
    assert hourly.periods[1].ended_at == NINE.replace(minute=26)


def test_periods_out_of_order_or_outside_are_put_right_and_said() -> None:
    facts = cdr.parse_session(
        session(
            period(NINE.replace(minute=30), ENERGY=1),
            period(NINE.replace(hour=8), ENERGY=1),
            period(NINE.replace(hour=12), ENERGY=1),
        )
    )

    assert [each.started_at.hour for each in facts.periods] == [9, 9, 10]
    assert len(facts.notes) == 2


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{", "no JSON"),
        ('{"a": 1, "a": 2}', "given twice"),
        ('{"a": NaN}', "NaN is no JSON number"),
        ('{"a": 1e99999999999999999999}', "beyond all measure"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_only_strict_json_is_read(text: str, what: str) -> None:
    with pytest.raises(reading.Refused, match=what):
        reading.parse_json(text)


def test_numbers_are_read_as_decimals() -> None:
    assert reading.parse_json('{"a": 0.1, "b": 2}') == {"a": Decimal("0.1"), "b": Decimal(2)}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(0), "0"),
        (Fraction(-5, 4), "-1.25"),
        (Fraction(1, 3), "0.333333333333"),
        (Fraction(2, 3), "0.666666666667"),
        (Fraction(-2, 3), "-0.666666666667"),
        (Fraction(1, 10**20), "0." + "0" * 19 + "1"),
        (Fraction(10**30), "1" + "0" * 30),
        (Fraction(1, 3 * 10**13), "0"),
    ],
)
def test_a_number_is_written_in_full_or_with_twelve_decimals(value: Fraction, text: str) -> None:
    assert writing.decimal_text(value) == text


def test_a_priced_session_is_plain_json() -> None:
    price_list = tariff(element(ENERGY), tax_included="YES")

    told = json.loads(json.dumps(writing.priced_session(priced(price_list, _told()))))

    assert told["total_cost"] == {"excl_vat": None, "incl_vat": "1"}
    assert told["lines"][0]["from"] == "2026-11-02T09:00:00Z"
    assert told["lines"][0]["vat"] is None
