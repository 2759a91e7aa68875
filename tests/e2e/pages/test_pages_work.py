"""What people do on the pages: repair, pay, command, and watch things change."""

import pytest
from playwright.sync_api import Browser, expect

from billing.models import Payment
from faults.models import Ticket, TicketNote
from stations.models import Command, Connector, Session
from tests.e2e.pages import site as page_site
from tests.e2e.pages.site import Site

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("person", "address"),
    [("cilla", "/overview/"), ("fia", "/overview/"), ("dag", "/tickets/"), ("astrid", "/my/")],
)
def test_each_person_starts_where_their_day_starts(
    browser: Browser, site: Site, person: str, address: str
) -> None:
    with page_site.visit(browser, site, person=person) as watched:
        assert watched.page.url == f"{site.url}{address}"


def test_a_wrong_password_is_answered_kindly(browser: Browser, site: Site) -> None:
    with page_site.visit(browser, site, language="en") as watched:
        page = watched.page
        page.goto("/sign-in/")
        page.fill("[name=username]", "cilla@example.org")
        page.fill("[name=password]", "not this one")
        page.locator("form.cn-door-form button").click()

        expect(page.get_by_role("alert").first).to_contain_text("is not right")


def test_a_technician_repairs_with_one_thumb(browser: Browser, site: Site) -> None:
    ticket = site.scene.ticket
    with page_site.visit(browser, site, person="dag", width="phone", language="sv") as watched:
        page = watched.page
        page.goto(f"/tickets/{ticket.pk}/")

        page.locator(".cn-action-bar").get_by_role("button", name="På väg").click()
        page.locator(".cn-action-bar").get_by_role("button", name="På plats").click()
        page.fill("#note-text", "Säkringen var av.")
        page.get_by_role("button", name="Spara anteckningen").click()
        expect(page.get_by_text("Säkringen var av.")).to_be_visible()
        page.locator(".cn-action-bar").get_by_role("button", name="Klar").click()
        page.select_option("#found", "cable.worn")
        page.select_option("#action", "replaced")
        page.fill("#part", "Kabel CCS2")
        page.fill("#resolve-text", "Bytte kabeln.")
        page.locator("#resolve-dialog").get_by_role("button", name="Klar").click()
        expect(page.get_by_text("Bytte kabeln.").first).to_be_visible()

        assert watched.troubles == []
    ticket.refresh_from_db()
    assert (ticket.state, ticket.resolution) == (Ticket.State.RESOLVED, "Bytte kabeln.")
    assert ticket.assignee == site.scene.cast.dag


def test_a_note_that_a_poor_network_sends_twice_is_one_note(browser: Browser, site: Site) -> None:
    ticket = site.scene.ticket
    with page_site.visit(browser, site, person="cilla") as watched:
        page = watched.page
        page.goto(f"/tickets/{ticket.pk}/")
        fields = {
            name: page.locator(f"form:has(#note-text) [name={name}]").input_value()
            for name in ("csrfmiddlewaretoken", "step", "key")
        }

        for _time in range(2):
            page.request.post(
                f"/tickets/{ticket.pk}/step/",
                form={**fields, "text": "Sent twice."},
                headers={"Referer": site.url},
            )

    assert TicketNote.objects.filter(ticket=ticket, text="Sent twice.").count() == 1


def test_a_driver_pays_and_gets_a_receipt(browser: Browser, site: Site) -> None:
    invoice = site.scene.invoice
    with page_site.visit(browser, site, person="astrid", width="phone", language="en") as watched:
        page = watched.page
        page.goto(f"/my/invoices/{invoice.public_id}/")
        page.get_by_role("link", name="Pay SEK").click()
        page.get_by_label("A card without enough money").check()
        page.get_by_role("button", name="Pay SEK").click()
        expect(page.get_by_text("not enough money on the card")).to_be_visible()

        page.get_by_label("A card that works").check()
        page.get_by_role("button", name="Pay SEK").click()

        expect(page.get_by_role("heading", level=1)).to_contain_text("Receipt")
        expect(page.get_by_role("link", name="Pay SEK")).to_have_count(0)
        assert watched.troubles == []
    captured = Payment.objects.get(invoice=invoice, state=Payment.State.CAPTURED)
    assert captured.amount == invoice.total_incl_vat


def test_the_live_table_follows_the_station(browser: Browser, site: Site) -> None:
    connector = site.scene.cast.socket
    station = connector.station
    with page_site.visit(browser, site, person="cilla", language="en") as watched:
        page = watched.page
        page.goto(f"/stations/?q={station.name}")
        row = page.locator("tbody tr").first
        Connector.objects.filter(station=station).update(status="Reserved", error_code="")

        expect(row).to_contain_text("Reserved")

        assert watched.troubles == []


def test_the_driver_sees_the_energy_grow(browser: Browser, site: Site) -> None:
    live = site.scene.live
    with page_site.visit(browser, site, person="astrid", language="en") as watched:
        page = watched.page
        page.goto("/my/")
        expect(page.locator(".cn-live .cn-amount")).to_contain_text("21.34")

        Session.objects.filter(pk=live.pk).update(last_register_wh=533_340)

        expect(page.locator(".cn-live .cn-amount")).to_contain_text("33.34")


def test_stopping_a_session_asks_first(browser: Browser, site: Site) -> None:
    station = site.scene.cast.dc_station
    with page_site.visit(browser, site, person="cilla", language="en") as watched:
        page = watched.page
        page.goto(f"/stations/{station.pk}/")
        page.get_by_role("button", name="Stop the session").first.click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("The driver pays for what was charged.")
        assert not Command.objects.filter(station=station).exists()

        dialog.get_by_role("button", name="Stop the session").click()

        expect(page.get_by_text("The command is queued.")).to_be_visible()
    assert Command.objects.get(station=station).action == "remote_stop"


def test_a_night_price_is_painted_tried_published_and_read_at_the_cable(
    browser: Browser, site: Site
) -> None:
    socket = site.scene.cast.socket
    with page_site.visit(browser, site, person="cilla", language="en") as watched:
        page = watched.page
        page.goto("/tariffs/")
        page.get_by_role("link", name="Bas").click()
        page.get_by_role("button", name="Write the next version").click()
        page.fill("[name=level_B]", "2.40")
        page.get_by_role("button", name="B 2.40").click()
        cells = page.get_by_role("gridcell")
        cells.nth(0).hover()
        page.mouse.down()
        cells.nth(6 * 24 + 5).hover()
        page.mouse.up()
        expect(page.locator("[data-hours=B]")).to_have_text("42")
        cells.nth(22).focus()
        page.keyboard.press("b")
        page.keyboard.press("Shift+ArrowRight")
        expect(page.locator("[name=day_0]")).to_have_value("B" * 6 + "A" * 16 + "BB")
        expect(page.get_by_text("Not saved yet.")).to_be_visible()
        page.get_by_role("button", name="Save the draft").click()
        page.fill("[name=start]", "2026-11-28T03:00")
        page.get_by_role("button", name="Reckon").click()
        # 30 kWh at 3.00 and a start at 6.25, with VAT.
        expect(page.locator(".cn-amount").first).to_have_text("SEK 96.25")
        page.get_by_role("button", name="Publish").click()
        expect(page.get_by_text("Bas, version 2, is published.")).to_be_visible()
        assert watched.troubles == []
    with page_site.visit(browser, site, width="phone", language="en") as watched:
        watched.page.goto(f"/c/{socket.public_code}")
        expect(watched.page.get_by_text("SEK 3.00/kWh")).to_be_visible()
        assert watched.troubles == []
