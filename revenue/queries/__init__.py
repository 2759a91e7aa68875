"""Reading the books: what is not booked yet, what was earned where, what accounts hold."""

from revenue.queries.balances import Balance, account_balances, trial_balance
from revenue.queries.earnings import Dimension, Revenue, revenue_by
from revenue.queries.unposted import (
    cdrs_to_post,
    cdrs_without_entry,
    has_entry,
    invoices_to_post,
    invoices_without_entry,
    payments_to_post,
    payments_without_entry,
    refunds_to_post,
    refunds_without_entry,
)

__all__ = [
    "Balance",
    "Dimension",
    "Revenue",
    "account_balances",
    "cdrs_to_post",
    "cdrs_without_entry",
    "has_entry",
    "invoices_to_post",
    "invoices_without_entry",
    "payments_to_post",
    "payments_without_entry",
    "refunds_to_post",
    "refunds_without_entry",
    "revenue_by",
    "trial_balance",
]
