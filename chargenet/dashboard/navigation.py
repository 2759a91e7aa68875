"""What every page knows: who looks, where they may go, the nonce of the page."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from chargenet.core import access
from chargenet.core.models import Role

NETWORK = frozenset({Role.OPERATOR, Role.FINANCE, Role.SUPPORT})
TECHNICAL = NETWORK | {Role.TECHNICIAN}
SITE = TECHNICAL | {Role.HOST}
MONEY = frozenset({Role.OPERATOR, Role.FINANCE})
COMMANDING = frozenset({Role.OPERATOR, Role.SUPPORT})


@dataclass(frozen=True)
class Entry:
    """One address in the menu, and who has it there."""

    name: str
    icon: str
    label: Promise
    roles: frozenset[Role]


@dataclass(frozen=True)
class Link:
    """One line of the menu as a page draws it."""

    href: str
    icon: str
    label: Promise
    is_here: bool


@dataclass(frozen=True)
class Group:
    """Some lines of the menu under one heading."""

    label: Promise
    links: list[Link]


MENU: tuple[tuple[Promise, tuple[Entry, ...]], ...] = (
    (
        _("Operations"),
        (
            Entry("dashboard", "layout-dashboard", _("Overview"), NETWORK),
            Entry("station_list", "charging-pile", _("Stations"), SITE),
            Entry("network_map", "map-2", _("Map"), SITE),
            Entry("session_list", "bolt", _("Sessions"), SITE),
            Entry("power_list", "activity", _("Shared power"), SITE),
            Entry("reservation_list", "bookmark", _("Reservations"), TECHNICAL),
        ),
    ),
    (
        _("Maintenance"),
        (
            Entry("fault_list", "alert-triangle", _("Faults"), TECHNICAL),
            Entry("ticket_list", "tool", _("Tickets"), TECHNICAL),
            Entry("driver_report_list", "message", _("Drivers' reports"), TECHNICAL),
            Entry("healing_list", "refresh", _("Healing"), TECHNICAL),
            Entry("ticket_crew", "users", _("Crew"), TECHNICAL),
            Entry("ticket_windows", "calendar", _("Maintenance windows"), TECHNICAL),
            Entry("ticket_telling", "mail", _("How I am told"), TECHNICAL),
            Entry("ticket_ways", "send", _("Ways out"), frozenset({Role.OPERATOR})),
            Entry("uptime", "activity", _("Uptime"), SITE),
            Entry("reliability", "chart-bar", _("Reliability"), TECHNICAL),
            Entry("cable_list", "plug-connected", _("Cables"), TECHNICAL),
            Entry("rule_list", "activity", _("Fault rules"), TECHNICAL),
            Entry("coverage_list", "eye", _("Coverage"), TECHNICAL),
            Entry("quality_list", "list-details", _("Data quality"), TECHNICAL),
            Entry("security_list", "shield-check", _("Security"), TECHNICAL),
        ),
    ),
    (
        _("Remote control"),
        (
            Entry("command_list", "send", _("Commands"), TECHNICAL),
            Entry("bulk_list", "list-details", _("Bulk commands"), COMMANDING),
            Entry("firmware_list", "device-floppy", _("Firmware"), TECHNICAL),
            Entry("template_list", "settings", _("Configurations"), TECHNICAL),
            Entry("message_list", "message", _("Messages"), TECHNICAL),
            Entry("quirk_list", "notes", _("Quirks"), TECHNICAL),
            Entry("vendor_code_list", "list-details", _("Makers' codes"), TECHNICAL),
        ),
    ),
    (
        _("Money"),
        (
            Entry("tariff_list", "list-details", _("Price lists"), NETWORK),
            Entry("unbilled_list", "hourglass", _("Unbilled"), NETWORK),
            Entry("hold_list", "hand-stop", _("Held sessions"), NETWORK),
            Entry("spot_list", "clock", _("Spot prices"), NETWORK),
            Entry("difference_list", "history", _("Prices again"), NETWORK),
            Entry("revenue", "chart-bar", _("Revenue"), MONEY),
            Entry("draft_list", "notes", _("Drafts"), NETWORK),
            Entry("invoice_list", "file-invoice", _("Invoices"), NETWORK),
            Entry("customer_list", "users", _("Customers"), NETWORK),
        ),
    ),
)
DRIVER_MENU = (
    Entry("portal_sessions", "bolt", _("My charging"), frozenset()),
    Entry("portal_invoices", "file-invoice", _("Invoices"), frozenset()),
    Entry("portal_account", "user", _("Account"), frozenset()),
)


def page(request: HttpRequest) -> dict[str, object]:
    """Return what the layouts need; the menu is made only where a page shows it."""
    return {
        "csp_nonce": getattr(request, "csp_nonce", ""),
        "languages": settings.LANGUAGES,
        "menu": SimpleLazyObject(lambda: menu_of(request)),
        "driver_menu": SimpleLazyObject(lambda: _links(DRIVER_MENU, request)),
        "person_roles": SimpleLazyObject(lambda: roles_of(request)),
    }


def roles_of(request: HttpRequest) -> set[str]:
    """Return the roles of the person who looks."""
    return {membership.role for membership in access.memberships_of(request.user)}


def menu_of(request: HttpRequest) -> list[Group]:
    """Return the menu of the person who looks: only what they may open."""
    roles = roles_of(request)
    groups = [
        Group(label, _links([entry for entry in entries if entry.roles & roles], request))
        for label, entries in MENU
    ]
    return [group for group in groups if group.links]


def _links(entries: Sequence[Entry], request: HttpRequest) -> list[Link]:
    """Return the entries as links; the longest address that fits is where the person is."""
    hrefs = [reverse(entry.name) for entry in entries]
    here = max((href for href in hrefs if request.path.startswith(href)), key=len, default="")
    return [
        Link(href, entry.icon, entry.label, is_here=href == here)
        for entry, href in zip(entries, hrefs, strict=True)
    ]
