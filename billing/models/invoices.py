from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from billing.models.cdrs import Cdr
from billing.models.customers import Customer
from chargenet.core import access, money
from chargenet.core.models import Operator
from stations.models import Cable, Connector, Session, Station


class InvoiceSeries(models.Model):
    """The counter of one gapless number series; moved only in the issuing transaction."""

    SEEN_BY: ClassVar = access.MONEY_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    prefix = models.CharField(max_length=12, default="", blank=True)
    last_number = models.BigIntegerField(default=0)

    objects = access.TenantQuerySet["InvoiceSeries"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operator", "prefix"], name="billing_series_prefix")
        ]

    def __str__(self) -> str:
        return f"{self.prefix}{self.last_number}"


class Invoice(models.Model):
    """An issued invoice: numbered, frozen; what is paid is the payments' business."""

    SEEN_BY: ClassVar = access.NETWORK_ROLES
    PERSON_LOOKUP: ClassVar = "customer__user_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="invoices")
    series = models.ForeignKey(InvoiceSeries, on_delete=models.PROTECT, related_name="+")
    number = models.BigIntegerField()
    # What the customer reads: prefix and number.
    label = models.CharField(max_length=32)
    # What an address may show: no counting through other people's invoices.
    public_id = models.UUIDField(unique=True)
    ocr_reference = models.CharField(max_length=25)
    period_start = models.DateField()
    period_end = models.DateField()
    issue_date = models.DateField()
    due_date = models.DateField()
    issued_at = models.DateTimeField()
    total_excl_vat = money.money_field()
    vat_amount = money.money_field()
    total_incl_vat = money.money_field()
    vat_breakdown = models.JSONField()
    seller = models.JSONField()
    buyer = models.JSONField()

    objects = access.TenantQuerySet["Invoice"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "number"], name="billing_invoice_number"),
            models.CheckConstraint(
                condition=Q(total_incl_vat=F("total_excl_vat") + F("vat_amount")),
                name="billing_invoice_adds_up",
            ),
            # What came late goes with the next month: two runs at once make one invoice.
            models.UniqueConstraint(
                fields=["customer", "period_start", "period_end", "currency"],
                name="billing_invoice_once_per_period",
            ),
            models.CheckConstraint(
                condition=Q(period_end__gt=F("period_start")), name="billing_invoice_period"
            ),
        ]
        indexes = [
            models.Index(fields=["operator", "-issued_at"], name="billing_invoice_recent"),
            models.Index(fields=["customer", "-issued_at"], name="billing_invoice_customer"),
        ]

    def __str__(self) -> str:
        return self.label


class InvoiceLine(models.Model):
    """One line of an invoice, tagged with what earned it."""

    SEEN_BY: ClassVar = access.NETWORK_ROLES
    PERSON_LOOKUP: ClassVar = "invoice__customer__user_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    cdr = models.ForeignKey(Cdr, on_delete=models.PROTECT, null=True, related_name="invoice_lines")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, null=True, related_name="+")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, null=True, related_name="+")
    connector = models.ForeignKey(Connector, on_delete=models.PROTECT, null=True, related_name="+")
    cable = models.ForeignKey(Cable, on_delete=models.PROTECT, null=True, related_name="+")
    description = models.CharField(max_length=255)
    quantity = models.DecimalField(max_digits=14, decimal_places=6)
    unit = models.CharField(max_length=8)
    vat_rate = models.DecimalField(max_digits=6, decimal_places=3)
    amount_excl_vat = money.money_field()
    vat_amount = money.money_field()
    amount_incl_vat = money.money_field()

    objects = access.TenantQuerySet["InvoiceLine"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cdr", "vat_rate"],
                condition=Q(cdr__isnull=False),
                name="billing_line_once_per_cdr",
            ),
            models.UniqueConstraint(fields=["invoice", "position"], name="billing_line_position"),
            models.CheckConstraint(
                condition=Q(amount_incl_vat=F("amount_excl_vat") + F("vat_amount")),
                name="billing_line_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id}/{self.position}"
