"""Who opens which address: a table of every URL and every role, held against the real site.

An address without a row fails; so does a row without an address.
"""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from billing import invoices, rating
from billing.models import Customer, Invoice
from billing.vat.months import Month
from chargenet.core.models import Membership, Operator, Role, User
from faults import tickets
from faults.models import Fault, Ticket
from revenue import ledger
from revenue.models import JournalEntry
from stations import bulk, firmware, limits, transfers
from stations.models import (
    BulkCommand,
    Command,
    ConfigurationTemplate,
    DeviceMonitor,
    DeviceVariable,
    FirmwareCampaign,
    FirmwareImage,
    LoadGroup,
    Location,
    OcppFrame,
    Reservation,
    Session,
    Station,
    StationImport,
    StationLog,
)
from tests import cast
from tests.as_web import AsWeb
from tests.conftest import truncate_everything
from tests.integration.billing import scene as trade
from tests.integration.pages import powered, settings

# Everything of ours carries this word: whoever may not see us must never read it.
SECRET = "zebra7731"
NOON = datetime(2026, 10, 5, 10, tzinfo=UTC)
INVOICED = datetime(2026, 11, 3, 8, tzinfo=UTC)

# Who asks. Of Nord: Astrid has the session and the invoice, Bo only drives, Cilla operates, Dag
# repairs, Fia does the finances, Stina supports, Hugo hosts the site. Ture repairs and Hilda hosts
# another site of Nord. Erik operates Syd. Root may do everything in Django, and works for nobody.
PEOPLE = [
    "nobody",
    "astrid",
    "bo",
    "cilla",
    "dag",
    "ture",
    "fia",
    "stina",
    "hugo",
    "hilda",
    "erik",
    "root",
]
OUTSIDE = {"nobody", "bo", "ture", "hilda", "erik", "root"}
MATRIX = """
                            nobody astrid bo  cilla dag ture fia stina hugo hilda erik root
GET  home                      302    302 302   302 302  302 302   302  302   302  302  302
GET  sign_in                   200    302 302   302 302  302 302   302  302   302  302  302
POST sign_out                  302    302 302   302 302  302 302   302  302   302  302  302
POST set_language              302    302 302   302 302  302 302   302  302   302  302  302
GET  design                    404    404 404   404 404  404 404   404  404   404  404  404
GET  dashboard                 302    404 404   200 403  403 200   200  403   403  200  404
GET  station_list              302    404 404   200 200  200 200   200  200   200  200  404
GET  station_page              302    404 404   200 200  404 200   200  200   404  404  404
GET  power_list                302    404 404   200 200  200 200   200  200   200  200  404
POST power_create              302    404 404   302 302  404 403   302  403   403  404  404
GET  power_page                302    404 404   200 200  404 200   200  200   404  404  404
POST power_change              302    404 404   302 302  404 403   302  403   403  404  404
GET  station_power             302    404 404   200 200  404 200   200  403   403  404  404
POST station_power_order       302    404 404   302 302  404 403   302  403   403  404  404
GET  station_drivers           302    404 404   200 200  404 200   200  403   403  404  404
POST station_drivers_order     302    404 404   302 302  404 403   302  403   403  404  404
GET  reservation_list          302    404 404   200 200  200 200   200  403   403  200  404
POST session_key               302    404 404   302 302  404 403   302  403   403  404  404
GET  station_messages          302    404 404   200 200  404 200   200  403   403  404  404
GET  message_list              302    404 404   200 200  200 200   200  403   403  200  404
GET  message_page              302    404 404   200 200  404 200   200  403   403  404  404
POST station_command           302    404 404   302 302  404 403   302  403   403  404  404
GET  station_commands          302    404 404   200 200  404 200   200  403   403  404  404
POST station_order             302    404 404   302 302  404 403   302  403   403  404  404
GET  station_add               302    404 404   200 403  403 403   403  403   403  200  404
POST station_add               302    404 404   200 403  403 403   403  403   403  200  404
POST station_import_bring      302    404 404   302 403  403 403   403  403   403  302  404
GET  station_import            302    404 404   200 403  403 403   403  403   403  404  404
POST station_import_add        302    404 404   302 403  403 403   403  403   403  404  404
POST station_import_renew      302    404 404   302 403  403 403   403  403   403  404  404
GET  station_labels            302    404 404   200 200  200 200   200  200   200  200  404
GET  station_commissioning     302    404 404   200 200  404 200   200  403   403  404  404
POST station_commissioning_begin 302  404 404   302 302  404 403   302  403   403  404  404
GET  station_configuration     302    404 404   200 200  404 200   200  403   403  404  404
POST station_configuration_read 302   404 404   302 302  404 403   302  403   403  404  404
POST station_setting           302    404 404   302 302  404 403   302  403   403  404  404
POST station_monitor_clear     302    404 404   302 302  404 403   302  403   403  404  404
GET  template_list             302    404 404   200 200  200 200   200  403   403  200  404
GET  quirk_list                302    404 404   200 200  200 200   200  403   403  200  404
POST quirk_add                 302    404 404   302 403  403 403   403  403   403  302  404
POST quirk_switch              302    404 404   302 403  403 403   403  403   403  302  404
POST template_create           302    404 404   302 403  403 403   403  403   403  302  404
GET  template_page             302    404 404   200 200  404 200   200  403   403  404  404
POST template_change           302    404 404   302 403  403 403   403  403   403  404  404
POST template_push             302    404 404   302 403  403 403   403  403   403  404  404
GET  coverage_list             302    404 404   200 200  200 200   200  403   403  200  404
GET  command_list              302    404 404   200 200  200 200   200  403   403  200  404
GET  security_list             302    404 404   200 200  200 200   200  403   403  200  404
GET  certificates              302    404 404   200 200  200 200   200  403   403  200  404
POST certificates_change       302    404 404   302 403  403 403   403  403   403  302  404
GET  station_security          302    404 404   200 200  404 200   200  403   403  404  404
POST station_security_change   302    404 404   302 403  403 403   403  403   403  404  404
GET  network_map               302    404 404   200 200  200 200   200  200   200  200  404
GET  network_pins              302    404 404   200 200  200 200   200  200   200  200  404
GET  session_list              302    404 404   200 200  200 200   200  200   200  200  404
GET  session_page              302    404 404   200 200  404 200   200  200   404  404  404
GET  fault_list                302    404 404   200 200  200 200   200  403   403  200  404
GET  unbilled_list             302    404 404   200 403  403 200   200  403   403  200  404
GET  revenue                   302    404 404   200 403  403 200   403  403   403  200  404
GET  invoice_list              302    404 404   200 403  403 200   200  403   403  200  404
GET  invoice_page              302    404 404   200 403  403 200   200  403   403  404  404
GET  customer_list             302    404 404   200 403  403 200   200  403   403  200  404
GET  ticket_list               302    404 404   200 200  200 200   200  403   403  200  404
GET  ticket_page               302    404 404   200 200  404 200   200  403   403  404  404
POST ticket_step               302    404 404   302 302  404 302   302  403   403  404  404
GET  portal_sessions           302    200 200   200 200  200 200   200  200   200  200  200
GET  portal_session            302    200 404   404 404  404 404   404  404   404  404  404
GET  portal_invoices           302    200 200   200 200  200 200   200  200   200  200  200
GET  portal_invoice            302    200 404   404 404  404 404   404  404   404  404  404
GET  portal_pay                302    200 404   404 404  404 404   404  404   404  404  404
POST portal_pay                302    302 404   404 404  404 404   404  404   404  404  404
GET  portal_account            302    200 200   200 200  200 200   200  200   200  200  200
POST payment_webhook           400    400 400   400 400  400 400   400  400   400  400  400
GET  firmware_file             404    404 404   404 404  404 404   404  404   404  404  404
POST log_upload                404    404 404   404 404  404 404   404  404   404  404  404
POST log_upload_folder         404    404 404   404 404  404 404   404  404   404  404  404
POST log_upload_named          404    404 404   404 404  404 404   404  404   404  404  404
GET  station_logs              302    404 404   200 200  404 200   200  403   403  404  404
POST station_log_ask           302    404 404   302 302  404 403   302  403   403  404  404
GET  station_log_file          302    404 404   200 200  404 200   200  403   403  404  404
GET  bulk_list                 302    404 404   200 403  403 403   200  403   403  200  404
GET  bulk_plan                 302    404 404   200 403  403 403   200  403   403  200  404
GET  bulk_page                 302    404 404   200 403  403 403   200  403   403  404  404
POST bulk_step                 302    404 404   302 403  403 403   302  403   403  404  404
GET  firmware_list             302    404 404   200 200  200 200   200  403   403  200  404
GET  firmware_add              302    404 404   200 403  403 403   403  403   403  200  404
POST firmware_withdraw         302    404 404   302 403  403 403   403  403   403  404  404
GET  campaign_plan             302    404 404   200 403  403 403   403  403   403  404  404
GET  campaign_page             302    404 404   200 200  404 200   200  403   403  404  404
POST campaign_step             302    404 404   302 403  403 403   403  403   403  404  404
GET  limits                    302    404 404   200 403  403 403   403  403   403  200  404
POST limits_switch             302    404 404   302 403  403 403   302  403   403  302  404
GET  api-schema                403    200 200   200 200  200 200   200  200   200  200  200
GET  api-location-list         403    200 200   200 200  200 200   200  200   200  200  200
GET  api-location-detail       403    404 404   200 200  404 200   200  200   404  404  404
GET  api-station-list          403    200 200   200 200  200 200   200  200   200  200  200
GET  api-station-detail        403    404 404   200 200  404 200   200  200   404  404  404
GET  api-connector-list        403    200 200   200 200  200 200   200  200   200  200  200
GET  api-connector-detail      403    404 404   200 200  404 200   200  200   404  404  404
GET  api-session-list          403    200 200   200 200  200 200   200  200   200  200  200
GET  api-session-detail        403    200 404   200 200  404 200   200  200   404  404  404
GET  api-command-list          403    200 200   200 200  200 200   200  200   200  200  200
POST api-command-list          403    404 404   201 201  404 403   201  403   404  404  404
GET  api-command-detail        403    404 404   200 200  404 200   200  404   404  404  404
GET  api-load-group-list       403    200 200   200 200  200 200   200  200   200  200  200
GET  api-load-group-detail     403    404 404   200 200  404 200   200  200   404  404  404
GET  api-reservation-list      403    200 200   200 200  200 200   200  200   200  200  200
POST api-reservation-list      403    404 404   201 404  404 403   201  403   404  404  404
GET  api-reservation-detail    403    200 404   200 200  404 200   200  200   404  404  404
GET  api-cdr-list              403    200 200   200 200  200 200   200  200   200  200  200
GET  api-cdr-detail            403    200 404   200 404  404 200   200  404   404  404  404
GET  api-invoice-list          403    200 200   200 200  200 200   200  200   200  200  200
GET  api-invoice-detail        403    200 404   200 404  404 200   200  404   404  404  404
GET  api-fault-list            403    200 200   200 200  200 200   200  200   200  200  200
GET  api-fault-detail          403    404 404   200 200  404 200   200  200   404  404  404
GET  api-ticket-list           403    200 200   200 200  200 200   200  200   200  200  200
GET  api-ticket-detail         403    404 404   200 200  404 200   200  200   404  404  404
GET  api-entry-list            403    200 200   200 200  200 200   200  200   200  200  200
GET  api-entry-detail          403    404 404   200 404  404 200   404  404   404  404  404
"""
HEAD, *LINES = map(str.split, MATRIX.strip().splitlines())
PEOPLE = list(HEAD)
ROWS = {
    (method, name): dict(zip(PEOPLE, map(int, statuses), strict=True))
    for method, name, *statuses in LINES
}
STATION_PAGES = (
    "station_page",
    "station_messages",
    "station_command",
    "station_commands",
    "station_order",
    "station_commissioning",
    "station_commissioning_begin",
    "station_configuration",
    "station_configuration_read",
    "station_logs",
    "station_log_ask",
    "station_security",
    "station_security_change",
    "station_power",
    "station_power_order",
    "station_drivers",
    "station_drivers_order",
)
TEMPLATE_PAGES = ("template_page", "template_change", "template_push")
IMPORT_PAGES = ("station_import", "station_import_add", "station_import_renew")
# Known by the secret in their address, not by who is signed in: a wrong one is no address.
BY_SECRET = ("log_upload", "log_upload_folder", "log_upload_named")
FORMS: dict[str, dict[str, str]] = {
    "certificates_change": {"step": "nothing"},
    "station_security_change": {"step": "list"},
    "sign_out": {},
    "set_language": {"language": "sv", "next": "/"},
    "station_command": {"action": "reset"},
    # identities begin at 1 again in an emptied database: the first station is Nord's
    "api-command-list": {"station_id": "1", "action": "reset"},
    "bulk_step": {"step": "confirm"},
    "campaign_step": {"step": "confirm"},
    "firmware_withdraw": {},
    "limits_switch": {"halt": "1"},
    "station_log_ask": {"kind": "diagnostics"},
    **{name: {} for name in BY_SECRET},
    "station_order": {"action": "clear_cache"},
    "station_power_order": {"deed": "ask"},
    "station_drivers_order": {"deed": "list", "wanted": "1"},
    "api-reservation-list": {"station_id": "1", "token_id": "1", "minutes": "30"},
    "power_create": {"location": "1", "limit": "40", "name": "New"},
    "power_change": {"deed": "limit", "limit": "60", "minutes": "15"},
    "session_key": {"key": "1"},
    "quirk_add": {"vendor": "Elvira", "kind": "token_length", "value": "16"},
    "quirk_switch": {"key": "known-1", "step": "off"},
    "template_create": {"name": "Elvira", "ocpp": "1.6"},
    "template_change": {"change": "switch"},
    "template_push": {},
    "station_add": {"identity": "MATRIX-1"},
    "station_import_bring": {},
    "station_import_add": {},
    "station_import_renew": {},
    "station_commissioning_begin": {},
    "station_configuration_read": {},
    "station_setting": {"value": "9"},
    "station_monitor_clear": {},
    "ticket_step": {"step": "note", "text": "seen", "key": "k1"},
    "portal_pay": {"method": "card_ok", "attempt": "a1"},
    "payment_webhook": {},
}


@pytest.fixture(scope="module")
def people(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, User | None]]:
    """Everybody, and one of everything that has an address."""
    with django_db_blocker.unblock():
        truncate_everything()
        yield _make()
        truncate_everything()
        connection.close()


@pytest.fixture
def keys(people: dict[str, User | None]) -> dict[str, list[Any]]:
    """What each address with a row in it is asked with: all of it is Astrid's or Nord's."""
    station, session = Station.objects.get(identity__endswith="AC-1"), Session.objects.get()
    invoice, ticket = Invoice.objects.get(), Ticket.objects.get()
    assert station.connectors.count() == 2
    return {
        **{key: [station.pk] for key in STATION_PAGES},
        **{key: [session.pk] for key in ("session_page", "portal_session", "session_key")},
        **{key: [LoadGroup.objects.get().pk] for key in ("power_page", "power_change")},
        **{key: [ticket.pk] for key in ("ticket_page", "ticket_step")},
        **{key: [invoice.public_id] for key in ("portal_invoice", "portal_pay", "invoice_page")},
        "station_setting": [station.pk, DeviceVariable.objects.get().pk],
        "station_monitor_clear": [station.pk, DeviceMonitor.objects.get().pk],
        **{key: [StationImport.objects.get().pk] for key in IMPORT_PAGES},
        **{key: [ConfigurationTemplate.objects.get().pk] for key in TEMPLATE_PAGES},
        "payment_webhook": ["demo"],
        "api-location-detail": [station.location_id],
        "api-station-detail": [station.pk],
        "api-connector-detail": [session.connector_id],
        "api-session-detail": [session.pk],
        "api-load-group-detail": [LoadGroup.objects.get().pk],
        "api-reservation-detail": [Reservation.objects.get().pk],
        "api-cdr-detail": [session.cdr.pk],
        "message_page": _message_key(),
        **{name: [BulkCommand.objects.get().pk] for name in ("bulk_page", "bulk_step")},
        **{
            name: [FirmwareImage.objects.get().pk]
            for name in ("firmware_withdraw", "campaign_plan")
        },
        **{
            name: [FirmwareCampaign.objects.get().pk]
            for name in ("campaign_page", "campaign_step")
        },
        **{name: ["no-such-secret"] for name in ("firmware_file", "log_upload")},
        "log_upload_folder": ["no-such-secret"],
        "log_upload_named": ["no-such-secret", "log.tar"],
        "station_log_file": [station.pk, StationLog.objects.get().pk],
        "api-command-detail": [Command.objects.get().pk],
        "api-invoice-detail": [invoice.public_id],
        "api-fault-detail": [Fault.objects.get().pk],
        "api-ticket-detail": [ticket.pk],
        "api-entry-detail": [JournalEntry.objects.earliest("pk").pk],
    }


def _make() -> dict[str, User | None]:
    made = cast.make_cast()
    Location.objects.filter(pk=made.location.pk).update(
        name=f"Hamnen {SECRET}", street=SECRET, latitude="55.6", longitude="12.9"
    )
    Station.objects.filter(pk=made.ac_station.pk).update(name=f"{SECRET} 1", vendor=SECRET)
    User.objects.filter(pk=made.astrid.pk).update(name=f"Astrid {SECRET}")
    _trade(made)
    _trouble(made)
    settings.make_settings(made.ac_station, SECRET)
    settings.make_template(made.operator, SECRET)
    settings.make_list(made.cilla, made.operator, SECRET)
    Command.objects.create(
        operator=made.operator,
        station=made.ac_station,
        action="reset",
        payload={"type": SECRET},
        state=Command.State.ACCEPTED,
        created_at=NOON,
        expires_at=NOON,
        finished_at=NOON,
    )
    powered.make_power(made, session=Session.objects.get(), secret=SECRET, at=NOON)
    _many(made)
    kept = transfers.store_file(io.BytesIO(SECRET.encode()), folder="logs", most_bytes=100)
    StationLog.objects.create(
        operator=made.operator,
        station=made.ac_station,
        kind="diagnostics",
        state=StationLog.State.RECEIVED,
        file_name=f"{SECRET}.log",
        storage_key=kept.key,
        size_bytes=kept.size_bytes,
        created_at=NOON,
    )
    OcppFrame.objects.create(
        id=1,
        operator_id=made.operator.pk,
        station_id=made.ac_station.pk,
        received_at=NOON,
        action="Authorize",
        frame=f'[2,"1","Authorize",{{"idTag":"A","note":"{SECRET}"}}]'.encode(),
    )
    elsewhere = Location.objects.create(operator=made.operator, name="Arenan")
    cast.make_station(elsewhere, "ELSEWHERE-1")
    return {
        "nobody": None,
        **{name: getattr(made, name) for name in ("astrid", "bo", "cilla", "dag", "fia", "erik")},
        "ture": _hire(made, "Ture", Role.TECHNICIAN, elsewhere),
        "stina": _hire(made, "Stina", Role.SUPPORT, None),
        "hugo": _hire(made, "Hugo", Role.HOST, made.location),
        "hilda": _hire(made, "Hilda", Role.HOST, elsewhere),
        "root": User.objects.create_superuser("root@example.org", "b5Kd-fjord-91", name="Root"),
    }


def _hire(made: cast.Cast, name: str, role: str, site: Location | None) -> User:
    user = User.objects.create(email=f"{name.lower()}@example.org", name=name)
    Membership.objects.create(
        operator=made.operator, user=user, role=role, site_ids=[site.pk] if site else None
    )
    return user


def _many(made: cast.Cast) -> None:
    """One bulk command and one firmware campaign, both still to be confirmed."""
    mine = Station.objects.filter(pk=made.ac_station.pk)
    bulk.plan_bulk(
        operator_id=made.operator.pk,
        plan=bulk.BulkPlan(action="reset", payload={}, reason=SECRET),
        stations=mine,
        requested_by=made.cilla,
        as_of=NOON,
    )
    limits.set_limits(
        operator_id=made.operator.pk,
        values={"may_install_unsigned": True},
        changed_by=made.cilla,
        as_of=NOON,
    )
    image = firmware.add_image(
        operator=made.operator,
        plan=firmware.ImagePlan(vendor=SECRET, version=SECRET, file_name="fw.bin"),
        source=io.BytesIO(b"firmware"),
        uploaded_by=made.cilla,
        as_of=NOON,
    )
    firmware.plan_campaign(
        image=image,
        stations=mine,
        plan=firmware.CampaignPlan(name=SECRET),
        requested_by=made.cilla,
        as_of=NOON,
    )


def _message_key() -> list[int]:
    frame = OcppFrame.objects.get()
    return [int(frame.received_at.timestamp()) * 1_000_000, frame.id]


def _trade(made: cast.Cast) -> None:
    trade.assign(trade.make_tariff(made, SECRET, trade.price_list("4")))
    session = trade.make_session(
        made,
        started_at=NOON,
        driver=made.astrid,
        token=made.astrids_token,
        number=SECRET,
        id_tag=SECRET,
    )
    cdr = rating.rate_session(session_id=session.pk, as_of=NOON + timedelta(hours=2))
    assert cdr is not None
    assert cdr.customer_id is not None
    invoices.issue_invoice(customer_id=cdr.customer_id, period=Month(2026, 10), as_of=INVOICED)
    ledger.post_unposted(newest=None, as_of=INVOICED)


def _trouble(made: cast.Cast) -> None:
    about = tickets.About(
        operator_id=made.operator.pk,
        scope_key=f"connector:{made.socket.pk}",
        location_id=made.location.pk,
        station_id=made.ac_station.pk,
        connector_id=made.socket.pk,
    )
    ticket = tickets.open_ticket(about=about, family="safety", code="F30", severity=1, as_of=NOON)
    Fault.objects.create(
        operator=made.operator,
        code="F30",
        scope="connector",
        scope_key=about.scope_key,
        location=made.location,
        station=made.ac_station,
        connector=made.socket,
        severity=1,
        state=Fault.State.FIRING,
        began_at=NOON,
        opened_at=NOON,
        last_seen_at=NOON,
        evidence={"vendor_error_code": SECRET},
        ticket=ticket,
    )


def _names(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            space = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from _names(pattern.url_patterns, space)
        else:
            yield f"{prefix}{pattern.name or pattern.pattern}"


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert {name for _method, name in ROWS} == set(_names(get_resolver().url_patterns))


def _ask(
    as_web: AsWeb, person: User | None, method: str, address: str, form: dict[str, str], **how: str
) -> tuple[int, str]:
    client = Client(headers={"accept-language": "en", **how})
    with transaction.atomic():
        if person:
            client.force_login(person)
        with as_web(None):
            answer = client.get(address) if method == "GET" else client.post(address, form)
            text = b"".join(answer) if answer.streaming else answer.content
        transaction.set_rollback(True)
    return answer.status_code, text.decode()


@pytest.mark.parametrize(("method", "name"), ROWS)
def test_each_role_gets_what_the_table_says(
    people: dict[str, User | None],
    keys: dict[str, list[Any]],
    as_web: AsWeb,
    method: str,
    name: str,
) -> None:
    address = reverse(name, args=keys.get(name, []))
    form = FORMS.get(name, {})
    asked: list[tuple[str, dict[str, str]]] = [(address, {})]
    if method == "GET" and not name.startswith("api-"):
        asked += [(address, {"hx-request": "true"}), (f"{address}?format=csv", {})]
    found: dict[str, set[int]] = {}
    read_by = set()
    for who, person in people.items():
        for where, how in asked:
            status, text = _ask(as_web, person, method, where, form, **how)
            found.setdefault(who, set()).add(status)
            if SECRET in text:
                read_by.add(who)

    assert found == {who: {status} for who, status in ROWS[method, name].items()}
    assert not read_by & OUTSIDE


@pytest.mark.parametrize("name", sorted({n for m, n in ROWS if m == "POST"}))
def test_what_changes_something_needs_a_post_and_the_forms_own_token(
    people: dict[str, User | None], keys: dict[str, list[Any]], as_web: AsWeb, name: str
) -> None:
    address = reverse(name, args=keys.get(name, []))
    person = people["astrid" if name.startswith("portal") else "cilla"]
    assert person is not None
    client = Client(enforce_csrf_checks=True)
    with transaction.atomic():
        client.force_login(person)
        with as_web(None):
            read = client.get(address).status_code
            forged = client.post(address, FORMS[name]).status_code
        transaction.set_rollback(True)

    pages = {"portal_pay", "api-command-list", "api-reservation-list", "station_add"}
    is_page = name in pages
    assert read == (200 if is_page else 302 if name == "set_language" else 405)
    is_secret = name in BY_SECRET
    assert forged == (400 if name == "payment_webhook" else 404 if is_secret else 403)


def test_a_role_at_one_operator_opens_nothing_at_another(
    people: dict[str, User | None], keys: dict[str, list[Any]], as_web: AsWeb
) -> None:
    hugo = people["hugo"]
    assert hugo is not None
    syd = Operator.objects.get(slug="syd")
    for name in ("station_command", "station_order", "station_messages", "ticket_step"):
        address = reverse(name, args=keys[name])
        with transaction.atomic():
            Membership.objects.create(operator=syd, user=hugo, role=Role.OPERATOR)
            method = "GET" if name == "station_messages" else "POST"
            status, _text = _ask(as_web, hugo, method, address, FORMS.get(name, {}))
            transaction.set_rollback(True)

        assert (name, status) == (name, 403)


def test_a_technician_of_some_sites_reads_the_frames_of_their_stations(
    people: dict[str, User | None], keys: dict[str, list[Any]], as_web: AsWeb
) -> None:
    station = Station.objects.get(identity="ELSEWHERE-1")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO stations_ocppframe (operator_id, station_id, received_at, is_inbound,"
                " action, frame) VALUES (%s, %s, now(), true, 'Heartbeat', %s)",
                [station.operator_id, station.pk, b"[2]"],
            )
        address = reverse("station_messages", args=[station.pk])
        status, text = _ask(as_web, people["ture"], "GET", address, {})
        transaction.set_rollback(True)

    assert status == 200
    assert "Heartbeat" in text


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("station_command", {"action": "stop", "session": "9" * 5000}),
        ("station_command", {"action": "\0", "type": "\0"}),
        ("ticket_step", {"step": "note", "text": "a\0b", "key": "k"}),
        ("ticket_step", {"step": "note", "text": "seen", "key": "\0"}),
        ("ticket_step", {"step": "wait", "text": "\0"}),
        ("ticket_step", {"step": "assign", "assignee": "9" * 5000}),
    ],
)
def test_nonsense_in_a_form_is_no_error(
    people: dict[str, User | None],
    keys: dict[str, list[Any]],
    as_web: AsWeb,
    name: str,
    form: dict[str, str],
) -> None:
    status, _text = _ask(as_web, people["cilla"], "POST", reverse(name, args=keys[name]), form)

    assert status == 302


def test_what_an_operator_charges_elsewhere_is_theirs_alone_and_not_their_networks(
    people: dict[str, User | None], as_web: AsWeb
) -> None:
    erik = people["erik"]
    assert erik is not None
    session, invoice = Session.objects.get(), Invoice.objects.get()
    pages = [reverse(name) for name in ("session_list", "invoice_list", "customer_list")]
    pages += [reverse("session_page", args=[session.pk])]
    pages += [reverse("invoice_page", args=[invoice.public_id])]
    with transaction.atomic():
        Session.objects.filter(pk=session.pk).update(driver=erik)
        Customer.objects.filter(pk=invoice.customer_id).update(user=erik)
        of_the_network = [_ask(as_web, erik, "GET", page, {})[1] for page in pages]
        tiles = _ask(as_web, erik, "GET", reverse("dashboard"), {})[1]
        own = _ask(as_web, erik, "GET", reverse("portal_session", args=[session.pk]), {})
        paid = _ask(as_web, erik, "GET", reverse("portal_invoice", args=[invoice.public_id]), {})
        transaction.set_rollback(True)

    assert not [text for text in (*of_the_network, tiles) if SECRET in text]
    assert (own[0], paid[0]) == (200, 200)


def test_what_grows_without_bound_is_on_its_own_page_only(
    people: dict[str, User | None], keys: dict[str, list[Any]], as_web: AsWeb
) -> None:
    """A collective invoice has thousands of lines, and its entry as many postings."""
    for name, many in (("api-invoice", "lines"), ("api-entry", "postings")):
        _status, listed = _ask(as_web, people["cilla"], "GET", reverse(f"{name}-list"), {})
        address = reverse(f"{name}-detail", args=keys[f"{name}-detail"])
        _status, shown = _ask(as_web, people["cilla"], "GET", address, {})

        assert many not in json.loads(listed)["results"][0]
        assert json.loads(shown)[many]
