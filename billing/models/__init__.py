from billing.models.cdrs import Cdr, RatingHold
from billing.models.demo import DemoCharge, DemoEvent
from billing.models.invoices import Invoice, InvoiceLine, InvoiceSeries
from billing.models.payments import Payment, WebhookEvent
from billing.models.prices import Contract, Customer, Tariff, TariffAssignment

__all__ = [
    "Cdr",
    "Contract",
    "Customer",
    "DemoCharge",
    "DemoEvent",
    "Invoice",
    "InvoiceLine",
    "InvoiceSeries",
    "Payment",
    "RatingHold",
    "Tariff",
    "TariffAssignment",
    "WebhookEvent",
]
