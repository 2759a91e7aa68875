from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from billing.models.cdrs import Cdr
from billing.models.customers import Customer
from billing.models.invoices import Invoice, InvoiceSeries
from chargenet.core import access, money
from chargenet.core.models import Operator


class InvoicePolicy(models.Model):
    """How one operator invoices: when drafts become final, how they round, how they remind."""

    SEEN_BY: ClassVar = access.NETWORK_ROLES

    operator = models.OneToOneField(Operator, on_delete=models.PROTECT, related_name="+")
    # Stations that were offline deliver late: a month stays open for so long.
    grace_days = models.PositiveSmallIntegerField(default=2)
    rounds_to_krona = models.BooleanField(default=False)
    has_f_skatt = models.BooleanField(default=True)
    swish_number = models.CharField(max_length=10, blank=True)
    sends_email = models.BooleanField(default=True)
    # 0 sends no reminders; each follows the due date of what it reminds of.
    reminders = models.PositiveSmallIntegerField(default=1)
    reminder_after_days = models.PositiveSmallIntegerField(default=5)
    # Both are owed only where they were agreed on before the debt arose.
    takes_reminder_fee = models.BooleanField(default=True)
    takes_interest = models.BooleanField(default=True)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = access.TenantQuerySet["InvoicePolicy"].as_manager()

    def __str__(self) -> str:
        return f"invoice policy of {self.operator_id}"


class BillingRun(models.Model):
    """One run over an operator's month: how far it has come, and what it issued."""

    SEEN_BY: ClassVar = access.NETWORK_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    period_start = models.DateField()
    # The issue instant of every invoice of the run, whenever it is taken up again.
    as_of = models.DateTimeField()
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    customers = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    lines = models.PositiveIntegerField(default=0)
    sessions = models.PositiveIntegerField(default=0)
    worked_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = access.TenantQuerySet["BillingRun"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "period_start"],
                condition=Q(finished_at__isnull=True),
                name="billing_run_open_once",
            )
        ]
        indexes = [models.Index(fields=["operator", "-as_of"], name="billing_run_recent")]

    def __str__(self) -> str:
        return f"run {self.pk} {self.period_start:%Y-%m}"


class HeldOut(models.Model):
    """A Cdr that no invoice takes until somebody lets it go again."""

    SEEN_BY: ClassVar = access.NETWORK_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    cdr = models.OneToOneField(Cdr, on_delete=models.PROTECT, related_name="held_out")
    reason = models.CharField(max_length=255)
    held_at = models.DateTimeField()
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = access.TenantQuerySet["HeldOut"].as_manager()

    def __str__(self) -> str:
        return f"cdr {self.cdr_id} held out"


class Dispute(models.Model):
    """An invoice its customer does not accept: nobody is reminded of it meanwhile."""

    SEEN_BY: ClassVar = access.NETWORK_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="disputes")
    reason = models.CharField(max_length=255)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True)

    objects = access.TenantQuerySet["Dispute"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"],
                condition=Q(closed_at__isnull=True),
                name="billing_dispute_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"dispute of {self.invoice_id}"


class Reminder(models.Model):
    """A reminder of one invoice: numbered, frozen; its fee and its interest carry no tax."""

    SEEN_BY: ClassVar = access.NETWORK_ROLES
    PERSON_LOOKUP: ClassVar = "customer__user_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="reminders")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="reminders")
    level = models.PositiveSmallIntegerField()
    series = models.ForeignKey(InvoiceSeries, on_delete=models.PROTECT, related_name="+")
    number = models.BigIntegerField()
    label = models.CharField(max_length=32)
    public_id = models.UUIDField(unique=True)
    issue_date = models.DateField()
    due_date = models.DateField()
    issued_at = models.DateTimeField()
    open_amount = money.money_field()
    fee = money.money_field()
    interest = money.money_field()
    # [{"since": "…", "until": "…", "days": 31, "rate": "10.00"}], the days each rate held
    interest_parts = models.JSONField()

    objects = access.TenantQuerySet["Reminder"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["invoice", "level"], name="billing_reminder_once"),
            models.UniqueConstraint(fields=["series", "number"], name="billing_reminder_number"),
        ]

    def __str__(self) -> str:
        return self.label


class ArchivedDocument(models.Model):
    """The bytes of a document as it was issued; written once, known by their SHA-256."""

    SEEN_BY: ClassVar = access.NETWORK_ROLES
    PERSON_LOOKUP: ClassVar = "invoice__customer__user_id"

    class Form(models.TextChoices):
        PDF = "pdf", "PDF"
        UBL = "ubl", "UBL"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="archived")
    # The reminder of the invoice whose paper it is; None for the invoice's own.
    reminder = models.ForeignKey(
        Reminder, on_delete=models.PROTECT, null=True, related_name="archived"
    )
    form = models.CharField(max_length=3, choices=Form.choices)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveIntegerField()
    stored_at = models.DateTimeField()
    # To and including the seventh year after the year it was issued in.
    kept_until = models.DateField()

    objects = access.TenantQuerySet["ArchivedDocument"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["invoice", "form"],
                condition=Q(reminder__isnull=True),
                name="billing_archived_once",
            ),
            models.UniqueConstraint(
                fields=["reminder"],
                condition=Q(reminder__isnull=False),
                name="billing_reminder_archived_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.form} of {self.invoice_id}"
