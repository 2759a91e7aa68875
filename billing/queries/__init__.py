from billing.queries.documents import (
    Balance,
    Unbilled,
    balance_of,
    invoice_totals,
    open_invoices,
    sessions_without_cdr,
    uninvoiced_cdrs,
)
from billing.queries.prices import PriceBook, price_book

__all__ = [
    "Balance",
    "PriceBook",
    "Unbilled",
    "balance_of",
    "invoice_totals",
    "open_invoices",
    "price_book",
    "sessions_without_cdr",
    "uninvoiced_cdrs",
]
