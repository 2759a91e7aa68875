from typing import ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.models.prices import Tariff
from chargenet.core import access
from chargenet.core.models import Operator
from stations.models import Location

MOST_TERMS_DAYS = 365


class CustomerGroup(models.Model):
    """Customers of one kind of deal: a price may hold for all of them."""

    SEEN_BY: ClassVar = access.NETWORK_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    note = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = access.TenantQuerySet["CustomerGroup"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operator", "name"], name="billing_group_name")
        ]

    def __str__(self) -> str:
        return self.name


class Customer(models.Model):
    """Who pays: a consumer, a company, a fleet, a partner, or a site's month on one invoice."""

    SEEN_BY: ClassVar = access.NETWORK_ROLES
    PERSON_LOOKUP: ClassVar = "user_id"

    class Kind(models.TextChoices):
        CONSUMER = "consumer", _("Consumer")
        BUSINESS = "business", _("Business")
        FLEET = "fleet", _("Fleet")
        PARTNER = "partner", _("Roaming partner")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(
        "core.User", on_delete=models.PROTECT, null=True, blank=True, related_name="customers"
    )
    # Set for a collective customer: it takes what a site sold to nobody known.
    location = models.ForeignKey(
        Location, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reference = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.CONSUMER)
    name = models.CharField(max_length=160)
    email = models.EmailField(blank=True)
    org_number = models.CharField(max_length=20, blank=True)
    vat_number = models.CharField(max_length=20, blank=True)
    street = models.CharField(max_length=160, blank=True)
    postal_code = models.CharField(max_length=16, blank=True)
    city = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2, default="SE")
    language = models.CharField(max_length=5, default="sv")
    group = models.ForeignKey(
        CustomerGroup, on_delete=models.PROTECT, null=True, blank=True, related_name="customers"
    )
    # Where invoices go: by mail where it differs, in Peppol's network, with the buyer's own words.
    invoice_email = models.EmailField(blank=True)
    peppol_scheme = models.CharField(max_length=4, blank=True)
    peppol_id = models.CharField(max_length=50, blank=True)
    buyer_reference = models.CharField(max_length=80, blank=True)
    order_number = models.CharField(max_length=80, blank=True)
    # Days from the invoice to its due date; None is the operator's own terms.
    payment_terms_days = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(MOST_TERMS_DAYS)]
    )
    # Buys electricity to sell it on: directive 2006/112/EC, article 38.
    is_taxable_dealer = models.BooleanField(default=False)
    # Since when nothing is known of who it was but what the books must keep.
    erased_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = access.TenantQuerySet["Customer"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "reference"], name="billing_customer_reference"
            ),
            models.UniqueConstraint(
                fields=["operator", "user"],
                condition=Q(user__isnull=False),
                name="billing_customer_person",
            ),
            models.UniqueConstraint(
                fields=["operator", "location"],
                condition=Q(location__isnull=False),
                name="billing_customer_collective",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_company(self) -> bool:
        """Return whether prices are agreed without VAT: everybody but a consumer."""
        return self.kind != self.Kind.CONSUMER


class CostCentre(models.Model):
    """Whose budget within a customer a token charges on; retired, never deleted."""

    SEEN_BY: ClassVar = access.NETWORK_ROLES
    PERSON_LOOKUP: ClassVar = "customer__user_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="cost_centres")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=80, blank=True)
    is_active = models.BooleanField(default=True)

    objects = access.TenantQuerySet["CostCentre"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "code"], name="billing_cost_centre_code")
        ]

    def __str__(self) -> str:
        return self.code


class Contract(models.Model):
    """A token charged to a customer, [valid_from, valid_until), perhaps at an own price."""

    SEEN_BY: ClassVar = access.NETWORK_ROLES
    PERSON_LOOKUP: ClassVar = "customer__user_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contracts")
    token = models.ForeignKey("stations.Token", on_delete=models.PROTECT, related_name="+")
    tariff = models.ForeignKey(
        Tariff, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    cost_centre = models.ForeignKey(
        CostCentre, on_delete=models.PROTECT, null=True, blank=True, related_name="contracts"
    )
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)

    objects = access.TenantQuerySet["Contract"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["token"],
                condition=Q(valid_until__isnull=True),
                name="billing_contract_open_per_token",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="billing_contract_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"contract {self.pk}"
