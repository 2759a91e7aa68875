from billing.queries.documents import (
    NO_TARIFF,
    Balance,
    Unbilled,
    Waiting,
    balance_of,
    invoice_totals,
    open_invoices,
    sessions_without_cdr,
    unbilled_sessions,
    uninvoiced_cdrs,
    unrated_in,
)
from billing.queries.dues import Due, DueCdr, dues_of
from billing.queries.prices import PriceBook, price_book
from billing.queries.running import price_texts, running_costs

__all__ = [
    "NO_TARIFF",
    "Balance",
    "Due",
    "DueCdr",
    "PriceBook",
    "Unbilled",
    "Waiting",
    "balance_of",
    "dues_of",
    "invoice_totals",
    "open_invoices",
    "price_book",
    "price_texts",
    "running_costs",
    "sessions_without_cdr",
    "unbilled_sessions",
    "uninvoiced_cdrs",
    "unrated_in",
]
