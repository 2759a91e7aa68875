from django.db import models
from django.db.models import F, Q


class DemoCharge(models.Model):
    """What the demo provider remembers of one charge; it plays a company that is not ours."""

    class State(models.TextChoices):
        REQUIRES_PAYMENT_METHOD = "requires_payment_method"
        REQUIRES_ACTION = "requires_action"
        REQUIRES_CAPTURE = "requires_capture"
        SUCCEEDED = "succeeded"
        CANCELED = "canceled"

    provider_reference = models.CharField(max_length=40, unique=True)
    reference = models.CharField(max_length=64)
    # Idempotency keys and the hashes of the requests that used them.
    keys = models.JSONField(default=dict)
    authorise_key = models.CharField(max_length=120, unique=True)
    amount_minor = models.BigIntegerField()
    captured_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=24, choices=State.choices)
    failure_code = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    capture_before = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(captured_minor__lte=F("amount_minor"))
                & Q(refunded_minor__lte=F("captured_minor")),
                name="billing_demo_within_hold",
            )
        ]

    def __str__(self) -> str:
        return f"{self.provider_reference} {self.state}"


class DemoEvent(models.Model):
    """A message the demo provider owes us; it may be delivered twice and out of order."""

    charge = models.ForeignKey(DemoCharge, on_delete=models.CASCADE, related_name="events")
    event_id = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    deliveries = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.event_id} {self.kind}"
