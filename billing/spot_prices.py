"""Taking in the exchange's prices: from a file, all of it or nothing, told again without harm."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_noop

from billing.models import RatingHold, SpotPrice
from chargenet.core import audit
from chargenet.core.models import Operator, User

SLOT: Final = timedelta(minutes=15)
HEAD: Final = ("starts_at", "price")
# Before the pause between two tries of what is held, however long that is.
LONG_AGO: Final = timedelta(days=1)
MOST_LINES: Final = 40_000
MOST_BYTES: Final = 4_000_000
# Dearer than any hour there was, per kWh in any of our currencies: a slip of MWh for kWh.
BEYOND: Final = Decimal(1000)
PER: Final = {"kWh": Decimal(1), "MWh": Decimal(1000)}
LENGTHS: Final = {15: 1, 60: 4}
# Before it no exchange had quarters; far from the calendar's end, where reckoning fails.
YEARS: Final = range(2000, 2200)
TOO_LARGE: Final = gettext_noop("a file of at most 4 MB is needed")


class SpotRefused(ValueError):
    """A file that cannot be taken: what is wrong (a msgid), in which line (0 is the whole)."""

    def __init__(self, what: str, line: int = 0) -> None:
        super().__init__(f"line {line}: {what}" if line else what)
        self.what, self.line = what, line


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Whose prices a file holds: the area, the currency, per kWh or MWh, minutes a line."""

    area: str
    currency: str
    per: str = "MWh"
    minutes: int = 15
    source: str = ""


def import_prices(
    *, operator: Operator, offer: Offer, text: str, actor: User | None, as_of: datetime
) -> int:
    """Take in the prices of a CSV file (starts_at, price); returns how many quarters it told.

    A quarter told again gets the newer price. Raises SpotRefused, and then nothing is taken.
    """
    _check(offer)
    slots = _told(text, offer)
    if not slots:
        raise SpotRefused(gettext_noop("no price in it"))
    with transaction.atomic():
        _store(operator, offer, slots, as_of)
        _ask_again(operator, as_of)
        audit.record(
            operator_id=operator.pk,
            user_id=None if actor is None else actor.pk,
            action="spot_prices.imported",
            object_type="operator",
            object_id=operator.pk,
            as_of=as_of,
            details={
                "area": offer.area,
                "quarters": len(slots),
                "from": min(slots).isoformat(),
                "until": (max(slots) + SLOT).isoformat(),
            },
        )
    return len(slots)


def _store(
    operator: Operator, offer: Offer, slots: Mapping[datetime, Decimal], as_of: datetime
) -> None:
    SpotPrice.objects.bulk_create(
        [
            SpotPrice(
                operator=operator,
                area=offer.area,
                currency=offer.currency,
                starts_at=starts_at,
                price=price,
                source=offer.source[:80],
                read_at=as_of,
            )
            for starts_at, price in sorted(slots.items())
        ],
        update_conflicts=True,
        unique_fields=["operator", "area", "currency", "starts_at"],
        update_fields=["price", "source", "read_at"],
        batch_size=2000,
    )


def _ask_again(operator: Operator, as_of: datetime) -> None:
    """Let the next sweep price what waits for prices, whenever it was tried last."""
    waiting = RatingHold.objects.filter(operator=operator, reason="spot_missing")
    waiting.update(tried_at=as_of - LONG_AGO)


def _check(offer: Offer) -> None:
    if not offer.area or len(offer.area) > 12 or not offer.area.replace("-", "").isalnum():
        raise SpotRefused(gettext_noop("an area is needed, like SE3"))
    if len(offer.currency) != 3 or not offer.currency.isascii() or not offer.currency.isupper():
        raise SpotRefused(gettext_noop("a currency is needed, like SEK"))
    if offer.per not in PER:
        raise SpotRefused(gettext_noop("prices are per kWh or per MWh"))
    if offer.minutes not in LENGTHS:
        raise SpotRefused(gettext_noop("a line holds for 15 or 60 minutes"))


def _told(text: str, offer: Offer) -> dict[datetime, Decimal]:
    """Return the price of each quarter; one that has two prices is refused, never guessed."""
    slots: dict[datetime, Decimal] = {}
    for number, start, price in _rows(text, offer):
        for part in range(LENGTHS[offer.minutes]):
            if slots.setdefault(start + part * SLOT, price) != price:
                raise SpotRefused(gettext_noop("another price for the same time"), number)
    return slots


def _rows(text: str, offer: Offer) -> Iterator[tuple[int, datetime, Decimal]]:
    if len(text) > MOST_BYTES:
        raise SpotRefused(TOO_LARGE)
    # Whatever ends a line: some machines write a carriage return alone.
    sheet = io.StringIO(text.removeprefix("\ufeff").replace("\0", ""), newline=None).getvalue()
    divider = ";" if ";" in sheet.partition("\n")[0] else ","
    rows = csv.DictReader(io.StringIO(sheet), delimiter=divider)
    try:
        if any(name not in (rows.fieldnames or ()) for name in HEAD):
            raise SpotRefused(gettext_noop("the first line must name starts_at and price"), 1)
        for number, row in enumerate(rows, start=2):
            if number > MOST_LINES:
                raise SpotRefused(gettext_noop("more than 40,000 lines"))
            yield number, _instant(row["starts_at"], number), _price(row["price"], number, offer)
    except csv.Error as error:
        raise SpotRefused(gettext_noop("no CSV"), rows.line_num + 1) from error


def _instant(raw: str | None, line: int) -> datetime:
    try:
        instant = datetime.fromisoformat((raw or "").strip())
    except ValueError as error:
        what = gettext_noop("starts_at is no instant like 2026-11-02T12:00+01:00")
        raise SpotRefused(what, line) from error
    if instant.tzinfo is None:
        raise SpotRefused(gettext_noop("starts_at has no zone: write Z or +01:00"), line)
    if instant.year not in YEARS:
        raise SpotRefused(gettext_noop("starts_at is out of all time"), line)
    at = instant.astimezone(UTC)
    if at.second or at.microsecond or at.minute % 15:
        raise SpotRefused(gettext_noop("starts_at is not the start of a quarter"), line)
    return at


def _price(raw: str | None, line: int, offer: Offer) -> Decimal:
    written = (raw or "").strip().replace(",", ".")
    try:
        # Decimal reads 1_000, which nobody means to be a thousand.
        price = Decimal(written.replace("_", "x"))
    except InvalidOperation as error:
        raise SpotRefused(gettext_noop("price is no number"), line) from error
    if not price.is_finite() or abs(price) > BEYOND * PER[offer.per]:
        raise SpotRefused(gettext_noop("price is beyond belief"), line)
    per_kwh = price / PER[offer.per]
    exponent = per_kwh.normalize().as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -8:
        what = gettext_noop("price has more decimals than any exchange writes")
        raise SpotRefused(what, line)
    return per_kwh
