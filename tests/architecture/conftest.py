"""The people of the role matrix, and what they ask for."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from billing.models import Invoice, RatingHold, Reminder, TariffAssignment, TariffDraft
from chargenet.core.models import User
from faults.models import CableLife, DriverReport, Fault, RuleTrial, Ticket, TicketPhoto
from revenue.models import JournalEntry
from stations.models import (
    BulkCommand,
    Command,
    ConfigurationTemplate,
    DeviceMonitor,
    DeviceVariable,
    FirmwareCampaign,
    FirmwareImage,
    LoadGroup,
    Reservation,
    Session,
    Station,
    StationImport,
    StationLog,
)
from tests.architecture.role_scene import SECRET, make_people, message_key
from tests.architecture.role_table import (
    DRAFT_PAGES,
    IMPORT_PAGES,
    INVOICE_PAGES,
    REPORT_PAGES,
    STATION_PAGES,
    TARIFF_PAGES,
    TEMPLATE_PAGES,
)
from tests.conftest import truncate_everything

SESSION_PAGES = ["session_page", "portal_session", "session_key", "session_receipt"]
CUSTOMER_PAGES = [f"customer_{part}" for part in ("page", "change", "centres", "contracts")]
CUSTOMER_PAGES += [f"customer_{part}" for part in ("statement", "interest", "erase")]
HOLD_PAGES = ["hold_page", "hold_decide", "api-hold-detail", "api-hold-release"]
HOLD_PAGES += ["api-hold-correct", "api-hold-waive"]


@pytest.fixture(scope="module")
def people(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, User | None]]:
    """Everybody, and one of everything that has an address."""
    with django_db_blocker.unblock():
        truncate_everything()
        yield make_people()
        truncate_everything()
        connection.close()


@pytest.fixture
def keys(people: dict[str, User | None]) -> dict[str, list[Any]]:
    """What each address with a row in it is asked with: all of it is Astrid's or Nord's."""
    held = RatingHold.objects.get()
    station = Station.objects.get(identity__endswith="AC-1")
    session = Session.objects.get(ocpp_transaction_id=SECRET)
    invoice, ticket = Invoice.objects.get(), Ticket.objects.get()
    assert station.connectors.count() == 2
    return {
        **{key: [station.pk] for key in STATION_PAGES},
        **{key: [session.pk] for key in SESSION_PAGES},
        **{key: [LoadGroup.objects.get().pk] for key in ("power_page", "power_change")},
        **{key: [ticket.pk] for key in ("ticket_page", "ticket_step")},
        **{key: [ticket.pk] for key in ("ticket_around", "ticket_talk", "ticket_tell_station")},
        **{key: [CableLife.objects.get().cable_id] for key in ("cable_page", "cable_replace")},
        **{key: [ticket.pk] for key in ("ticket_order", "ticket_order_pdf")},
        **{key: [DriverReport.objects.get().pk] for key in REPORT_PAGES},
        "ticket_photo": [ticket.pk, TicketPhoto.objects.get().pk],
        **{key: [invoice.public_id] for key in INVOICE_PAGES},
        **{key: [invoice.customer_id] for key in ("draft_page", "draft_change")},
        "reminder_pdf": [Reminder.objects.get().public_id],
        "uptime_connector": [session.connector_id],
        "uptime_hours": [station.location_id],
        "station_setting": [station.pk, DeviceVariable.objects.get().pk],
        "station_monitor_clear": [station.pk, DeviceMonitor.objects.get().pk],
        **{key: [StationImport.objects.get().pk] for key in IMPORT_PAGES},
        **{key: [ConfigurationTemplate.objects.get().pk] for key in TEMPLATE_PAGES},
        **{name: ["F01"] for name in ("rule_page", "rule_set", "rule_try")},
        "fault_page": [Fault.objects.get(code="F30").pk],
        "rule_trial": ["F01", RuleTrial.objects.get().pk],
        "payment_webhook": ["demo"],
        "api-location-detail": [station.location_id],
        "api-station-detail": [station.pk],
        "api-connector-detail": [session.connector_id],
        "api-session-detail": [session.pk],
        **{name: [held.session_id] for name in HOLD_PAGES},
        **{name: [invoice.customer_id] for name in CUSTOMER_PAGES},
        **{f"api-customer-{part}": [invoice.customer_id] for part in ("detail", "change")},
        "api-load-group-detail": [LoadGroup.objects.get().pk],
        "api-reservation-detail": [Reservation.objects.get().pk],
        **{key: [session.cdr.tariff_id] for key in TARIFF_PAGES},
        **{key: [TariffDraft.objects.get().pk] for key in DRAFT_PAGES},
        "tariff_end": [TariffAssignment.objects.get().pk],
        "api-cdr-detail": [session.cdr.pk],
        "message_page": message_key(),
        **{name: [BulkCommand.objects.get().pk] for name in ("bulk_page", "bulk_step")},
        **{
            name: [FirmwareImage.objects.get().pk]
            for name in ("firmware_withdraw", "campaign_plan")
        },
        **{
            name: [FirmwareCampaign.objects.get().pk]
            for name in ("campaign_page", "campaign_step")
        },
        **{
            name: ["no-such-secret"] for name in ("firmware_file", "log_upload", "ticket_calendar")
        },
        # one that is right shows a place to everybody: tests/integration/pages/test_at_cable.py
        **{name: ["N0SUCHC0DE"] for name in ("at_cable", "cable_report")},
        "log_upload_folder": ["no-such-secret"],
        "log_upload_named": ["no-such-secret", "log.tar"],
        "station_log_file": [station.pk, StationLog.objects.get().pk],
        "api-command-detail": [Command.objects.get().pk],
        "api-invoice-detail": [invoice.public_id],
        "api-fault-detail": [Fault.objects.get().pk],
        **{name: [ticket.pk] for name in ("api-ticket-detail", "api-ticket-notes")},
        "api-entry-detail": [JournalEntry.objects.earliest("pk").pk],
    }
