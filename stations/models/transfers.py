from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chargenet.core import access
from chargenet.core.models import Operator
from stations.models.bulk import BulkState
from stations.models.places import Station
from stations.models.wire import Command


class FirmwareImage(models.Model):
    """A file stations of one vendor can be told to install."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    vendor = models.CharField(max_length=80)
    model = models.CharField(max_length=80, blank=True)
    version = models.CharField(max_length=80)
    file_name = models.CharField(max_length=120)
    # Where it lies in the private storage; the name says nothing.
    storage_key = models.CharField(max_length=120)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    # Base64 and PEM, as SignedUpdateFirmware and UpdateFirmware carry them.
    signature = models.TextField(blank=True)
    signing_certificate = models.TextField(blank=True)
    notes = models.CharField(max_length=500, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    objects = access.TenantQuerySet["FirmwareImage"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "sha256", "version"], name="stations_firmware_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.vendor} {self.model} {self.version}".replace("  ", " ")

    @property
    def is_signed(self) -> bool:
        """Say whether a station that demands a signature can be given it."""
        return bool(self.signature and self.signing_certificate)


class FirmwareCampaign(models.Model):
    """One image for many stations, in waves that stop by themselves when it goes wrong."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    OVER: ClassVar = (BulkState.STOPPED, BulkState.DONE)

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    image = models.ForeignKey(FirmwareImage, on_delete=models.PROTECT, related_name="campaigns")
    name = models.CharField(max_length=120)
    # Cumulative per cent of the stations, rising to 100.
    waves = models.JSONField(default=list)
    wave = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=8, choices=BulkState.choices, default=BulkState.DRAFT)
    max_failed_percent = models.PositiveSmallIntegerField(default=10)
    back_within_min = models.PositiveIntegerField(default=60)
    # The next wave waits this long after the last job of this one, so that faults can show.
    rest_min = models.PositiveIntegerField(default=60)
    # Local hours at the site; equal hours are the whole day.
    window_from = models.TimeField()
    window_to = models.TimeField()
    may_interrupt = models.BooleanField(default=False)
    station_count = models.PositiveIntegerField(default=0)
    needs_approval = models.BooleanField(default=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    wave_done_at = models.DateTimeField(null=True)
    # Failures until then were seen by a person, who went on.
    resumed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    stop_reason = models.CharField(max_length=255, blank=True)

    objects = access.TenantQuerySet["FirmwareCampaign"].as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["id"], condition=Q(state="running"), name="stations_campaign_running"
            ),
            models.Index(fields=["operator", "-id"], name="stations_campaign_recent"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=models.F("requested_by")),
                name="stations_campaign_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FirmwareJob(models.Model):
    """One station's update: asked, downloading, installing, and proven by its next boot."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for its wave")
        ASKED = "asked", _("Asked")
        DOWNLOADING = "loading", _("Downloading")
        DOWNLOADED = "loaded", _("Downloaded")
        INSTALLING = "install", _("Installing")
        INSTALLED = "written", _("Installed, not seen since")
        PROVEN = "proven", _("Runs the new version")
        FAILED = "failed", _("Failed")
        SKIPPED = "skipped", _("Skipped")

    UNDER_WAY: ClassVar = ("asked", "loading", "loaded", "install", "written")
    OVER: ClassVar = ("proven", "failed", "skipped")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    campaign = models.ForeignKey(FirmwareCampaign, on_delete=models.PROTECT, related_name="jobs")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="firmware_jobs")
    wave = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    # The last word of the station, as OCPP spells it.
    status = models.CharField(max_length=40, blank=True)
    command = models.ForeignKey(
        Command, on_delete=models.SET_NULL, null=True, related_name="+", db_constraint=False
    )
    version_before = models.CharField(max_length=80, blank=True)
    error = models.CharField(max_length=255, blank=True)
    asked_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = access.TenantQuerySet["FirmwareJob"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "station"], name="stations_firmware_job_once"
            ),
            models.UniqueConstraint(
                fields=["station"],
                condition=Q(state__in=["asked", "loading", "loaded", "install", "written"]),
                name="stations_firmware_job_one_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "state", "wave"], name="stations_firmware_job_line")
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.station_id} {self.state}"


class StationLog(models.Model):
    """Diagnostics or a log a station was asked for, and the file it sent."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    class Kind(models.TextChoices):
        DIAGNOSTICS = "diagnostics", _("Diagnostics")
        SECURITY = "security", _("Security log")

    class State(models.TextChoices):
        ASKED = "asked", _("Asked")
        UPLOADING = "sending", _("Uploading")
        RECEIVED = "here", _("Received")
        FAILED = "failed", _("Failed")

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="logs")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    status = models.CharField(max_length=40, blank=True)
    command = models.ForeignKey(
        Command, on_delete=models.SET_NULL, null=True, related_name="+", db_constraint=False
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # As the station called it; never a path of ours.
    file_name = models.CharField(max_length=255, blank=True)
    storage_key = models.CharField(max_length=120, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    error = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = access.TenantQuerySet["StationLog"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["station", "-id"], name="stations_log_recent")]

    def __str__(self) -> str:
        return f"{self.station_id} {self.kind}"


class TransferLink(models.Model):
    """A secret address for one station and one file; only the secret's hash is kept."""

    SEEN_BY: ClassVar = access.TECHNICAL_ROLES
    LOCATION_LOOKUP: ClassVar = "station__location_id"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="+")
    secret_hash = models.CharField(max_length=64, unique=True)
    job = models.ForeignKey(FirmwareJob, on_delete=models.CASCADE, null=True, related_name="links")
    log = models.ForeignKey(StationLog, on_delete=models.CASCADE, null=True, related_name="links")
    expires_at = models.DateTimeField()
    # Whole deliveries left: a station retries a download as often as it was told.
    uses_left = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    last_used_from = models.GenericIPAddressField(null=True)

    objects = access.TenantQuerySet["TransferLink"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(job__isnull=False, log__isnull=True)
                | Q(job__isnull=True, log__isnull=False),
                name="stations_link_one_purpose",
            )
        ]

    def __str__(self) -> str:
        return f"{self.station_id} {self.expires_at:%Y-%m-%d %H:%M}"
