"""price_session as an outsider drives it: the published cases, and whatever is hostile."""

import copy
import json
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from billing.management.commands import price_session
from billing.tariffs import writing
from tests.unit.billing.papers import NINE, component, element, period, session, tariff
from tests.unit.billing.price_scene import HOUR
from tests.vectors.tariffs import published

needs_vectors = pytest.mark.skipif(not published.FILES, reason=published.WHY_NOT)
CASES = [
    pytest.param(file, version, id=f"{file.stem}-{version}")
    for file in published.FILES
    for version in published.versions_of(published.load(file))
]
KEYS = (
    *("currency", "total_cost", "total_fixed_cost", "total_energy_cost", "total_time_cost"),
    *("total_parking_cost", "total_reservation_cost", "total_energy", "total_time"),
    *("total_parking_time", "lines", "warnings"),
)
LINE_KEYS = (
    *("dimension", "element", "component", "from", "to", "quantity", "billed_quantity", "unit"),
    *("price", "vat", "excl_vat", "incl_vat"),
)
PRICES = tariff(
    element(component("ENERGY", 2, 25), max_kwh=10), element(component("ENERGY", 4, 25))
)
HOURLY = tariff(element(component("TIME", 60), start_time="02:00", end_time="03:00"))
PRICED = "$.elements[0].price_components[0]"
FIRST = "$.charging_periods[0]"
VOLUME = f"{FIRST}.dimensions[0].volume"
HUGE = Decimal("1e61")
EARLIER = session(period(NINE, ENERGY=1), end=NINE - HOUR)
TOLD = session(period(NINE, ENERGY=20))


def _dump(value: Any) -> str:
    """Return JSON that keeps every digit of a decimal, as a person would have written it."""
    if isinstance(value, dict):
        pairs = (f"{json.dumps(key)}: {_dump(each)}" for key, each in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_dump, value)) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value)


def _run(folder: Path, capsys: Any, price_list: Any, told: Any) -> tuple[int, str, str]:
    """Return the exit code, stdout and stderr of the command; a text is written as it is."""
    argv = ["manage.py", "price_session"]
    for name, document in (("tariff", price_list), ("session", told)):
        path = folder / f"{name}.json"
        path.write_text(document if isinstance(document, str) else _dump(document))
        argv += [f"--{name}", str(path)]
    code = 0
    try:
        price_session.Command().run_from_argv(argv)
    except SystemExit as stop:
        code = int(stop.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


def _priced(folder: Path, capsys: Any, price_list: Any, told: Any) -> dict[str, Any]:
    code, out, error = _run(folder, capsys, price_list, told)
    assert (code, error) == (0, "")
    result: dict[str, Any] = json.loads(out)
    return result


@needs_vectors
@pytest.mark.parametrize(("file", "version"), CASES)
def test_the_command_prices_a_published_example(
    file: Path, version: str, tmp_path: Path, capsys: Any
) -> None:
    vector = published.load(file)

    told = _priced(tmp_path, capsys, vector[version], published.session_of(vector))

    is_unknown = published.is_tax_unknown(vector, version)
    excl, incl = (writing.decimal_text(published.exact(vector, side)) for side in ("excl", "incl"))
    assert told["total_cost"] == {"excl_vat": None if is_unknown else excl, "incl_vat": incl}
    assert tuple(told) == KEYS
    assert {tuple(line) for line in told["lines"]} <= {LINE_KEYS}
    assert sum(Fraction(line["incl_vat"]) for line in told["lines"]) == Fraction(incl)


def test_nothing_is_rounded_and_endless_decimals_end_at_twelve(
    tmp_path: Path, capsys: Any
) -> None:
    price_list = tariff(element(component("TIME", "0.1", "12.5", 0)))
    told = session(period(NINE, TIME=1, seconds=1), end=NINE + HOUR / 3600)

    result = _priced(tmp_path, capsys, price_list, told)

    assert result["lines"][0]["quantity"] == "0.000277777778"
    assert result["total_cost"] == {"excl_vat": "0.000027777778", "incl_vat": "0.00003125"}


@pytest.mark.parametrize(
    ("start", "hours"), [("2026-03-28T22:00:00Z", "0"), ("2026-10-24T22:00:00Z", "2")]
)
def test_both_nights_of_the_clock_change_are_priced_by_the_wall(
    start: str, hours: str, tmp_path: Path, capsys: Any
) -> None:
    night = session(period(NINE, TIME=6), zone="Europe/Stockholm") | {
        "start_date_time": start,
        "end_date_time": start.replace("8T22", "9T04").replace("4T22", "5T04"),
        "charging_periods": [{"start_date_time": start, "dimensions": []}],
    }

    told = _priced(tmp_path, capsys, HOURLY, night)

    assert told["total_cost"]["excl_vat"] == str(60 * int(hours))
    assert told["total_time"] == "6"


def test_a_session_without_length_costs_nothing(tmp_path: Path, capsys: Any) -> None:
    told = _priced(
        tmp_path,
        capsys,
        PRICES | {"min_price": {"excl_vat": 10}},
        session(period(NINE, ENERGY=0), end=NINE),
    )

    assert told["total_cost"] == {"excl_vat": "0", "incl_vat": "0"}
    assert told["lines"] == []


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (session(period(NINE, ENERGY=1, TIME="0.5")), "nothing is told of the time after it"),
        (session(period(NINE + HOUR / 2, ENERGY=1)), "nothing is told of the session's beginning"),
        (session(period(NINE, ENERGY=1, TIME=2)), "longer than the time it has"),
        (session(period(NINE - HOUR, ENERGY=1)), "starts outside the session, clipped"),
    ],
)
def test_gaps_and_overlaps_are_priced_as_told_and_said(
    told: Any, said: str, tmp_path: Path, capsys: Any
) -> None:
    result = _priced(tmp_path, capsys, PRICES, told)

    assert [warning for warning in result["warnings"] if said in warning]


def test_a_step_of_zero_is_priced_without_steps_and_said(tmp_path: Path, capsys: Any) -> None:
    price_list = tariff(element(component("ENERGY", 2, 25, 0)))

    told = _priced(tmp_path, capsys, price_list, TOLD)

    assert told["total_cost"]["excl_vat"] == "40"
    assert told["warnings"] == ["$.elements[0]: step_size is 0, nothing is rounded up"]


def test_of_overlapping_elements_the_first_holds(tmp_path: Path, capsys: Any) -> None:
    price_list = tariff(element(component("ENERGY", 2)), element(component("ENERGY", 9)))

    told = _priced(tmp_path, capsys, price_list, TOLD)

    assert [(line["element"], line["excl_vat"]) for line in told["lines"]] == [(0, "40")]


def _changed(document: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return copy.deepcopy(document) | changes


def _priced_at(**changes: Any) -> dict[str, Any]:
    return tariff(element(component("ENERGY", 2) | changes))


@pytest.mark.parametrize(
    ("price_list", "told", "where", "what"),
    [
        (_changed(PRICES, curency="SEK"), TOLD, "$.curency", "unknown key 'curency'"),
        (_priced_at(prise=1), TOLD, PRICED + ".prise", "unknown key"),
        (_priced_at(price=-1), TOLD, PRICED + ".price", "negative"),
        (_priced_at(step_size=-1), TOLD, PRICED + ".step_size", "negative"),
        (_priced_at(price=HUGE), TOLD, PRICED + ".price", "measure"),
        ('{"currency": "SEK", "elements": NaN}', TOLD, "$", "NaN is no JSON number"),
        (PRICES, '{"end_date_time": Infinity}', "$", "Infinity is no JSON number"),
        (PRICES, "[1, 2", "line 1 column 6", "no JSON"),
        (PRICES, "[]", "$", "a list where an object belongs"),
        (PRICES, session(period(NINE, ENERGY=-5)), VOLUME, "negative"),
        (PRICES, session(period(NINE, ENERGY=HUGE)), VOLUME, "measure"),
        (PRICES, session(period(NINE, ENERGY=5), end=NINE), FIRST, "energy in no time"),
        (PRICES, EARLIER, "$.end_date_time", "ends before it starts"),
        (PRICES, session(end=NINE + 24 * 400 * HOUR), "$.end_date_time", "more than 366 days"),
        (PRICES, _changed(TOLD, timezone="UTC"), "$.timezone", "unknown key 'timezone'"),
        (PRICES, _changed(TOLD, time_zone="Mars/Olympus"), "$.time_zone", "no time zone"),
    ],
)  # fmt: skip
def test_what_cannot_be_priced_is_refused_by_name_with_what_to_do(
    price_list: Any, told: Any, where: str, what: str, tmp_path: Path, capsys: Any
) -> None:
    code, out, error = _run(tmp_path, capsys, price_list, told)

    assert (code, out) == (2, "")
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert f".json {where}: " in error
    assert what in error
    assert error.rstrip().endswith(".")


def test_the_command_needs_no_store_and_starts_none(tmp_path: Path) -> None:
    paths = []
    for name, document in (("tariff", PRICES), ("session", TOLD)):
        paths += [f"--{name}", str(tmp_path / f"{name}.json")]
        (tmp_path / f"{name}.json").write_text(_dump(document))
    nowhere = {"DATABASE_URL": "postgres://127.0.0.1:1/no", "REDIS_URL": "redis://127.0.0.1:1/0"}

    done = subprocess.run(
        [sys.executable, "manage.py", "price_session", *paths],
        cwd=published.REPOSITORY,
        env=nowhere,
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout)["total_cost"] == {"excl_vat": "60", "incl_vat": "75"}
    assert done.stderr == ""
