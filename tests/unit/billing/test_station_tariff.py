"""A tariff in OCPP 2.1's words: said to the last digit, or refused by name."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from billing.tariffs import model, ocpi, reading, station
from billing.tariffs.station import Unsayable

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
Row = dict[str, Any]


def priced(kind: str, price: Any, vat: Any = 25, step: int = 1) -> Row:
    return {"type": kind, "price": price, "step_size": step, "vat": vat}


def element(*components: Row, **restrictions: Any) -> Row:
    return {"price_components": list(components), "restrictions": restrictions}


def parsed(document: Row) -> model.Tariff:
    return ocpi.parse_tariff(reading.parse_json(json.dumps(document)))


def said(*elements: Row, **extra: Any) -> Row:
    tariff = parsed({"currency": "SEK", "elements": list(elements), **extra})
    found: Row = json.loads(station.say_tariff(tariff, scope="x", as_of=NOW).text)
    return found


def test_energy_time_idling_and_a_fee_are_each_said_where_they_belong() -> None:
    found = said(
        element(
            priced("ENERGY", 4.25),
            priced("TIME", 30),
            priced("PARKING_TIME", 60, vat=12),
            priced("FLAT", 5),
        )
    )

    vat = [{"type": "VAT", "tax": 25}]
    assert found.pop("tariffId")
    assert found == {
        "currency": "SEK",
        "energy": {"prices": [{"priceKwh": 4.25}], "taxRates": vat},
        "chargingTime": {"prices": [{"priceMinute": 0.5}], "taxRates": vat},
        "idleTime": {"prices": [{"priceMinute": 1}], "taxRates": [{"type": "VAT", "tax": 12}]},
        "fixedFee": {"prices": [{"priceFixed": 5}], "taxRates": vat},
    }


def test_prices_that_hold_the_tax_are_said_without_it() -> None:
    found = said(element(priced("ENERGY", 5)), tax_included="YES")

    assert found["energy"]["prices"] == [{"priceKwh": 4}]


def test_where_no_tax_applies_no_tax_is_said() -> None:
    assert "taxRates" not in said(element(priced("ENERGY", 5)), tax_included="N/A")["energy"]


def test_every_condition_has_its_word() -> None:
    found = said(
        element(
            priced("ENERGY", 4),
            start_time="22:00",
            end_time="06:00",
            start_date="2026-01-01",
            end_date="2027-01-01",
            day_of_week=["SATURDAY", "MONDAY"],
            min_kwh=1,
            max_kwh=20,
            min_power=3.7,
            max_power=11,
            min_current=6,
            max_current=48,
            min_duration=60,
            max_duration=3600,
        )
    )

    assert found["energy"]["prices"][0]["conditions"] == {
        "startTimeOfDay": "22:00",
        "endTimeOfDay": "06:00",
        "validFromDate": "2026-01-01",
        "validToDate": "2027-01-01",
        "dayOfWeek": ["Monday", "Saturday"],
        "minEnergy": 1000,
        "maxEnergy": 20000,
        "minPower": 3700,
        "maxPower": 11000,
        "minCurrent": 6,
        "maxCurrent": 48,
        "minTime": 60,
        "maxTime": 3600,
    }


@pytest.mark.parametrize(
    ("restrictions", "rest"),
    [
        (
            {"start_time": "22:00", "end_time": "06:00"},
            {"startTimeOfDay": "06:00", "endTimeOfDay": "22:00"},
        ),
        ({"max_kwh": 10}, {"minEnergy": 10000}),
        ({"min_duration": 3600}, {"maxTime": 3600}),
        ({"day_of_week": ["SUNDAY"]}, {"dayOfWeek": list(station.DAYS[:6])}),
    ],
)
def test_what_is_left_to_the_last_price_is_said(restrictions: Row, rest: Row) -> None:
    found = said(element(priced("ENERGY", 2), **restrictions), element(priced("ENERGY", 4)))

    assert found["energy"]["prices"][1] == {"priceKwh": 4, "conditions": rest}


def test_a_fee_for_a_long_stay_is_said_with_its_limit() -> None:
    found = said(
        element(priced("ENERGY", 4)), element(priced("PARKING_TIME", 12), min_duration=1800)
    )

    assert found["idleTime"]["prices"] == [{"priceMinute": 0.2, "conditions": {"minTime": 1800}}]


def test_limits_of_the_price_are_said_with_and_without_tax() -> None:
    found = said(element(priced("ENERGY", 4)), max_price={"excl_vat": 100, "incl_vat": 125})

    assert found["maxCost"] == {"exclTax": 100, "inclTax": 125}


@pytest.mark.parametrize(
    ("elements", "extra", "why"),
    [
        ([element(priced("TIME", 10))], {}, "finite decimal"),
        ([element(priced("ENERGY", 5, step=1000))], {}, "steps"),
        ([element(priced("ENERGY", 5)), element(priced("ENERGY", 6))], {}, "same time"),
        (
            [
                element(priced("ENERGY", 5), max_kwh=5),
                element(priced("ENERGY", 6), start_time="08:00"),
            ],
            {},
            "same time",
        ),
        (
            [
                element(priced("ENERGY", 5), max_kwh=5),
                element(priced("ENERGY", 6, vat=12), min_kwh=5),
            ],
            {},
            "tax rates",
        ),
        ([element(priced("FLAT", 5), min_kwh=5)], {}, "measured"),
        ([element(priced("FLAT", 5), reservation="RESERVATION")], {}, "reservation"),
        (
            [element(priced("ENERGY", 5), start_time="08:00", end_time="08:00")],
            {},
            "begin when they end",
        ),
        ([element(priced("ENERGY", 5))], {"min_price": {"excl_vat": 1}}, "limit"),
        ([element(priced("ENERGY", 5))], {"end_date_time": "2027-01-01T00:00:00Z"}, "end"),
        ([element(priced("ENERGY", 5))], {"start_date_time": "2027-01-01T00:00:00Z"}, "begun"),
    ],
)
def test_what_has_no_exact_words_is_refused_by_name(
    elements: list[Row], extra: Row, why: str
) -> None:
    with pytest.raises(Unsayable, match=why):
        said(*elements, **extra)


def test_an_id_stands_for_one_content_at_one_place() -> None:
    one = parsed({"currency": "SEK", "elements": [element(priced("ENERGY", 4))]})
    other = parsed({"currency": "SEK", "elements": [element(priced("ENERGY", 5))]})

    ids = {
        station.say_tariff(tariff, scope=scope, as_of=NOW).tariff_id
        for tariff in (one, other)
        for scope in ("driver", "default 1", "default 2")
    }
    again = station.say_tariff(one, scope="driver", as_of=NOW)
    assert len(ids) == 6
    assert again.tariff_id in ids
