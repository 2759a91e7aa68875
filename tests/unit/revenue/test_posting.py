"""The posting rules: balanced, exact, and back to zero."""

from collections import defaultdict
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revenue.posting import lines
from revenue.posting.cdr import CdrFacts, postings_for_cdr
from revenue.posting.invoice import InvoiceFacts, InvoiceLineFacts, postings_for_invoice
from revenue.posting.lines import DoesNotAddUp, Line, RatePart, Tags
from revenue.posting.payment import PaymentFacts, postings_for_payment

D = Decimal
TAGS = Tags(customer_id=1, session_id=2, location_id=3, station_id=4, connector_id=5, cable_id=6)
RATES = [D("25"), D("25.000"), D("12"), D("6"), D("0"), D("12.5")]


def of(*parts: tuple[str, str], tags: Tags = TAGS) -> CdrFacts:
    rates = tuple(RatePart(D(rate), D(net)) for rate, net in parts)
    return CdrFacts(sum((part.amount for part in rates), D(0)), rates, tags)


def short(made: tuple[Line, ...]) -> list[tuple[str, str]]:
    return [(line.purpose, str(line.amount)) for line in made]


def balance(made: tuple[Line, ...], purpose: str) -> Decimal:
    return sum((line.amount for line in made if line.purpose == purpose), D(0))


def test_a_session_is_earned_under_its_own_tags() -> None:
    made = postings_for_cdr(of(("25", "80.00")))

    assert short(made) == [("accrued_income", "80.00"), ("sales_25", "-80.00")]
    assert {line.tags for line in made} == {TAGS}


def test_every_rate_has_its_own_sales_account() -> None:
    made = postings_for_cdr(of(("25.000", "80.00"), ("0", "5.00"), ("12.50", "1.00"), ("6", "0")))

    assert short(made) == [
        ("accrued_income", "86.00"),
        ("sales_25", "-80.00"),
        ("sales_0", "-5.00"),
        ("sales_12.5", "-1.00"),
    ]


def test_a_free_session_makes_no_lines() -> None:
    assert postings_for_cdr(of(("25", "0.00"))) == ()
    assert postings_for_cdr(of()) == ()


def test_a_cdr_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(DoesNotAddUp, match="total 81"):
        postings_for_cdr(CdrFacts(D("81"), (RatePart(D(25), D("80")),), TAGS))


def test_an_invoice_turns_what_was_accrued_into_a_receivable_and_vat() -> None:
    invoice = InvoiceFacts(
        total_incl_vat=D("112.50"),
        vat_parts=(RatePart(D("25"), D("22.50")),),
        lines=(
            InvoiceLineFacts(D("25.000"), D("80.00"), 7, TAGS),
            InvoiceLineFacts(D("25.000"), D("10.00"), None, Tags(customer_id=1)),
        ),
        cdrs={7: of(("25", "80.00"))},
        tags=Tags(customer_id=1),
    )

    made = postings_for_invoice(invoice)

    assert short(made) == [
        ("receivables", "112.50"),
        ("vat_out_25", "-22.50"),
        ("accrued_income", "-80.00"),
        ("sales_25", "-10.00"),
    ]
    assert made[2].tags == TAGS


def test_an_ore_that_vat_rounding_moved_goes_to_the_sessions_sales() -> None:
    # Three sessions of 0.99 gross: 0.79 + 0.20 each, but 2.97 gross is 2.38 + 0.59.
    cdrs = {n: of(("25", "0.79"), tags=Tags(session_id=n)) for n in (1, 2, 3)}
    nets = {1: "0.80", 2: "0.79", 3: "0.79"}
    invoice = InvoiceFacts(
        total_incl_vat=D("2.97"),
        vat_parts=(RatePart(D("25"), D("0.59")),),
        lines=tuple(InvoiceLineFacts(D("25"), D(net), n, TAGS) for n, net in nets.items()),
        cdrs=cdrs,
        tags=Tags(customer_id=1),
    )

    made = postings_for_invoice(invoice)

    assert balance(made, "accrued_income") == D("-2.37")
    [moved] = [line for line in made if line.purpose == "sales_25"]
    assert moved == Line("sales_25", D("-0.01"), Tags(session_id=1))


def test_a_session_of_two_rates_is_taken_from_accrued_income_once() -> None:
    invoice = InvoiceFacts(
        total_incl_vat=D("105.00"),
        vat_parts=(RatePart(D("25"), D("20.00")), RatePart(D("0"), D("0.00"))),
        lines=(
            InvoiceLineFacts(D("25"), D("80.00"), 7, TAGS),
            InvoiceLineFacts(D("0"), D("5.00"), 7, TAGS),
        ),
        cdrs={7: of(("25", "80.00"), ("0", "5.00"))},
        tags=Tags(customer_id=1),
    )

    assert short(postings_for_invoice(invoice)) == [
        ("receivables", "105.00"),
        ("vat_out_25", "-20.00"),
        ("accrued_income", "-85.00"),
    ]


def test_a_total_rounded_to_whole_kronor_has_a_rounding_line() -> None:
    line = InvoiceLineFacts(D("25"), D("80.10"), None, TAGS)
    invoice = InvoiceFacts(D("100.00"), (RatePart(D("25"), D("20.03")),), (line,), {}, TAGS)

    assert ("rounding", "0.13") in short(postings_for_invoice(invoice))


def test_an_invoice_far_from_its_lines_is_refused() -> None:
    line = InvoiceLineFacts(D("25"), D("80.00"), None, TAGS)
    with pytest.raises(DoesNotAddUp, match=r"off by 10\.00"):
        postings_for_invoice(
            InvoiceFacts(D("110.00"), (RatePart(D("25"), D("20.00")),), (line,), {}, TAGS)
        )


def test_a_payment_moves_the_debt_from_the_customer_to_the_provider() -> None:
    made = postings_for_payment(PaymentFacts(D("100.00"), is_advance=False, tags=TAGS))
    advance = postings_for_payment(PaymentFacts(D("50.00"), is_advance=True, tags=TAGS))

    assert short(made) == [("psp_clearing", "100.00"), ("receivables", "-100.00")]
    assert short(advance) == [("psp_clearing", "50.00"), ("customer_advances", "-50.00")]


ORE = st.integers(min_value=0, max_value=10_000_000).map(lambda ore: D(ore).scaleb(-2))
PARTS = st.lists(st.tuples(st.sampled_from(RATES), ORE), max_size=4)


@given(PARTS)
def test_a_cdr_always_balances_and_accrues_what_it_earned(parts: list[tuple[D, D]]) -> None:
    total = sum((net for _, net in parts), D(0))
    made = postings_for_cdr(CdrFacts(total, tuple(RatePart(*part) for part in parts), TAGS))

    assert sum(line.amount for line in made) == 0
    assert balance(made, lines.ACCRUED_INCOME) == total
    assert all(line.amount for line in made)
    assert len(made) != 1


@given(
    st.lists(PARTS.filter(bool), min_size=1, max_size=5),
    st.lists(st.integers(min_value=-3, max_value=3), min_size=20, max_size=20),
    ORE,
    st.integers(min_value=-50, max_value=50),
)
def test_after_its_invoice_nothing_of_a_session_is_accrued(
    sessions: list[list[tuple[D, D]]], shifts: list[int], vat: D, rounding_ore: int
) -> None:
    cdrs, invoiced = {}, []
    left = iter(shifts)
    for n, parts in enumerate(sessions):
        tags = Tags(session_id=n, station_id=n % 2)
        total = sum((net for _, net in parts), D(0))
        cdrs[n] = CdrFacts(total, tuple(RatePart(*part) for part in parts), tags)
        for rate, net in parts:
            moved = net + D(next(left)).scaleb(-2)
            invoiced.append(InvoiceLineFacts(rate, moved, n, TAGS))
    net = sum((line.excl_vat for line in invoiced), D(0))
    total = net + vat + D(rounding_ore).scaleb(-2)
    invoice = InvoiceFacts(total, (RatePart(D("25"), vat),), tuple(invoiced), cdrs, Tags())

    made = postings_for_invoice(invoice)

    assert sum(line.amount for line in made) == 0
    assert all(line.amount for line in made)
    assert len(made) != 1
    accrued: dict[int | None, Decimal] = defaultdict(Decimal)
    sold: dict[str, Decimal] = defaultdict(Decimal)
    for line in (*made, *(line for cdr in cdrs.values() for line in postings_for_cdr(cdr))):
        if line.purpose == lines.ACCRUED_INCOME:
            accrued[line.tags.session_id] += line.amount
        if line.purpose.startswith(lines.SALES):
            sold[line.purpose] -= line.amount
    assert set(accrued.values()) <= {D(0)}
    asked: dict[str, Decimal] = defaultdict(Decimal)
    for asked_line in invoiced:
        asked[lines.sales(asked_line.rate)] += asked_line.excl_vat
    assert {k: v for k, v in sold.items() if v} == {k: v for k, v in asked.items() if v}
