"""The network of a world: sites, stations, connectors, the makes they are of, and who drives."""

from dataclasses import dataclass, field
from random import Random

# What we tell every station in answer to its boot.
HEARTBEAT_S = 300
AMBIENT_CITIES = (-6.0, -1.0, 2.0, 6.0, 9.0)


@dataclass(frozen=True, slots=True)
class Make:
    """A make of station and its habits."""

    vendor: str
    model: str
    version: str
    is_dc: bool
    powers_w: tuple[int, ...]
    has_temperature: bool
    has_finishing: bool = True
    # Says Available some seconds before it tells that the session ended.
    frees_early: bool = False
    # A fault has no code, only the state.
    hides_codes: bool = False
    speaks_mrec: bool = False
    modules: int = 1
    # While one outlet is in use the other says Unavailable.
    shares_power: bool = False


MAKES = (
    Make("Nordvolt", "NV-22", "1.6", False, (11_000, 22_000), True, speaks_mrec=True),
    Make("Skagen", "S2", "1.6", False, (22_000,), False, has_finishing=False),
    Make("Harbour", "HB Duo", "2.0.1", False, (11_000, 22_000), True),
    Make("Nordvolt", "NV-DC", "1.6", True, (50_000, 100_000), True, modules=4),
    Make("Ampera", "A-150", "1.6", True, (150_000,), True, frees_early=True, modules=5),
    Make("Harbour", "HB Rapid", "2.0.1", True, (150_000, 300_000), True, modules=6),
    Make(
        "Skagen",
        "S50",
        "1.6",
        True,
        (50_000,),
        False,
        hides_codes=True,
        modules=2,
        shares_power=True,
    ),
)
MAKE_WEIGHTS = (22, 12, 16, 18, 12, 14, 6)


@dataclass(slots=True)
class Connector:
    """One connector and its true physics.

    `theta` is the rise of temperature in K/A², `tau` in seconds, `loop_ohm` of its supply.
    """

    id: int
    evse: int
    power_w: int
    station: "Station"
    liking: float
    theta: float
    tau: float
    loop_ohm: float
    register_wh: float
    busy_until: float = 0.0
    cable_c: float = 10.0
    cable_at: float = 0.0
    attempts: list[float] = field(default_factory=list)
    uses: list[tuple[float, float]] = field(default_factory=list)
    # When somebody charged, and who tried when with what success.
    charged: list[tuple[float, float]] = field(default_factory=list)
    tries: list[tuple[float, str, bool]] = field(default_factory=list)


@dataclass(slots=True)
class Station:
    """One station; `network` is the mobile network that carries it."""

    id: int
    site: "Site"
    make: Make
    firmware: str
    network: str
    latency: float
    clock_s: float
    connectors: list[Connector] = field(default_factory=list)


@dataclass(slots=True)
class Site:
    """One site: how many come a day, how warm it is, and who lives near."""

    id: int
    a_day: float
    warmth: float
    locals: list["Driver"]
    stations: list[Station] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Driver:
    """A token and its car; a sick car charges nowhere."""

    token: str
    ac_w: int
    phases: int
    dc_w: int
    battery_kwh: float
    is_sick: bool
    uses_app: bool


def build(rng: Random, connectors: int) -> list[Site]:
    """Return a network of at least this many connectors."""
    drivers = [_driver(rng, number) for number in range(max(60, connectors * 12))]
    sites: list[Site] = []
    made = 0
    while made < connectors:
        site = Site(
            id=len(sites) + 1,
            a_day=0.0,
            warmth=rng.choice(AMBIENT_CITIES),
            locals=rng.sample(drivers, min(len(drivers), rng.randint(40, 120))),
        )
        for _ in range(rng.choices((1, 2, 3, 4, 6), (30, 30, 18, 12, 10))[0]):
            made += _add_station(rng, site, made)
            if made >= connectors:
                break
        size = sum(len(station.connectors) for station in site.stations)
        site.a_day = size * min(7.0, max(0.3, rng.lognormvariate(0.5, 0.8)))
        sites.append(site)
    return sites


def _add_station(rng: Random, site: Site, made: int) -> int:
    make = rng.choices(MAKES, MAKE_WEIGHTS)[0]
    station = Station(
        id=1000 + made,
        site=site,
        make=make,
        firmware=rng.choice(("3.1.0", "3.2.4")),
        network=f"net-{site.id % 3}",
        latency=rng.uniform(0.05, 0.7),
        clock_s=rng.gauss(0, 4),
    )
    power_w = rng.choice(make.powers_w)
    count = rng.choices((1, 2), (40, 60))[0]
    for evse in range(1, count + 1):
        top = min(power_w / 380, 500.0) if make.is_dc else power_w / 690
        station.connectors.append(
            Connector(
                id=made + evse,
                evse=evse,
                power_w=power_w,
                station=station,
                liking=rng.uniform(0.5, 1.5),
                theta=rng.uniform(22, 34) / top**2,
                tau=rng.uniform(420, 660),
                loop_ohm=rng.uniform(0.12, 0.35),
                register_wh=float(rng.randint(10_000, 9_000_000)),
            )
        )
    site.stations.append(station)
    return count


def _driver(rng: Random, number: int) -> Driver:
    ac_w, phases = rng.choices(
        ((11_000, 3), (7_400, 1), (22_000, 3), (3_700, 1)), (60, 22, 8, 10)
    )[0]
    return Driver(
        token=f"T{number:06d}",
        ac_w=ac_w,
        phases=phases,
        dc_w=rng.choice((50_000, 75_000, 110_000, 150_000, 200_000, 270_000)),
        battery_kwh=rng.choice((40.0, 52.0, 60.0, 77.0, 95.0)),
        is_sick=rng.random() < 0.006,
        uses_app=rng.random() < 0.35,
    )
