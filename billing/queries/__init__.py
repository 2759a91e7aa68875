from billing.queries.documents import (
    NO_TARIFF,
    Balance,
    Unbilled,
    Waiting,
    balance_of,
    invoice_totals,
    open_invoices,
    sessions_without_cdr,
    to_pay,
    unbilled_sessions,
    uninvoiced_cdrs,
    unrated_in,
)
from billing.queries.dues import Due, DueCdr, dues_of
from billing.queries.policies import policy_of
from billing.queries.prices import PriceBook, price_book
from billing.queries.running import price_texts, running_costs
from billing.queries.screens import driver_tariff, session_tariff, station_tariffs

__all__ = [
    "NO_TARIFF",
    "Balance",
    "Due",
    "DueCdr",
    "PriceBook",
    "Unbilled",
    "Waiting",
    "balance_of",
    "driver_tariff",
    "dues_of",
    "invoice_totals",
    "open_invoices",
    "policy_of",
    "price_book",
    "price_texts",
    "running_costs",
    "session_tariff",
    "sessions_without_cdr",
    "station_tariffs",
    "to_pay",
    "unbilled_sessions",
    "uninvoiced_cdrs",
    "unrated_in",
]
