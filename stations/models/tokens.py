from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from chargenet.core import access
from chargenet.core.models import Operator


class Token(models.Model):
    """What a driver shows to charge: OCPP's idTag or idToken."""

    SEEN_BY: ClassVar = access.NETWORK_ROLES
    PERSON_LOOKUP: ClassVar = "driver_id"

    class Kind(models.TextChoices):
        RFID = "rfid", _("Card or tag")
        APP = "app", _("App")
        AD_HOC = "ad_hoc", _("Ad hoc")
        CENTRAL = "central", _("Central")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    driver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="tokens"
    )
    uid = models.CharField(max_length=255)
    # OCPP 1.6 compares idTags without case; the key is the uid in lower case.
    uid_key = models.GeneratedField(
        expression=models.functions.Lower("uid"),
        output_field=models.CharField(max_length=255),
        db_persist=True,
    )
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.RFID)
    label = models.CharField(max_length=80, blank=True)
    is_blocked = models.BooleanField(default=False)
    block_reason = models.CharField(max_length=60, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)
    # OCPP's parentIdTag or groupIdToken: one of the group may end what another one began.
    group = models.CharField(max_length=36, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = access.TenantQuerySet["Token"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operator", "uid_key"], name="stations_token_uid"),
            models.CheckConstraint(condition=~models.Q(uid=""), name="stations_token_has_uid"),
        ]

    def __str__(self) -> str:
        return self.label or f"token {self.pk}"
