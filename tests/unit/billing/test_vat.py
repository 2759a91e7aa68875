from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.vat import document, ocr, parts
from billing.vat.document import Item
from billing.vat.months import Month
from billing.vat.parts import Basis

minor = st.integers(-100_000, 1_000_000)
exact = st.fractions(-1000, 100_000, max_denominator=997)
rates = st.sampled_from([Fraction(0), Fraction(6), Fraction(12), Fraction(25)])
bases = st.sampled_from(Basis)


@pytest.mark.parametrize(
    ("value", "rounded"),
    [("1/2", 1), ("-1/2", -1), ("3/2", 2), ("49/100", 0), ("-51/100", -1), ("7", 7)],
)
def test_halves_go_away_from_zero(value: str, rounded: int) -> None:
    assert parts.half_up(Fraction(value)) == rounded


@given(st.lists(exact, max_size=30))
def test_shares_sum_to_the_total_and_stay_within_one_of_what_is_exact(
    shares: list[Fraction],
) -> None:
    total = parts.half_up(sum(shares, Fraction(0)))

    found = parts.share_out(total, shares)

    assert sum(found) == total
    assert all(abs(got - share) < 1 for got, share in zip(found, shares, strict=True))


@given(st.dictionaries(rates, exact, min_size=1), bases)
def test_a_price_is_rounded_once_and_its_parts_add_up(
    amounts: dict[Fraction, Fraction], basis: Basis
) -> None:
    found = parts.parts_of(amounts, basis)

    agreed = [part.incl if basis is Basis.GROSS else part.excl for part in found]
    assert sum(agreed) == parts.half_up(sum(amounts.values(), Fraction(0)))
    for part, amount in zip(found, agreed, strict=True):
        assert abs(part.vat - parts.tax_of(Fraction(amount), part.rate, basis)) <= Fraction(1, 2)


@given(st.lists(st.tuples(rates, minor), min_size=1, max_size=40), bases)
def test_the_lines_of_a_document_sum_to_it_and_repeat_what_was_agreed(
    owed: list[tuple[Fraction, int]], basis: Basis
) -> None:
    items = [Item(place, rate, amount) for place, (rate, amount) in enumerate(owed)]

    made = document.compose(items, basis)

    assert [item for item, _ in made.lines] == items
    for item, part in made.lines:
        assert (part.incl if basis is Basis.GROSS else part.excl) == item.agreed
    assert made.excl == sum(part.excl for _, part in made.lines)
    assert made.vat == sum(part.vat for _, part in made.lines)
    assert made.incl == made.excl + made.vat
    for rate in made.rates:
        base = rate.incl if basis is Basis.GROSS else rate.excl
        assert rate.vat == parts.half_up(parts.tax_of(Fraction(base), rate.rate, basis))


@given(st.text("0123456789", min_size=1, max_size=23))
def test_a_reference_is_whole_and_any_single_slip_shows(digits: str) -> None:
    reference = ocr.ocr_reference(digits)

    assert ocr.is_ocr_reference(reference)
    for place, digit in enumerate(reference):
        slipped = f"{reference[:place]}{(int(digit) + 1) % 10}{reference[place + 1 :]}"
        assert not ocr.is_ocr_reference(slipped)


def test_a_published_reference_is_made() -> None:
    assert ocr.ocr_reference("2026000123") == "202600012324"


@pytest.mark.parametrize("text", ["", "12", "20260001232x", "٢٠٢٦", "1" * 26])
def test_what_is_no_reference_is_told(text: str) -> None:
    assert not ocr.is_ocr_reference(text)


def test_months_know_their_days_and_neighbours() -> None:
    december = Month.parse("2026-12")

    assert (december.start, december.end) == (date(2026, 12, 1), date(2027, 1, 1))
    assert Month.of(december.end).previous == december
    assert str(december.previous) == "2026-11"


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "november", "2026-11-01", "26-1111"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Month.parse(text)


def test_tax_is_in_a_gross_and_on_a_net() -> None:
    assert parts.tax_of(Fraction(125), Fraction(25), Basis.GROSS) == 25
    assert parts.tax_of(Fraction(100), Fraction(25), Basis.NET) == 25
