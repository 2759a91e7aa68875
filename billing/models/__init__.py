from billing.models.cdrs import Cdr, RatingHold
from billing.models.customers import Contract, CostCentre, Customer, CustomerGroup
from billing.models.demo import DemoCharge, DemoEvent
from billing.models.gate import FairRule, GateSetting, SessionRuling
from billing.models.invoices import Invoice, InvoiceLine, InvoiceSeries
from billing.models.payments import Payment, WebhookEvent
from billing.models.prices import Tariff, TariffAssignment

__all__ = [
    "Cdr",
    "Contract",
    "CostCentre",
    "Customer",
    "CustomerGroup",
    "DemoCharge",
    "DemoEvent",
    "FairRule",
    "GateSetting",
    "Invoice",
    "InvoiceLine",
    "InvoiceSeries",
    "Payment",
    "RatingHold",
    "SessionRuling",
    "Tariff",
    "TariffAssignment",
    "WebhookEvent",
]
