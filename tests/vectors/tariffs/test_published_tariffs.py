"""Published OCPI examples, priced exactly. Spec errors are judged by their corrected figures."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from billing.tariffs import cdr, lint, ocpi, price, reading
from billing.tariffs.bill import LineKind, PricedSession
from tests.vectors.tariffs import published

needs_vectors = pytest.mark.skipif(not published.FILES, reason=published.WHY_NOT)


def _priced(vector: dict[str, Any], version: str) -> PricedSession:
    facts = cdr.parse_session(published.session_of(vector))
    return price.price_session(facts, ocpi.parse_tariff(vector[version]))


CASES = [
    pytest.param(file, version, id=f"{file.stem}-{version}")
    for file in published.FILES
    for version in published.versions_of(published.load(file))
]


@needs_vectors
@pytest.mark.parametrize(("file", "version"), CASES)
def test_a_published_example_costs_what_it_says(file: Path, version: str) -> None:
    vector = published.load(file)
    total = _priced(vector, version).total

    tax_unknown = published.is_tax_unknown(vector, version)
    assert total.excl == (None if tax_unknown else published.exact(vector, "excl"))
    assert total.incl == published.exact(vector, "incl")
    for side, text in (vector.get("corrected_expected") or vector["expected"]).items():
        found = {"total_cost_excl_vat": total.excl, "total_cost_incl_vat": total.incl}.get(side)
        if found is not None and text is not None:
            places = len(text.partition(".")[2])
            assert abs(found - Fraction(text)) <= Fraction(1, 2 * 10**places)


@needs_vectors
@pytest.mark.parametrize(("file", "version"), CASES)
def test_a_published_example_bills_the_quantities_it_says(file: Path, version: str) -> None:
    vector = published.load(file)
    expected = vector["expected"]
    priced = _priced(vector, version)

    billed = dict.fromkeys(LineKind, Fraction(0))
    for line in priced.lines:
        billed[line.kind] += line.billed_quantity

    kinds = {
        "energy_kwh": (LineKind.ENERGY, 1),
        "charging_seconds": (LineKind.TIME, 3600),
        "parking_seconds": (LineKind.PARKING_TIME, 3600),
        "parking_seconds_priced": (LineKind.PARKING_TIME, 3600),
        "reservation_seconds": (LineKind.RESERVATION_TIME, 3600),
    }
    for name, quantity in (expected.get("billed") or {}).items():
        kind, factor = kinds[name]
        assert billed[kind] * factor == Fraction(quantity), name
    if "total_energy" in expected:
        assert priced.energy_wh == Fraction(expected["total_energy"]) * 1000
        assert priced.total_s == Fraction(expected["total_time"]) * 3600
    if "total_parking_time" in expected:
        assert priced.parking_s == Fraction(expected["total_parking_time"]) * 3600


@needs_vectors
@pytest.mark.parametrize("file", published.LINTS, ids=lambda file: file.stem)
def test_a_tariff_without_its_country_is_priced_and_named(file: Path) -> None:
    tariff = ocpi.parse_tariff(published.load(file)["tariff"])

    assert any("country_code" in warning for warning in tariff.warnings)


def test_a_misspelled_key_is_refused_by_name_and_path() -> None:
    element = {
        "price_components": [{"type": "ENERGY", "price": 1, "step_size": 1}],
        "restriction": {"end_time": "21:00"},
    }

    with pytest.raises(reading.Refused) as refusal:
        ocpi.parse_tariff({"currency": "EUR", "elements": [element]})

    assert refusal.value.where == "$.elements[0].restriction"
    assert "'restriction'" in refusal.value.what


@needs_vectors
@pytest.mark.parametrize("file", published.LINTS, ids=lambda file: file.stem)
def test_the_linter_warns_of_what_a_published_lint_case_expects(file: Path) -> None:
    vector = published.load(file)

    found = lint.lint_tariff(vector["tariff"])

    told = {f"{each.path}: {each.rule}" for each in found}
    assert set(vector["expected_warnings"]) <= told
    assert {each.level for each in found} == {lint.Level.WARNING}


@needs_vectors
@pytest.mark.parametrize(("file", "version"), CASES)
def test_a_published_tariff_has_no_error(file: Path, version: str) -> None:
    found = lint.lint_tariff(published.load(file)[version])

    assert [each.row for each in found if each.level is lint.Level.ERROR] == []
