"""Every page in a real browser: both languages, both themes, on a desk and in a hand."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.pages import site as page_site
from tests.e2e.pages.site import Site, Watched

pytestmark = pytest.mark.browser

# Height of everything pressed that is lower than a thumb; a radio's label is the target.
LOW_TARGETS = """(address) =>
  [...document.querySelectorAll("button, .btn, select, input, .cn-tabs a")]
    .filter((part) => part.checkVisibility() && !["hidden", "radio"].includes(part.type))
    .filter((part) => !part.closest(".cn-switch"))
    .map((part) => [part.getBoundingClientRect().height, part.textContent.trim()])
    .filter(([height]) => height < 43.5)
    .map(([height, text]) => `${address} ${text}: ${height}`)"""


def pages_of(person: str, site: Site) -> list[str]:
    scene = site.scene
    operator = [
        "/overview/",
        "/stations/",
        f"/stations/{scene.cast.ac_station.pk}/",
        f"/stations/{scene.cast.dc_station.pk}/",
        f"/stations/{scene.cast.ac_station.pk}/commands/",
        f"/stations/{scene.cast.ac_station.pk}/messages/",
        f"/stations/{scene.cast.ac_station.pk}/logs/",
        "/commands/",
        "/messages/",
        "/bulk/",
        "/bulk/plan/",
        "/firmware/",
        "/firmware/add/",
        "/limits/",
        "/map/",
        "/sessions/",
        f"/sessions/{scene.live.pk}/",
        f"/sessions/{scene.unpriced.pk}/",
        "/faults/",
        f"/faults/{scene.fault_id}/",
        "/rules/",
        "/rules/F01/",
        "/reports/",
        "/tickets/",
        f"/tickets/{scene.ticket.pk}/",
        "/tariffs/",
        f"/tariffs/{scene.tariff_id}/",
        f"/tariffs/drafts/{scene.draft_id}/",
        "/unbilled/",
        "/revenue/",
        "/revenue/?period=2026&by=cable",
        "/invoices/",
        f"/invoices/{scene.invoice.public_id}/",
        "/customers/",
        f"/stations/{scene.cast.ac_station.pk}/setting-up/",
        f"/stations/{scene.cast.ac_station.pk}/configuration/",
        f"/stations/{scene.cast.dc_station.pk}/configuration/",
        "/stations/add/",
        "/stations/labels/",
        "/coverage/",
        "/cables/",
        "/configurations/",
        f"/configurations/{scene.template.pk}/",
        "/quality/",
        "/healing/",
        "/security/",
        "/security/certificates/",
        f"/stations/{scene.cast.ac_station.pk}/security/",
        f"/stations/{scene.cast.ac_station.pk}/power/",
        f"/stations/{scene.cast.ac_station.pk}/drivers/",
        "/power/",
        "/reservations/",
        "/quirks/",
        "/vendor-codes/",
        "/vendor-codes/seen/",
        "/stations/?q=nothing-has-this-name",
    ]
    driver = [
        "/my/",
        f"/my/sessions/{scene.live.pk}/",
        "/my/invoices/",
        f"/my/invoices/{scene.invoice.public_id}/",
        f"/my/invoices/{scene.invoice.public_id}/pay/",
        "/my/account/",
    ]
    technician = ["/tickets/", f"/tickets/{scene.ticket.pk}/", "/stations/", "/map/"]
    return {"": ["/sign-in/"], "cilla": operator, "dag": technician, "astrid": driver}[person]


def settle(page: Page) -> None:
    """Wait until charts and maps are drawn."""
    for part, drawn in (("[data-chart]", ".main-svg"), ("[data-map]", ".cn-pin")):
        if page.locator(part).count():
            expect(page.locator(f"{part} {drawn}").first).to_be_attached()


def look_at(watched: Watched, address: str, *, language: str, theme: str) -> list[str]:
    """Return everything that is wrong with one page."""
    page = watched.page
    watched.troubles.clear()
    page.goto(address)
    settle(page)
    wrong = [f"{address} {trouble}" for trouble in watched.troubles]
    for what, count in (("main", 1), ("h1", 1), (".cn-skip", 1), ("title", 1)):
        if page.locator(what).count() != count:
            wrong.append(f"{address} has {page.locator(what).count()} {what}")
    root = page.locator("html")
    if root.get_attribute("lang") != language:
        wrong.append(f"{address} is in {root.get_attribute('lang')}, not {language}")
    if root.get_attribute("data-bs-theme") != theme:
        wrong.append(f"{address} is not {theme}")
    wrong += [f"{address} sticks out: {part}" for part in page_site.overflow(page)]
    return wrong


@pytest.mark.parametrize("person", ["", "cilla", "dag", "astrid"])
@pytest.mark.parametrize(
    ("width", "theme", "language"),
    [("desk", "light", "sv"), ("phone", "dark", "en"), ("phone", "light", "sv")],
)
def test_every_page_is_whole(
    browser: Browser, site: Site, person: str, width: str, theme: str, language: str
) -> None:
    wrong: list[str] = []
    looks = {"width": width, "theme": theme, "language": language}

    with page_site.visit(browser, site, person=person, **looks) as watched:
        for address in pages_of(person, site):
            wrong += look_at(watched, address, language=language, theme=theme)

    assert wrong == []


def test_what_is_pressed_on_a_phone_is_large_enough(browser: Browser, site: Site) -> None:
    small: list[str] = []

    for person in ("dag", "astrid"):
        with page_site.visit(browser, site, person=person, width="phone") as watched:
            for address in pages_of(person, site):
                watched.page.goto(address)
                small += watched.page.evaluate(
                    LOW_TARGETS,
                    address,
                )

    assert small == []


def test_the_theme_stays_as_chosen(browser: Browser, site: Site) -> None:
    with page_site.visit(browser, site, theme="light") as watched:
        page = watched.page
        page.goto("/sign-in/")
        page.locator("[data-theme-button]").click()
        expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")

        page.reload()

        expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_the_language_stays_as_chosen(browser: Browser, site: Site) -> None:
    with page_site.visit(browser, site, language="sv") as watched:
        page = watched.page
        page.goto("/sign-in/")
        expect(page.locator("h1")).to_have_text("Logga in")

        page.get_by_role("button", name="English").click()

        expect(page.locator("h1")).to_have_text("Sign in")
        page.goto("/sign-in/")
        expect(page.locator("h1")).to_have_text("Sign in")


def test_the_keyboard_reaches_the_content_first(browser: Browser, site: Site) -> None:
    with page_site.visit(browser, site, person="cilla", language="en") as watched:
        page = watched.page
        page.goto("/stations/")

        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text("Skip to the content")
        page.keyboard.press("Enter")

        expect(page.locator("#main")).to_be_focused()


def test_a_slash_goes_to_the_search(browser: Browser, site: Site) -> None:
    with page_site.visit(browser, site, person="cilla") as watched:
        page = watched.page
        page.goto("/stations/")

        page.keyboard.press("/")
        page.keyboard.type("Arenan 2")
        page.keyboard.press("Enter")
        page.wait_for_url("**/stations/?q=Arenan+2")

        expect(page.locator("tbody tr")).to_have_count(1)
