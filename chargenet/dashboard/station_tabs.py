"""The tabs of a station's page: one line a page about one station."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chargenet.dashboard.navigation import SITE, TECHNICAL, Entry, Link, roles_of
from stations.models import Station

# In the order they are read: now, what was said, what it is set to, what it may do, who it is.
TABS: tuple[Entry, ...] = (
    Entry("station_page", "charging-pile", _("Now"), SITE),
    Entry("station_power", "activity", _("Power"), TECHNICAL),
    Entry("station_drivers", "users", _("Drivers"), TECHNICAL),
    Entry("station_commands", "send", _("Commands"), TECHNICAL),
    Entry("station_messages", "message", _("Messages"), TECHNICAL),
    Entry("station_commissioning", "list-details", _("Setting up"), TECHNICAL),
    Entry("station_configuration", "settings", _("Configuration"), TECHNICAL),
    Entry("station_logs", "file-text", _("Logs"), TECHNICAL),
    Entry("station_security", "shield-check", _("Security"), TECHNICAL),
)


def tabs_of(request: HttpRequest, station: Station) -> list[Link]:
    """Return the tabs the person who looks may open, the present one marked."""
    roles = roles_of(request)
    links = []
    for entry in TABS:
        if entry.roles & roles:
            href = reverse(entry.name, kwargs={"station_id": station.pk})
            links.append(Link(href, entry.icon, entry.label, is_here=request.path == href))
    return links
