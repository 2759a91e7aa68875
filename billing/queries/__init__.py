from billing.queries.credits import credit_of, credits_of
from billing.queries.documents import (
    NO_TARIFF,
    Balance,
    Unbilled,
    Waiting,
    balance_of,
    invoice_totals,
    is_month_due,
    open_invoices,
    sessions_without_cdr,
    to_pay,
    unbilled_sessions,
    uninvoiced_cdrs,
    unrated_in,
)
from billing.queries.dues import Due, DueCdr, due_of_cdr, dues_of
from billing.queries.handed import hand_out
from billing.queries.lateness import claims_of
from billing.queries.policies import policy_of
from billing.queries.prices import Choice, PriceBook, price_book
from billing.queries.running import price_texts, running_costs
from billing.queries.screens import driver_tariff, session_tariff, station_tariffs
from billing.queries.snapshots import basis_of, billed_amount, snapshots_of

__all__ = [
    "NO_TARIFF",
    "Balance",
    "Choice",
    "Due",
    "DueCdr",
    "PriceBook",
    "Unbilled",
    "Waiting",
    "balance_of",
    "basis_of",
    "billed_amount",
    "claims_of",
    "credit_of",
    "credits_of",
    "driver_tariff",
    "due_of_cdr",
    "dues_of",
    "hand_out",
    "invoice_totals",
    "is_month_due",
    "open_invoices",
    "policy_of",
    "price_book",
    "price_texts",
    "running_costs",
    "session_tariff",
    "sessions_without_cdr",
    "snapshots_of",
    "station_tariffs",
    "to_pay",
    "unbilled_sessions",
    "uninvoiced_cdrs",
    "unrated_in",
]
