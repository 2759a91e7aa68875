"""How an operator invoices; who never said it does as the defaults do."""

from billing.models import InvoicePolicy


def policy_of(operator_id: int) -> InvoicePolicy:
    """Return an operator's rows of policy, or an unsaved one with the defaults."""
    found = InvoicePolicy.objects.filter(operator_id=operator_id).first()
    return found or InvoicePolicy(operator_id=operator_id)
