"""The design language in templates: marks, figures, times and the parts made of them."""

import zoneinfo
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chargenet.core import clock, formats
from chargenet.dashboard import (
    evidence,
    parts,
    session_flags,
    station_tabs,
    ticket_marks,
    vocabulary,
)
from faults.models.tickets import Exclusion
from faults.queries import jobs
from stations.models import Station

register = template.Library()
DASH = "–"  # what a cell without a value shows


@register.simple_tag
def icon(name: str, label: str = "", size: str = "") -> SafeString:
    """Draw an icon of the sprite; without a label it is decoration and silent."""
    sprite = f"{static('vendor/icons/sprite.svg')}#{name}"
    css = f"cn-icon cn-icon-{size}" if size else "cn-icon"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}"></use></svg>',
            css,
            label,
            sprite,
        )
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}"></use></svg>', css, sprite
    )


@register.inclusion_tag("parts/mark.html")
def mark(kind: str, value: object, count: int | None = None) -> dict[str, Any]:
    """Show a state as icon, word and colour."""
    return {"mark": vocabulary.find_mark(kind, value), "count": count}


@register.inclusion_tag("parts/mark.html")
def connector_state(status: str, is_online: bool) -> dict[str, Any]:  # noqa: FBT001  a template says it by name
    """Show a connector's state; of an offline station we know only that it is offline."""
    return {"mark": vocabulary.find_mark("connector", status if is_online else "offline")}


@register.inclusion_tag("parts/station_tabs.html", takes_context=True, name="station_tabs")
def show_station_tabs(context: dict[str, Any], station: Station) -> dict[str, Any]:
    """Show the tabs of a station's page."""
    return {"tabs": station_tabs.tabs_of(context["request"], station)}


@register.inclusion_tag("parts/message.html")
def message(
    kind: str, title: str, text: str = "", action_label: str = "", action_href: str = ""
) -> dict[str, Any]:
    """Show an empty, error, stale or no-permission state."""
    return {"message": parts.Message(kind, title, text, action_label, action_href)}


@register.inclusion_tag("parts/facts.html")
def facts(rows: list[parts.Fact]) -> dict[str, Any]:
    """Show a key-value block."""
    return {"facts": rows}


@register.filter
def flag_words(flags: list[str]) -> list[str]:
    """Write what was odd about a session."""
    return session_flags.in_words(flags)


@register.filter
def money(value: Any) -> str:
    """Write a Money (anything with amount and currency)."""
    if value is None:
        return DASH
    return formats.money(value.amount, str(value.currency))


@register.filter
def money_in(amount: Decimal | None, currency: str) -> str:
    """Write an amount in a currency."""
    return DASH if amount is None else formats.money(amount, currency)


@register.filter
def energy(energy_wh: int | None) -> str:
    """Write an energy in the unit its size asks for."""
    return DASH if energy_wh is None else formats.energy(energy_wh)


@register.filter
def kwh(energy_wh: int | None) -> str:
    """Write an energy in kWh with two decimals, as columns need it."""
    return DASH if energy_wh is None else formats.kwh(energy_wh)


@register.filter
def power(power_w: int | None) -> str:
    """Write a power in kW."""
    return DASH if power_w is None else formats.power(power_w)


@register.filter
def duration(value: timedelta | int | None) -> str:
    """Write a length of time."""
    return DASH if value is None else formats.duration(value)


@register.filter
def figure(value: Decimal | int | None, digits: int = 0) -> str:
    """Write a number with grouped thousands."""
    return DASH if value is None else formats.number(value, digits=digits)


@register.filter
def percent(value: Decimal | None, digits: int = 0) -> str:
    """Write a share of one as per cent."""
    return DASH if value is None else formats.percent(value, digits=digits)


@register.filter
def instant(value: datetime | None, zone: str = "") -> str:
    """Write a time in ISO order on the local clock, to the minute."""
    if value is None:
        return DASH
    local = timezone.localtime(value, zoneinfo.ZoneInfo(zone) if zone else None)
    return f"{local:%Y-%m-%d}\u00a0{local:%H:%M}"


@register.filter
def day(value: date | None) -> str:
    """Write a date in ISO order."""
    return DASH if value is None else value.isoformat()


@register.simple_tag
def age(at: datetime | None, stale_after_s: int = 0) -> SafeString | str:
    """Write how old something is; the page keeps it true, and grey once it is stale."""
    if at is None:
        return DASH
    as_of = clock.now()
    is_stale = stale_after_s and (as_of - at).total_seconds() > stale_after_s
    return format_html(
        '<time class="cn-age{}" datetime="{}" title="{}" data-age{}>{}</time>',
        " is-stale" if is_stale else "",
        at.isoformat(timespec="seconds"),
        f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S %Z}",
        format_html(' data-stale-after="{}"', stale_after_s) if stale_after_s else "",
        formats.age(at, as_of),
    )


@register.inclusion_tag("parts/chart.html", takes_context=True)
def chart(context: template.Context, chart: parts.Chart) -> dict[str, Any]:
    """Draw a chart beside the table that says the same."""
    return {"chart": chart, "csp_nonce": context.get("csp_nonce", "")}


@register.inclusion_tag("parts/map.html")
def site_map(site_map: parts.SiteMap, is_tall: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002
    """Draw a map beside the table that says the same."""
    pins = parts.drawn_pins(site_map)
    return {"map": site_map, "pins": pins, "is_tall": is_tall}


@register.filter
def exclusion_word(why: str) -> str:
    """Write why an outage is left out of account, a dash where it is not."""
    return DASH if why == Exclusion.NONE else str(Exclusion(why).label)


@register.filter
def story_icon(verb: str) -> str:
    """Return the icon of a line of a ticket's story."""
    return ticket_marks.STORY_ICONS.get(verb, "history")


@register.filter
def evidence_pairs(seen: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what a rule saw as pairs of words."""
    return evidence.pairs(seen)


@register.filter
def finding(detail: dict[str, Any]) -> tuple[str, ...]:
    """Return what was found with a step of a ticket, in words."""
    component, cause, action = (str(detail.get(k, "")) for k in ("component", "cause", "action"))
    return jobs.finding_words(component, cause, action)
