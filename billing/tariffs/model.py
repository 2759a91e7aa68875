"""A tariff as we compute with it: exact fractions, prices per kWh, per hour and per session."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import Enum
from fractions import Fraction


class Dimension(Enum):
    """What a price is asked for."""

    ENERGY = "ENERGY"
    FLAT = "FLAT"
    TIME = "TIME"
    PARKING_TIME = "PARKING_TIME"


class ReservationRule(Enum):
    """When an element prices a reservation instead of a session."""

    RESERVATION = "RESERVATION"
    RESERVATION_EXPIRES = "RESERVATION_EXPIRES"


class TaxIncluded(Enum):
    """Whether the prices of a 2.3.0 tariff hold the tax; 2.2.1 tariffs are always NO."""

    YES = "YES"
    NO = "NO"
    NOT_APPLICABLE = "N/A"


@dataclass(frozen=True, slots=True)
class Component:
    """One price per kWh, hour or session; steps in Wh or s (0 means none), vat in percent."""

    dimension: Dimension
    price: Fraction
    vat: Fraction | None
    step_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Restrictions:
    """When an element holds; all must be true. min inclusive, max exclusive; Wh, W, A, s."""

    start_time: time | None = None
    end_time: time | None = None
    start_date: date | None = None
    end_date: date | None = None
    min_energy_wh: Fraction | None = None
    max_energy_wh: Fraction | None = None
    min_current_a: Fraction | None = None
    max_current_a: Fraction | None = None
    min_power_w: Fraction | None = None
    max_power_w: Fraction | None = None
    min_duration_s: Fraction | None = None
    max_duration_s: Fraction | None = None
    weekdays: frozenset[int] = frozenset()
    reservation: ReservationRule | None = None

    @property
    def follows_clock(self) -> bool:
        """Return whether the time of day, the date or the weekday matters."""
        return bool(
            self.start_time or self.end_time or self.start_date or self.end_date or self.weekdays
        )


@dataclass(frozen=True, slots=True)
class Element:
    """Prices that hold together under one set of restrictions."""

    components: tuple[Component, ...]
    restrictions: Restrictions | None = None


@dataclass(frozen=True, slots=True)
class PriceLimit:
    """The least or most a whole session costs, each side on its own; None is unsaid."""

    excl: Fraction
    incl: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """One component and the place it stands at in the tariff."""

    element: int
    index: int
    component: Component
    restrictions: Restrictions | None


@dataclass(frozen=True, slots=True)
class Tariff:
    """A price list. Offers hold, per dimension, the components in order of precedence."""

    currency: str
    elements: tuple[Element, ...]
    tax_included: TaxIncluded = TaxIncluded.NO
    min_price: PriceLimit | None = None
    max_price: PriceLimit | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    warnings: tuple[str, ...] = ()
    offers: dict[Dimension, tuple[Offer, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found: dict[Dimension, list[Offer]] = {dimension: [] for dimension in Dimension}
        for number, element in enumerate(self.elements):
            for index, component in enumerate(element.components):
                offer = Offer(number, index, component, element.restrictions)
                found[component.dimension].append(offer)
        ordered = {dimension: tuple(offers) for dimension, offers in found.items()}
        object.__setattr__(self, "offers", ordered)

    @property
    def restrictions(self) -> tuple[Restrictions, ...]:
        """Return every set of restrictions that is not empty."""
        return tuple(each.restrictions for each in self.elements if each.restrictions is not None)
