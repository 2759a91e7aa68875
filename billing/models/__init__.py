from billing.models.cdrs import Cdr, RatingHold, TariffSnapshot
from billing.models.credits import CreditUse
from billing.models.customers import Contract, CostCentre, Customer, CustomerGroup
from billing.models.demo import DemoCharge, DemoEvent
from billing.models.drafts import TariffDraft
from billing.models.gate import FairRule, GateSetting, SessionRuling
from billing.models.invoices import Invoice, InvoiceLine, InvoiceSeries
from billing.models.keeping import (
    ArchivedDocument,
    BillingRun,
    Dispute,
    HeldOut,
    InvoicePolicy,
    Reminder,
)
from billing.models.payments import Payment, WebhookEvent
from billing.models.prices import Tariff, TariffAssignment
from billing.models.rechecks import PriceDifference, PriceRecheck
from billing.models.spot import SpotPrice

__all__ = [
    "ArchivedDocument",
    "BillingRun",
    "Cdr",
    "Contract",
    "CostCentre",
    "CreditUse",
    "Customer",
    "CustomerGroup",
    "DemoCharge",
    "DemoEvent",
    "Dispute",
    "FairRule",
    "GateSetting",
    "HeldOut",
    "Invoice",
    "InvoiceLine",
    "InvoicePolicy",
    "InvoiceSeries",
    "Payment",
    "PriceDifference",
    "PriceRecheck",
    "RatingHold",
    "Reminder",
    "SessionRuling",
    "SpotPrice",
    "Tariff",
    "TariffAssignment",
    "TariffDraft",
    "TariffSnapshot",
    "WebhookEvent",
]
