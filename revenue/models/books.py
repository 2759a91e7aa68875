from enum import StrEnum
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models import Customer
from chargenet.core import access
from chargenet.core.models import Operator
from stations.models import Cable, Connector, Location, Session, Station


class LedgerAccount(models.Model):
    """One account of an operator's books in one currency (BAS-konto); numbers are defaults."""

    SEEN_BY: ClassVar = access.MONEY_ROLES

    class Kind(models.TextChoices):
        ASSET = "asset", _("Asset")
        LIABILITY = "liability", _("Liability")
        INCOME = "income", _("Income")
        EXPENSE = "expense", _("Expense")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=10)
    currency = models.CharField(max_length=3)
    # What the posting rules call it: receivables, vat_out_25, energy_sales, psp_clearing …
    purpose = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind.choices)

    objects = access.TenantQuerySet["LedgerAccount"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "purpose", "currency"], name="revenue_account_purpose"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class EntryKind(StrEnum):
    """What makes an entry; its source is the same word, or another row's, and an id."""

    CDR = "cdr"
    INVOICE = "invoice"
    PAYMENT = "payment"
    REFUND = "refund"
    REVERSAL = "reversal"


class JournalEntry(models.Model):
    """One entry (verifikation): sealed with its postings, never edited or deleted."""

    SEEN_BY: ClassVar = access.MONEY_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    # What caused it, such as "cdr:123": with `kind` the idempotency key.
    source = models.CharField(max_length=80)
    date = models.DateField()
    posted_at = models.DateTimeField()
    line_count = models.PositiveIntegerField()
    text = models.CharField(max_length=255, blank=True)
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="reversed_by"
    )

    objects = access.TenantQuerySet["JournalEntry"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "kind", "source"], name="revenue_entry_once"
            ),
            models.CheckConstraint(condition=Q(line_count__gte=2), name="revenue_entry_two_lines"),
        ]
        indexes = [models.Index(fields=["operator", "-date"], name="revenue_entry_recent")]

    def __str__(self) -> str:
        return f"{self.kind} {self.source}"


class Posting(models.Model):
    """One line of an entry (kontering): debit positive, credit negative."""

    SEEN_BY: ClassVar = access.MONEY_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="postings")
    account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="postings")
    date = models.DateField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="+")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, null=True, related_name="+")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, null=True, related_name="+")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, null=True, related_name="+")
    connector = models.ForeignKey(Connector, on_delete=models.PROTECT, null=True, related_name="+")
    cable = models.ForeignKey(Cable, on_delete=models.PROTECT, null=True, related_name="+")

    objects = access.TenantQuerySet["Posting"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="revenue_posting_not_zero")
        ]
        indexes = [
            models.Index(
                fields=["account", "currency", "date"],
                include=["amount"],
                name="revenue_posting_balance",
            ),
            models.Index(fields=["operator", "date"], name="revenue_posting_period"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.amount} {self.currency}"
