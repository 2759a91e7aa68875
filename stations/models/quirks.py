from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chargenet.core import access
from chargenet.core.models import Operator


class QuirkKind(models.TextChoices):
    LOCAL_CLOCK = "local_clock", _("Writes local time as UTC")
    NAIVE_CLOCK = "naive_clock", _("Writes times without a zone, in this zone")
    REGISTER_UNIT = "register_unit", _("Labels its energy Wh, in truth")
    DROP_MEASURANDS = "drop_measurands", _("Samples that mean nothing")
    SAFE_MEASURANDS = "safe_measurands", _("The only measurands it can be asked for")
    SILENT_CODES = "silent_codes", _("Error codes that mean nothing")
    CODE_MEANS = "code_means", _("Error codes that mean something known")
    STATUS_MEANS = "status_means", _("States that mean something known")
    CALL_AFTER = "call_after", _("Seconds after connecting before a command is sent")
    AVOID_CALLS = "avoid_calls", _("Commands that are not sent to it")
    TOKEN_LENGTH = "token_length", _("Longest token a command may name")


class About(models.Model):
    """Whose quirk it is, and what: an empty field is every one."""

    vendor = models.CharField(max_length=80, blank=True)
    model = models.CharField(max_length=80, blank=True)
    firmware_from = models.CharField(max_length=80, blank=True)
    firmware_to = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=20, choices=QuirkKind.choices)
    value = models.CharField(max_length=400)
    note = models.CharField(max_length=255, blank=True)
    source = models.CharField(max_length=255, blank=True)
    is_on = models.BooleanField(default=True)

    class Meta:
        abstract = True


class KnownQuirk(About):
    """A quirk the product ships with; an operator switches it with a QuirkChoice."""

    # Rows the product ships with: no test may empty the table.
    IS_SHIPPED: ClassVar = True

    name = models.SlugField(max_length=60, unique=True)

    class Meta:
        ordering = ["vendor", "model", "name"]

    def __str__(self) -> str:
        return self.name


class QuirkChoice(models.Model):
    """An operator's own word on a quirk the product ships with."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    known = models.ForeignKey(KnownQuirk, on_delete=models.CASCADE, related_name="choices")
    is_on = models.BooleanField()

    objects = access.TenantQuerySet["QuirkChoice"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operator", "known"], name="stations_quirkchoice_one")
        ]

    def __str__(self) -> str:
        return f"{self.operator_id} {self.known_id}"


class Quirk(About):
    """A quirk an operator added."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")

    objects = access.TenantQuerySet["Quirk"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~(Q(vendor="") & Q(model="")), name="stations_quirk_is_about_a_make"
            )
        ]
        ordering = ["vendor", "model", "pk"]

    def __str__(self) -> str:
        return f"{self.vendor} {self.model} {self.kind}"
