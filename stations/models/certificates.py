from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chargenet.core import access
from chargenet.core.models import Operator
from stations.models.places import Station


class CertificateAuthority(models.Model):
    """A certificate an operator trusts: whose signature counts, and for what."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES

    class Use(models.TextChoices):
        STATION = "station", _("Stations' certificates")
        CSMS = "csms", _("This system, to stations")
        MANUFACTURER = "manufacturer", _("Manufacturer, firmware")
        V2G = "v2g", _("Plug and charge (V2G)")
        MO = "mo", _("Mobility operator")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    use = models.CharField(max_length=12, choices=Use.choices)
    name = models.CharField(max_length=160)
    # The organization in the certificates it signs; empty is the operator's own name.
    organization = models.CharField(max_length=160, blank=True)
    pem = models.TextField()
    fingerprint = models.CharField(max_length=64)
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    is_active = models.BooleanField(default=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    added_at = models.DateTimeField()

    objects = access.TenantQuerySet["CertificateAuthority"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "use", "fingerprint"], name="stations_authority_once"
            )
        ]
        ordering = ["use", "name"]

    def __str__(self) -> str:
        return f"{self.use} {self.name}"


class RevokedCertificate(models.Model):
    """A certificate of a station that counts no more, by its serial number."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    # Hexadecimal, small letters, no leading zero.
    serial_number = models.CharField(max_length=40)
    reason = models.CharField(max_length=160, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    revoked_at = models.DateTimeField()

    objects = access.TenantQuerySet["RevokedCertificate"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "serial_number"], name="stations_revoked_once"
            )
        ]

    def __str__(self) -> str:
        return self.serial_number


class CertificateRequest(models.Model):
    """What a station asked to have signed, and how far that came."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for the signed chain")
        SIGNED = "signed", _("Signed, on its way")
        ACCEPTED = "accepted", _("Installed")
        REJECTED = "rejected", _("Refused by the station")
        REFUSED = "refused", _("Refused by us")
        FAILED = "failed", _("Not delivered")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    station = models.ForeignKey(
        Station, on_delete=models.PROTECT, related_name="certificate_requests"
    )
    report_id = models.BigIntegerField(null=True)
    # ChargingStationCertificate, V2GCertificate, V2G20Certificate
    kind = models.CharField(max_length=40)
    request_id = models.BigIntegerField(null=True)
    csr = models.TextField()
    common_name = models.CharField(max_length=160, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=255, blank=True)
    chain = models.TextField(blank=True)
    serial_number = models.CharField(max_length=40, blank=True)
    not_before = models.DateTimeField(null=True)
    not_after = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    requested_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = access.TenantQuerySet["CertificateRequest"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report_id"],
                condition=Q(report_id__isnull=False),
                name="stations_request_report",
            )
        ]
        indexes = [
            models.Index(fields=["station", "-requested_at"], name="stations_request_station"),
            models.Index(
                fields=["next_try_at"],
                condition=Q(next_try_at__isnull=False),
                name="stations_request_next",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.station_id} {self.kind} {self.state}"


class InstalledCertificate(models.Model):
    """A certificate a station said it has, by its hashes; the rest is what we know of it."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    station = models.ForeignKey(
        Station, on_delete=models.PROTECT, related_name="installed_certificates"
    )
    # OCPP's word: CSMSRootCertificate, V2GCertificateChain, …
    kind = models.CharField(max_length=40)
    hash_algorithm = models.CharField(max_length=8)
    issuer_name_hash = models.CharField(max_length=128)
    issuer_key_hash = models.CharField(max_length=128)
    serial_number = models.CharField(max_length=40)
    is_child = models.BooleanField(default=False)
    subject = models.CharField(max_length=255, blank=True)
    not_after = models.DateTimeField(null=True)
    seen_at = models.DateTimeField()

    objects = access.TenantQuerySet["InstalledCertificate"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "station",
                    "kind",
                    "hash_algorithm",
                    "issuer_name_hash",
                    "issuer_key_hash",
                    "serial_number",
                ],
                name="stations_installed_once",
            )
        ]
        indexes = [models.Index(fields=["operator", "not_after"], name="stations_installed_end")]

    def __str__(self) -> str:
        return f"{self.station_id} {self.kind} {self.serial_number}"
