from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Operator(models.Model):
    """A charge point operator: our tenant, and the legal entity that issues invoices."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    legal_name = models.CharField(max_length=160)
    org_number = models.CharField(max_length=20, blank=True)
    vat_number = models.CharField(max_length=20, blank=True)
    street = models.CharField(max_length=160, blank=True)
    postal_code = models.CharField(max_length=16, blank=True)
    city = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2, default="SE")
    currency = models.CharField(max_length=3, default="SEK")
    timezone = models.CharField(max_length=64, default="Europe/Stockholm")
    language = models.CharField(max_length=5, choices=settings.LANGUAGES, default="sv")
    bankgiro = models.CharField(max_length=9, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=32, blank=True)
    payment_terms_days = models.PositiveSmallIntegerField(default=30)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    OPERATOR = "operator", _("Operator")
    FINANCE = "finance", _("Finance")
    TECHNICIAN = "technician", _("Technician")
    SUPPORT = "support", _("Support")
    HOST = "host", _("Site host")


class Membership(models.Model):
    """A person's role at an operator."""

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=12, choices=Role.choices)
    # Location ids: core knows no locations. NULL is every site of the operator.
    site_ids = ArrayField(models.BigIntegerField(), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "user", "role"], name="core_membership_once"
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="core_membership_role_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(role="host") | models.Q(site_ids__isnull=False),
                name="core_membership_host_has_sites",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.operator_id}"
