"""Our own tariff as we compute with it, and what is handed in when a session is priced."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from fractions import Fraction
from typing import Final

from billing.tariffs.bill import Amount
from billing.tariffs.model import Dimension, Element, PriceLimit, Tariff
from billing.tariffs.native.benefits import Benefit
from billing.tariffs.reading import Refused

SLOT: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleFee:
    """A price per hour for standing on after charging; tax in percent.

    The grace in s counts from the first second of idling and is given once a session, whatever
    the hours. The hours, local, are those in which the fee runs; None is always.
    """

    price: Fraction
    vat: Fraction | None = None
    grace_s: int = 0
    cap: PriceLimit | None = None
    start_time: time | None = None
    end_time: time | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotPrice:
    """The exchange's price of each quarter of an hour, with what we add per kWh; tax in percent.

    What is added is said as the tariff says its prices, with or without tax; the exchange's price
    is without. A price per kWh below `least` is raised to it; None lets it fall below 0.
    """

    markup: Fraction = Fraction(0)
    grid_fee: Fraction = Fraction(0)
    vat: Fraction | None = None
    least: Fraction | None = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerClass:
    """Elements for connectors of a power in W, from inclusive, below exclusive; None is no end.

    They come before the tariff's own elements.
    """

    from_w: Fraction
    below_w: Fraction | None
    elements: tuple[Element, ...]

    def has(self, power_w: Fraction | int) -> bool:
        """Return whether a connector of that power belongs to the class."""
        return self.from_w <= power_w and (self.below_w is None or power_w < self.below_w)


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeTariff:
    """A price list with all that we can reckon; raises Refused where two parts price the same."""

    base: Tariff
    idle_fee: IdleFee | None = None
    spot: SpotPrice | None = None
    power_classes: tuple[PowerClass, ...] = ()
    max_per_session: PriceLimit | None = None
    max_per_day: PriceLimit | None = None

    def __post_init__(self) -> None:
        for part, dimension in ((self.spot, Dimension.ENERGY), (self.idle_fee, PARKING)):
            if part is not None and self._prices(dimension):
                where = "$.spot" if dimension is Dimension.ENERGY else "$.idle_fee"
                what = f"{dimension.value} has a price in the elements too"
                raise Refused(where, what, "Keep one of them.")
        self._check_classes()

    def _prices(self, dimension: Dimension) -> bool:
        groups = (self.base.elements, *(each.elements for each in self.power_classes))
        return any(
            component.dimension is dimension
            for elements in groups
            for element in elements
            for component in element.components
        )

    def _check_classes(self) -> None:
        for number, one in enumerate(self.power_classes):
            where = f"$.power_classes[{number}]"
            if one.below_w is not None and one.below_w <= one.from_w:
                raise Refused(where, "no power lies between its bounds", "Raise max_kw.")
            for other in self.power_classes[:number]:
                if other.has(one.from_w) or one.has(other.from_w):
                    raise Refused(where, "crosses an earlier class", "Let each power be in one.")


PARKING: Final = Dimension.PARKING_TIME


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a price needs besides the session: all of it values, looked up by whoever asks.

    Spot prices per kWh without tax by the start of their slot, UTC; the connector's rated power
    in W; what was charged before on the session's first local day; what the driver is granted.
    """

    spot: Mapping[datetime, Fraction] = field(default_factory=dict)
    connector_power_w: Fraction | int | None = None
    spent_today: Amount = field(default_factory=Amount)
    benefits: tuple[Benefit, ...] = ()
