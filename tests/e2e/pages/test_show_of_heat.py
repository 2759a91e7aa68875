"""A cable overheats: the technician's open phone shows it, the map locks it, a person clears it.

Every process is real: gateway, worker, web, browser.
"""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.hashers import make_password
from django.db import connection
from playwright.sync_api import Browser, Page, expect

from chargenet.core.models import User
from faults.models import Fault, Ticket
from stations.models import Connector, Location
from tests.cast import Cast
from tests.e2e.pages import site as page_site
from tests.e2e.pages.scene import PASSWORD
from tests.e2e.pages.site import Site
from tests.integration.stations.charger import Charger
from tests.integration.stations.conftest import GatewayProcess

pytestmark = pytest.mark.browser
BOOT = {"reason": "PowerUp", "chargingStation": {"vendorName": "Kempower", "model": "S"}}


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def status() -> dict[str, Any]:
    return {"timestamp": now(), "connectorStatus": "Available", "evseId": 1, "connectorId": 1}


def warmth(celsius: float, number: int) -> dict[str, Any]:
    event = {
        "eventId": number,
        "timestamp": now(),
        "trigger": "Delta",
        "actualValue": str(celsius),
        "eventNotificationType": "CustomMonitor",
        "component": {"name": "TemperatureSensor", "evse": {"id": 1, "connectorId": 1}},
        "variable": {"name": "Temperature"},
    }
    return {"generatedAt": now(), "seqNo": number, "eventData": [event]}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with page_site.running_browser() as browser:
        yield browser


@pytest.fixture
def site(cast: Cast) -> Iterator[Site]:
    """Serve the pages for a cast whose people can sign in and whose site is on the map."""
    User.objects.update(password=make_password(PASSWORD))
    Location.objects.update(latitude="55.613", longitude="12.99")
    with page_site.running_web(None) as site:  # type: ignore[arg-type]  # no page asks for a scene
        yield site


def says(gateway: GatewayProcess, *calls: tuple[str, dict[str, Any]]) -> None:
    """Let the station say something, on a thread of its own: the browser's keeps a loop."""

    async def talk() -> None:
        async with Charger(gateway.url, "NORD-DC-1", "ocpp2.0.1") as charger:
            await charger.call("BootNotification", BOOT)
            await charger.call("StatusNotification", status())
            for action, payload in calls:
                await charger.call(action, payload)

    def run() -> None:
        async_to_sync(talk)()
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def is_unloaded(page: Page) -> bool:
    """Return whether a page was loaded anew since it was marked."""
    return not page.evaluate("window.marked === true")


def test_an_overheated_cable_is_on_the_phone_at_once_and_locked_until_a_person_says_safe(
    browser: Browser, site: Site, gateway: GatewayProcess, worker: None, cast: Cast
) -> None:
    on_phone = page_site.visit(browser, site, person="dag", width="phone", language="en")
    at_desk = page_site.visit(browser, site, person="cilla", language="en")
    with on_phone as phone, at_desk as desk:
        phone.page.goto("/tickets/")
        expect(phone.page.get_by_text("No open tickets")).to_be_visible()
        desk.page.goto("/map/")
        expect(desk.page.locator(".cn-pin").first).to_be_attached()
        for page in (phone.page, desk.page):
            page.evaluate("window.marked = true")

        says(gateway, ("NotifyEvent", warmth(95, 1)))

        row = phone.page.get_by_role("link", name="Cable or plug overheated")
        expect(row).to_be_visible(timeout=30_000)
        expect(desk.page.locator(".cn-pin.cn-tone-critical")).to_be_visible(timeout=30_000)
        assert not is_unloaded(phone.page)
        assert not is_unloaded(desk.page)

        says(gateway, ("NotifyEvent", warmth(28, 2)))
        assert Connector.objects.get(pk=cast.tethered.pk).status == "Available"
        assert Fault.objects.get(code="F21").state == Fault.State.FIRING

        row.click()
        bar = phone.page.locator(".cn-action-bar")
        bar.get_by_role("button", name="I am on my way").click()
        bar.get_by_role("button", name="I am on site").click()
        bar.get_by_role("button", name="Done").click()
        phone.page.select_option("#found", "cable.overheated")
        phone.page.select_option("#action", "repaired")
        phone.page.fill("#resolve-text", "Contacts tightened and measured.")
        phone.page.locator("#resolve-dialog").get_by_role("button", name="Done").click()

        expect(desk.page.locator(".cn-pin.cn-tone-critical")).to_have_count(0, timeout=30_000)
        assert not is_unloaded(desk.page)
        assert phone.troubles == []
    ticket = Ticket.objects.get()
    assert (ticket.severity, ticket.state, ticket.assignee) == (1, "resolved", cast.dag)
    assert Fault.objects.get(code="F21").state == Fault.State.CLEARED
