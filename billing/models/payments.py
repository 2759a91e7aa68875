from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models.customers import Customer
from billing.models.invoices import Invoice
from chargenet.core import access, money
from chargenet.core.models import Operator


class Payment(models.Model):
    """One try to be paid; its reference is our idempotency key at the provider."""

    SEEN_BY: ClassVar = access.NETWORK_ROLES
    PERSON_LOOKUP: ClassVar = "customer__user_id"

    class State(models.TextChoices):
        CREATED = "created", _("Started")
        AUTHORISED = "authorised", _("Authorised")
        CAPTURED = "captured", _("Paid")
        DECLINED = "declined", _("Declined")
        CANCELLED = "cancelled", _("Cancelled")
        # The provider's amount or currency is not what we asked for: a person must look.
        HELD = "held", _("Held")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, related_name="payments"
    )
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, null=True, related_name="payments"
    )
    provider = models.CharField(max_length=20)
    reference = models.CharField(max_length=64, unique=True)
    provider_reference = models.CharField(max_length=120, blank=True)
    amount = money.money_field()
    state = models.CharField(max_length=10, choices=State.choices, default=State.CREATED)
    failure_code = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    authorised_at = models.DateTimeField(null=True)
    captured_at = models.DateTimeField(null=True)
    capture_before = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)

    objects = access.TenantQuerySet["Payment"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "provider_reference"],
                condition=~Q(provider_reference=""),
                name="billing_payment_provider_reference",
            ),
            # A double click may start two tries; only one of them can end as paid.
            models.UniqueConstraint(
                fields=["invoice"],
                condition=Q(state="captured", invoice__isnull=False),
                name="billing_payment_once_per_invoice",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="billing_payment_positive"),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=Q(state__in=["created", "authorised"]),
                name="billing_payment_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.state}"


class WebhookEvent(models.Model):
    """One message of a payment provider, kept so that its twin changes nothing."""

    provider = models.CharField(max_length=20)
    event_id = models.CharField(max_length=120)
    payload = models.JSONField()
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="billing_webhook_once")
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.event_id}"
