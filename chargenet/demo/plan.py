"""What the demo network looks like; names and makes are invented, places are real."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

ELVIRA, NORRSKEN = "Elvira", "Norrsken"


@dataclass(frozen=True)
class Site:
    """Where stations stand; `price` names its tariff, None is a site somebody forgot to price."""

    name: str
    street: str
    postal_code: str
    city: str
    latitude: str
    longitude: str
    price: str | None
    kinds: tuple[str, ...]
    country: str = "SE"
    timezone: str = "Europe/Stockholm"


@dataclass(frozen=True)
class Make:
    """One kind of station: its connectors are (standard, cable type, or None for a socket)."""

    vendor: str
    model: str
    current: str
    power_kw: int
    connectors: tuple[tuple[str, str | None], ...]
    firmware: str


TYPE2, CCS, CHADEMO = "IEC_62196_T2", "IEC_62196_T2_COMBO", "CHADEMO"
MAKES: Final = {
    "post": Make(ELVIRA, "Post 22", "AC", 22, ((TYPE2, None), (TYPE2, None)), "3.1.4"),
    "wall": Make(ELVIRA, "Wall 11", "AC", 11, ((TYPE2, "type2"),), "2.8.0"),
    "fast": Make(NORRSKEN, "Flare 50", "DC", 50, ((CCS, "ccs2"), (CHADEMO, "chademo")), "5.0.2"),
    "hyper": Make(NORRSKEN, "Flare 150", "DC", 150, ((CCS, "ccs2"), (CCS, "ccs2")), "6.2.1"),
}
AC_SITE = ("post", "post", "wall", "post")
MIXED_SITE = ("post", "fast", "post", "hyper")
FAST_SITE = ("hyper", "fast", "hyper", "post")


def _nordic(*place: str, price: str | None, kinds: tuple[str, ...], **more: str) -> Site:
    name, street, postal_code, city, latitude, longitude = place
    return Site(
        name, street, postal_code, city, latitude, longitude, price=price, kinds=kinds, **more
    )


NORD_SITES: Final = (
    _nordic(
        *("Malmö Hamnen", "Skeppsbron 2", "211 20", "Malmö", "55.609300", "12.997900"),
        price="mixed",
        kinds=MIXED_SITE,
    ),
    _nordic(
        *("Stockholm Slussen", "Katarinavägen 1", "116 45", "Stockholm", "59.319500", "18.072300"),
        price="ac",
        kinds=AC_SITE,
    ),
    _nordic(
        *("Göteborg Lindholmen", "Lindholmspiren 5", "417 56", "Göteborg"),
        *("57.706700", "11.938300"),
        price="mixed",
        kinds=MIXED_SITE,
    ),
    _nordic(
        *("Linköping E4 Norra", "Mörtlösa 3", "582 78", "Linköping", "58.424300", "15.661000"),
        price="spot",
        kinds=FAST_SITE,
    ),
    _nordic(
        *("Oslo Bjørvika", "Dronning Eufemias gate 8", "0191", "Oslo", "59.907000", "10.757500"),
        price="mixed",
        kinds=MIXED_SITE,
        country="NO",
        timezone="Europe/Oslo",
    ),
    _nordic(
        *("Lund Brunnshög", "Solbjersvägen 10", "224 84", "Lund", "55.723500", "13.222500"),
        price="ac",
        kinds=AC_SITE,
    ),
    _nordic(
        *("Uppsala Resecentrum", "Stationsgatan 9", "753 40", "Uppsala", "59.858300", "17.646900"),
        price=None,
        kinds=AC_SITE,
    ),
    _nordic(
        *("København Nordhavn", "Sundkaj 125", "2150", "København", "55.705600", "12.599200"),
        price="mixed",
        kinds=MIXED_SITE,
        country="DK",
        timezone="Europe/Copenhagen",
    ),
    _nordic(
        *("Stockholm Kista", "Hanstavägen 51", "164 53", "Kista", "59.404200", "17.946100"),
        price="night",
        kinds=AC_SITE,
    ),
    _nordic(
        *("Malmö Triangeln", "Rådmansgatan 12", "211 46", "Malmö", "55.594100", "13.000500"),
        price="night",
        kinds=AC_SITE,
    ),
)
SYD_SITES: Final = (
    _nordic(
        *("Ystad Hamn", "Spanienfararegatan 1", "271 39", "Ystad", "55.426800", "13.826300"),
        price="syd",
        kinds=MIXED_SITE,
    ),
    _nordic(
        *("Trelleborg Väst", "Hedvägen 140", "231 66", "Trelleborg", "55.376500", "13.124900"),
        price="syd",
        kinds=AC_SITE,
    ),
)


@dataclass(frozen=True)
class Network:
    """One operator of the demo."""

    slug: str
    name: str
    org_number: str
    city: str
    prefix: str
    sites: tuple[Site, ...]
    share: float


NETWORKS: Final = (
    Network("nordladd", "Nordladd", "556036-0793", "Malmö", "NORD", NORD_SITES, 0.9),
    Network("sydladd", "Sydladd", "556012-5790", "Ystad", "SYD", SYD_SITES, 0.1),
)


@dataclass(frozen=True)
class PlannedStation:
    """One station of the demo, the same in every run."""

    identity: str
    name: str
    serial_number: str
    site: Site
    make: Make
    ocpp_version: str


def stations_of(network: Network, count: int) -> Iterator[PlannedStation]:
    """Yield the first stations of a network, dealt out over its sites."""
    for number in range(count):
        turn, place = divmod(number, len(network.sites))
        site = network.sites[place]
        make = MAKES[site.kinds[turn % len(site.kinds)]]
        yield PlannedStation(
            identity=f"{network.prefix}-{number + 1:04}",
            name=f"{site.name} {turn + 1}",
            serial_number=f"{make.model.split()[-1]}-{network.prefix}{number + 1:05}",
            site=site,
            make=make,
            # Two of five speak 2.0.1.
            ocpp_version="2.0.1" if number % 5 in {1, 3} else "1.6",
        )


def counts(total: int) -> dict[str, int]:
    """Return how many of some stations each network has; the small one never goes without."""
    small = max(1, round(total * NETWORKS[1].share)) if total > 1 else 0
    return {NETWORKS[0].slug: total - small, NETWORKS[1].slug: small}


FIRST_NAMES: Final = (
    *("Anna", "Lars", "Maria", "Karl", "Ingrid", "Olof", "Sara", "Nils", "Elin", "Johan"),
    *("Freja", "Magnus", "Linnea", "Gustav", "Signe", "Emil", "Tuva", "Axel", "Maja", "Oskar"),
)
LAST_NAMES: Final = ("Berg", "Lindqvist", "Sandberg", "Holm", "Nyström", "Ek", "Dahl", "Sund")
FLEET_DRIVERS: Final = {"nordladd": 40, "sydladd": 8}


def driver_names(count: int) -> list[str]:
    """Return names of drivers nobody is, the same in every run."""
    return [
        f"{FIRST_NAMES[n % len(FIRST_NAMES)]} {LAST_NAMES[n * 3 % len(LAST_NAMES)]}"
        for n in range(count)
    ]


@dataclass(frozen=True)
class Person:
    """Somebody of the cast with a login; drivers have no role but a card."""

    name: str
    network: str
    role: str
    card: str = ""
    has_contract: bool = False

    @property
    def email(self) -> str:
        """Return the login."""
        return f"{self.name.lower()}@{self.network}.example"


CAST: Final = (
    Person("Cilla", "nordladd", "operator"),
    Person("Dag", "nordladd", "technician"),
    Person("Fia", "nordladd", "finance"),
    Person("Stina", "nordladd", "support"),
    Person("Astrid", "nordladd", "driver", card="ASTRID01", has_contract=True),
    Person("Bo", "nordladd", "driver", card="BO000001"),
    Person("Erik", "sydladd", "operator"),
)
