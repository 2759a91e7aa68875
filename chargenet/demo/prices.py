"""The demo's price lists; people see prices with 25 % VAT, OCPI writes them without."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from billing.models import Tariff, TariffAssignment
from chargenet.core.models import Operator
from chargenet.demo import exchange
from chargenet.demo.plan import Network
from stations.models import Location

VAT = 25
# Where the prices of a name begin: a text for drivers does not repeat them.
WITHOUT_PRICE = re.compile(r" (?=\d)")
PRICED_BEFORE = timedelta(days=400)


def _excl(incl_vat: str) -> float:
    """Return a price without VAT; exact, for every price here has a finite one."""
    return float(Decimal(incl_vat) / (1 + Decimal(VAT) / 100))


def _component(kind: str, incl_vat: str, *, step: int = 1) -> dict[str, Any]:
    return {"type": kind, "price": _excl(incl_vat), "vat": VAT, "step_size": step}


def _energy(incl_vat: str, **restrictions: Any) -> dict[str, Any]:
    element: dict[str, Any] = {"price_components": [_component("ENERGY", incl_vat)]}
    return element | ({"restrictions": restrictions} if restrictions else {})


IDLE = {"price_components": [_component("PARKING_TIME", "60", step=60)]}
LISTS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "ac": ("Normalladdning 4,90 kr/kWh", [_energy("4.90")]),
    "night": (
        "Normalladdning 4,90 kr/kWh, natt 3,90",
        [_energy("3.90", start_time="22:00", end_time="06:00"), _energy("4.90")],
    ),
    "mixed": ("Laddning 5,50 kr/kWh, 1 kr/min när bilen är klar", [_energy("5.50"), IDLE]),
    "spot": ("Snabbladdning till spotpris + 2,95 kr/kWh, 1 kr/min efter 15 min", []),
    "syd": ("Sydladd 4,50 kr/kWh", [_energy("4.50")]),
    "plus": ("Nordladd Plus 3,90 kr/kWh", [_energy("3.90")]),
}

# What OCPI cannot say: the exchange's price by the quarter, and a fee for standing on that comes
# late, stays away at night and ends at a hundred.
OURS: dict[str, dict[str, Any]] = {
    "spot": {
        "spot": {"markup": _excl("2.50"), "grid_fee": 0.36, "vat": VAT},
        "idle_fee": {
            "price_per_minute": _excl("1"),
            "vat": VAT,
            "grace_s": 900,
            "start_time": "06:00",
            "end_time": "22:00",
            "cap": {"excl_vat": 80, "incl_vat": 100},
        },
        "max_per_day": {"excl_vat": 800, "incl_vat": 1000},
    }
}


def make_tariff(operator: Operator, key: str) -> Tariff:
    """Return one price list of the demo, made where it is missing."""
    name, elements = LISTS[key]
    code = f"DEMO-{key.upper()}"
    tariff, _ = Tariff.objects.get_or_create(
        operator=operator,
        code=code,
        version=1,
        defaults={
            "name": name,
            "currency": "SEK",
            "native": OURS.get(key, {}),
            "spot_area": exchange.AREA if key in OURS else "",
            "ocpi": {
                "country_code": "SE",
                "party_id": operator.slug[:3].upper(),
                "id": code,
                "currency": "SEK",
                "tariff_alt_text": [{"language": "sv", "text": WITHOUT_PRICE.split(name)[0]}],
                "elements": elements,
                "last_updated": "2026-01-01T00:00:00Z",
            },
        },
    )
    return tariff


def price_sites(
    operator: Operator, network: Network, sites: dict[str, Location], *, as_of: datetime
) -> None:
    """Give every site its price list; the one without is there to be noticed."""
    if any(site.price in OURS for site in network.sites):
        exchange.make_spot_prices(operator, as_of=as_of)
    for site in network.sites:
        if site.price is not None:
            TariffAssignment.objects.get_or_create(
                operator=operator,
                location=sites[site.name],
                tariff=make_tariff(operator, site.price),
                defaults={"valid_from": as_of - PRICED_BEFORE},
            )
