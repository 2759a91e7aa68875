"""How a price line is written for the one who pays it."""

from django.utils import translation

from billing.queries import price_words

LINE = {
    "dimension": "ENERGY",
    "from": "2026-11-20T07:16:00Z",
    "to": "2026-11-20T07:36:00Z",
    "quantity": "16.78",
    "billed_quantity": "16.78",
    "unit": "kWh",
    "price": "3.12",
    "vat": "25",
    "excl_vat": "52.3536",
    "incl_vat": "65.442",
}


def test_quantity_times_price_is_what_the_driver_pays() -> None:
    with translation.override("sv"):
        line = price_words.price_line(LINE, "SEK")

    assert (line.quantity, line.price) == ("16,78 kWh", "3,90\u00a0kr/kWh")
    assert line.vat_rate == "25\u00a0%"


def test_a_price_of_four_decimals_keeps_them() -> None:
    with translation.override("sv"):
        line = price_words.price_line({**LINE, "incl_vat": "20.7552498"}, "SEK")

    assert line.price == "1,2369\u00a0kr/kWh"


def test_a_start_fee_is_one_session() -> None:
    fee = {
        **LINE,
        "dimension": "FLAT",
        "unit": "session",
        "billed_quantity": "1",
        "incl_vat": "5",
    }

    with translation.override("sv"):
        line = price_words.price_line(fee, "SEK")

    assert (line.what, line.quantity, line.price) == (
        "Startavgift",
        "1 laddning",
        "5,00\u00a0kr/laddning",
    )
