"""What people of the demo asked of their stations before you came; the stations answer it."""

import io
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Final

from django.db.models import Model, QuerySet

from chargenet.core.models import Operator, User
from chargenet.demo import maker, plan
from stations import (
    bulk,
    certificates,
    commissioning,
    diagnostics,
    displays,
    firmware,
    reservations,
    security,
)
from stations.models import (
    BulkCommand,
    CertificateAuthority,
    ConfigurationTemplate,
    Connector,
    DisplayMessage,
    FirmwareCampaign,
    Observation,
    OcppVersion,
    Reservation,
    Station,
    StationLog,
    Token,
)

NEW_FIRMWARE: Final = "3.2.0"
# Settings the general profile leaves to whoever runs the stations.
TEMPLATES: Final = (
    (
        "Elvira AC",
        OcppVersion.V16,
        plan.ELVIRA,
        (("ResetRetries", "2"), ("MinimumStatusDuration", "2"), ("LocalPreAuthorize", "false")),
    ),
    (
        "Norrsken DC",
        OcppVersion.V201,
        plan.NORRSKEN,
        (
            ("OCPPCommCtrlr.OfflineThreshold", "120"),
            ("OCPPCommCtrlr.RetryBackOffRepeatTimes", "4"),
        ),
    ),
)
# Told by stations: type, note, hours ago.
EVENTS: Final = (
    ("MaintenanceLoginAccepted", "Service laptop at the front panel", 30),
    ("ResetOrReboot", "Power cycle after service", 29),
    ("TamperDetectionActivated", "Cover opened", 5),
)
WELCOME: Final = "Välkommen! Kabeln låses medan du laddar."


def tend_stations(operator: Operator, *, as_of: datetime) -> None:
    """Let the operator's people have done what each page of upkeep shows, once.

    Only where there is somebody to have done it, and stations to do it to.
    """
    person = User.objects.filter(memberships__operator=operator, memberships__role="operator")
    user = person.order_by("pk").first()
    if user is None or not _stations(operator).exists():
        return
    for model, only, deed in DEEDS:
        if not model._default_manager.filter(operator=operator, **only).exists():
            deed(operator, user, as_of)


def _stations(operator: Operator, **only: object) -> QuerySet[Station]:
    return Station.objects.filter(operator=operator, is_active=True, **only).order_by("pk")


def _write_templates(operator: Operator, _user: User, as_of: datetime) -> None:
    for name, version, vendor, settings in TEMPLATES:
        template = commissioning.create_template(
            operator=operator, name=name, ocpp_version=version, vendor=vendor, as_of=as_of
        )
        for setting, value in settings:
            commissioning.want_value(
                template=template, setting=setting, value=value, needs_reboot=False
            )


def _reserve(operator: Operator, user: User, as_of: datetime) -> None:
    """Keep a connector for each of the cast who drives, one in each protocol."""
    cards = [person.card for person in plan.CAST if person.card]
    tokens = Token.objects.filter(operator=operator, uid__in=cards).order_by("uid")
    for version, token in zip((OcppVersion.V16, OcppVersion.V201), tokens, strict=False):
        station = _stations(operator, ocpp_version=version).last()
        if station is not None:
            connector = Connector.objects.filter(station=station).order_by("number").last()
            reservations.reserve(
                station=station,
                connector=connector,
                token=token,
                expires_at=as_of + timedelta(hours=3),
                requested_by=user,
                as_of=as_of,
            )


def _welcome(operator: Operator, user: User, as_of: datetime) -> None:
    for station in _stations(operator, ocpp_version=OcppVersion.V201)[:2]:
        text = displays.Text(text=WELCOME, language="sv", ends_at=as_of + timedelta(days=30))
        displays.show_message(station=station, text=text, requested_by=user, as_of=as_of)


def _command_many(operator: Operator, user: User, as_of: datetime) -> None:
    """Send one command to a site's stations, and leave another for a person to look at."""
    site = _stations(operator)[0].location
    plans: tuple[tuple[str, dict[str, str], str], ...] = (
        ("clear_cache", {}, "Kort som spärrades i helgen"),
        ("reset", {"type": "soft"}, "Efter strömavbrottet"),
    )
    made = [
        bulk.plan_bulk(
            operator_id=operator.pk,
            plan=bulk.BulkPlan(
                action=action, payload=payload, reason=reason, chosen_by={"site": str(site.pk)}
            ),
            stations=_stations(operator, location=site),
            requested_by=user,
            as_of=as_of,
        )
        for action, payload, reason in plans
    ]
    bulk.confirm_bulk(bulk=made[0], user=user, as_of=as_of)


def _plan_firmware(operator: Operator, user: User, as_of: datetime) -> None:
    """Take a signed image in, and let a campaign wait for a person to begin it."""
    signed = maker.sign_image(plan.ELVIRA, as_of=as_of)
    certificates.add_authorities(
        operator=operator,
        use=CertificateAuthority.Use.MANUFACTURER,
        text=signed.root,
        organization=plan.ELVIRA,
        added_by=user,
        as_of=as_of,
    )
    model = plan.MAKES["post"].model
    image = firmware.add_image(
        operator=operator,
        plan=firmware.ImagePlan(
            vendor=plan.ELVIRA,
            model=model,
            version=NEW_FIRMWARE,
            file_name=f"elvira-post22-{NEW_FIRMWARE}.bin",
            signature=signed.signature,
            signing_certificate=signed.certificate,
        ),
        source=io.BytesIO(signed.content),
        uploaded_by=user,
        as_of=as_of,
    )
    stations = _stations(operator, vendor=plan.ELVIRA)
    wanted = firmware.CampaignPlan(
        name=f"Post 22 {NEW_FIRMWARE}", window_from=time(1), window_to=time(5)
    )
    firmware.plan_campaign(
        image=image, stations=stations, plan=wanted, requested_by=user, as_of=as_of
    )


def _ask_log(operator: Operator, user: User, as_of: datetime) -> None:
    station = _stations(operator)[0]
    diagnostics.ask_log(station=station, kind="diagnostics", requested_by=user, as_of=as_of)


def _tell_events(operator: Operator, _user: User, as_of: datetime) -> None:
    """Let one station have told what it saw while it was serviced, as its message is read."""
    station = _stations(operator).last()
    assert station is not None, "there are stations, or nothing is asked of them"
    for kind, note, hours in EVENTS:
        at = as_of - timedelta(hours=hours)
        Observation.objects.create(
            operator=operator,
            station=station,
            kind="security_event",
            source_id=f"demo:{kind}",
            detail={"type": kind, "note": note, "severity": security.severity_of_type(kind)},
            occurred_at=at,
            received_at=at,
        )


Deed = Callable[[Operator, User, datetime], None]
# What is there once it was done, and how it is done.
DEEDS: Final[tuple[tuple[type[Model], dict[str, str], Deed], ...]] = (
    (ConfigurationTemplate, {}, _write_templates),
    (Reservation, {}, _reserve),
    (DisplayMessage, {}, _welcome),
    (BulkCommand, {}, _command_many),
    (FirmwareCampaign, {}, _plan_firmware),
    (StationLog, {}, _ask_log),
    (Observation, {"kind": "security_event"}, _tell_events),
)
