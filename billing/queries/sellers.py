"""Who sells, as documents say it."""

from typing import Any

from billing.models import InvoicePolicy
from chargenet.core.models import Operator

SELLER_KEYS = (
    *("legal_name", "org_number", "vat_number", "street", "postal_code", "city"),
    *("country", "bankgiro", "email", "phone"),
)
# What an operator's policy says on paper.
POLICY_KEYS = ("has_f_skatt", "swish_number", "takes_interest", "takes_reminder_fee")


def seller_of(operator: Operator, policy: InvoicePolicy) -> dict[str, Any]:
    """Return who sells, as a document keeps it whatever changes later."""
    said = {key: getattr(operator, key) for key in SELLER_KEYS}
    return said | {key: getattr(policy, key) for key in POLICY_KEYS}
