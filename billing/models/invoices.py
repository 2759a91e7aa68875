from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

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
    """An issued invoice or credit note: numbered, frozen; what is paid is the payments' business.

    The amounts of a credit note are negative: sums over both kinds are what was sold.
    """

    SEEN_BY: ClassVar = access.NETWORK_ROLES
    PERSON_LOOKUP: ClassVar = "customer__user_id"

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("Invoice")
        CREDIT_NOTE = "credit_note", _("Credit note")
        # For a session paid on the spot: what the law calls a simplified invoice.
        RECEIPT = "receipt", _("Receipt")
        # Interest on what was paid late, and fees of reminders; no tax, no e-invoice.
        INTEREST = "interest", _("Interest invoice")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="invoices")
    series = models.ForeignKey(InvoiceSeries, on_delete=models.PROTECT, related_name="+")
    number = models.BigIntegerField()
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.INVOICE)
    # The invoice a credit note refers to, and why it was written.
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="corrections"
    )
    reason = models.CharField(max_length=255, blank=True)
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
    # What the sum to pay is rounded by, to whole kronor; no part of the totals nor of their tax.
    rounding = models.DecimalField(max_digits=4, decimal_places=2, default=Decimal(0))
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
                condition=Q(kind="invoice"),
                name="billing_invoice_once_per_period",
            ),
            models.CheckConstraint(
                condition=Q(kind="credit_note", corrects__isnull=False, total_incl_vat__lte=0)
                | (~Q(kind="credit_note") & Q(corrects__isnull=True, total_incl_vat__gte=0)),
                name="billing_credit_note_refers",
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

    @property
    def is_to_company(self) -> bool:
        """Return whether its prices were agreed without VAT: to everybody but a consumer."""
        return bool(self.buyer.get("kind", Customer.Kind.CONSUMER) != Customer.Kind.CONSUMER)

    @property
    def to_pay(self) -> Decimal:
        """Return what the document asks for, rounded where its operator rounds."""
        return Decimal(self.total_incl_vat.amount) + self.rounding


class InvoiceLine(models.Model):
    """One line of an invoice, tagged with what earned it."""

    SEEN_BY: ClassVar = access.NETWORK_ROLES
    PERSON_LOOKUP: ClassVar = "invoice__customer__user_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    # The line a credit note takes back, whole; such a line bills no Cdr.
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="corrected_by"
    )
    # The invoice that interest or a fee is claimed for.
    claims = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, null=True, related_name="claim_lines"
    )
    # Where a fleet books it.
    cost_centre = models.CharField(max_length=80, blank=True)
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
