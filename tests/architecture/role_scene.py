"""Everybody, and one of everything that has an address."""

import io
from datetime import UTC, datetime, timedelta

from billing import dunning, invoices, price_lists, rating
from billing.vat.months import Month
from chargenet.core.models import Membership, Role, User
from faults import cables, driver_reports, tickets
from faults.models import Fault, ReportPhoto, RuleTrial, TicketPhoto
from revenue import ledger
from stations import bulk, firmware, limits, transfers
from stations.models import (
    Cable,
    Command,
    Location,
    OcppFrame,
    Session,
    Station,
    StationLog,
)
from tests import cast
from tests.integration.billing import scene as trade
from tests.integration.pages import powered, settings

# Everything of ours carries this word: whoever may not see us must never read it.
SECRET = "zebra7731"
NOON = datetime(2026, 10, 5, 10, tzinfo=UTC)
WRITTEN = (
    '{"currency": "SEK", "elements": [{"price_components":'
    ' [{"type": "ENERGY", "price": 4, "vat": 25, "step_size": 1}]}]}'
)
INVOICED = datetime(2026, 11, 3, 8, tzinfo=UTC)


def make_people() -> dict[str, User | None]:
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
    powered.make_power(
        made, session=Session.objects.get(ocpp_transaction_id=SECRET), secret=SECRET, at=NOON
    )
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
    Cable.objects.filter(pk=made.cable.pk).update(serial_number=SECRET)
    cables.refresh_lives([made.cable.pk], NOON)
    line = {"site": SECRET, "station": SECRET, "connector": "1", "severity": 3}
    line |= {"began": NOON.isoformat(), "cleared": ""}
    RuleTrial.objects.create(
        operator=made.operator,
        code="F01",
        values={"pings": 9},
        begin=NOON - timedelta(days=7),
        end=NOON,
        state=RuleTrial.State.DONE,
        result={"after": 1, "new_count": 1, "new": [line]},
        asked_at=NOON,
        asked_by=made.cilla,
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


def message_key() -> list[int]:
    frame = OcppFrame.objects.get()
    return [int(frame.received_at.timestamp()) * 1_000_000, frame.id]


def _trade(made: cast.Cast) -> None:
    listed = trade.make_tariff(made, SECRET, trade.price_list("4"))
    trade.assign(listed)
    price_lists.draft_of(tariff=listed, text=WRITTEN, actor=made.cilla, as_of=NOON)
    session = trade.make_session(
        made,
        started_at=NOON,
        driver=made.astrid,
        token=made.astrids_token,
        number=SECRET,
        id_tag=SECRET,
    )
    cdr = rating.rate_session(session_id=session.pk, as_of=NOON + timedelta(hours=2))
    held = trade.make_session(
        made,
        started_at=NOON,
        number=f"{SECRET} held",
        needs_review=True,
        flags=["stop_below_sample"],
    )
    rating.rate_session(session_id=held.pk, as_of=NOON + timedelta(hours=2))
    assert cdr is not None
    assert cdr.customer_id is not None
    invoices.issue_invoice(customer_id=cdr.customer_id, period=Month(2026, 10), as_of=INVOICED)
    dunning.remind_late(operator_id=made.operator.pk, as_of=INVOICED + timedelta(days=60))
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
    TicketPhoto.objects.create(
        operator=made.operator,
        ticket=ticket,
        picture=SECRET.encode(),
        width=1,
        height=1,
        idempotency_key="p",
        at=NOON,
    )
    said = driver_reports.Said("dark", SECRET, SECRET, "sv", "r1", "k0")
    report = driver_reports.take_report(connector=made.socket, said=said, as_of=NOON)
    ReportPhoto.objects.create(
        operator=made.operator,
        report=report,
        picture=SECRET.encode(),
        width=1,
        height=1,
        at=NOON,
    )
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
