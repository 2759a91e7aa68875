"""What an e-invoice says, as values: the input of the writer.

Amounts are Decimal in the document's currency with its minor units; prices are without tax and may
have more decimals. Names in brackets are the business terms of EN 16931.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum

NOTHING = Decimal("0.00")


class Kind(Enum):
    """What the document is (BT-3), in UNTDID 1001."""

    INVOICE = "380"
    CREDIT_NOTE = "381"


class Supply(Enum):
    """What a line supplies; each has a tax treatment and a place of supply of its own."""

    ELECTRICITY = "ELECTRICITY"
    NETWORK_ACCESS = "NETWORK_ACCESS"
    PARKING = "PARKING"
    RESERVATION = "RESERVATION"
    FEE = "FEE"


class Unit(Enum):
    """Units of quantities (BT-130), in UN/ECE Recommendation 20."""

    KWH = "KWH"
    MINUTE = "MIN"
    HOUR = "HUR"
    MONTH = "MON"
    PIECE = "C62"


class Category(Enum):
    """Tax categories (BT-118), in UNTDID 5305."""

    STANDARD = "S"
    REVERSE_CHARGE = "AE"
    EXEMPT = "E"
    OUTSIDE_SCOPE = "O"


@dataclass(frozen=True, slots=True, order=True)
class Tax:
    """How a line is taxed: the category's code and the rate in percent."""

    code: str
    rate: Decimal

    @classmethod
    def standard(cls, rate: Decimal) -> "Tax":
        """Return the tax of a rate in percent."""
        return cls(Category.STANDARD.value, rate)


REVERSE_CHARGE = Tax(Category.REVERSE_CHARGE.value, Decimal(0))
EXEMPT = Tax(Category.EXEMPT.value, Decimal(0))
OUTSIDE_SCOPE = Tax(Category.OUTSIDE_SCOPE.value, Decimal(0))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address in the Peppol network (BT-34, BT-49): the scheme of the number, the number."""

    scheme: str
    value: str


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address (BG-5, BG-8)."""

    street: str
    postal_code: str
    city: str
    country: str
    extra: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask (BG-6, BG-9)."""

    name: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Party:
    """The seller or the buyer; numbers without hyphens."""

    name: str
    address: Address
    endpoint: Endpoint | None = None
    org_number: str = ""
    # ISO 6523; 0007 is the Swedish register. Empty where the register has no code.
    org_scheme: str = "0007"
    vat_number: str = ""
    # The customer number the seller knows the buyer by (BT-46), or the seller's own (BT-29).
    identifier: str = ""
    # "Säte: Stockholm"
    legal_form: str = ""
    has_f_skatt: bool = False
    contact: Contact = field(default_factory=Contact)


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both included (BG-14, BG-26)."""

    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Line:
    """One line (BG-25): quantity times price, rounded, is the amount without tax."""

    name: str
    quantity: Decimal
    unit: Unit
    price: Decimal
    amount: Decimal
    tax: Tax
    supply: Supply
    period: Period | None = None
    note: str = ""
    # Where the buyer books it (BT-133), and its order's line (BT-132).
    cost_centre: str = ""
    order_line: str = ""
    # What a consumer agreed to pay, tax included; None where the price was without tax.
    agreed_incl: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TaxPart:
    """What falls under one tax (BG-23); a reason where no tax is taken."""

    tax: Tax
    taxable: Decimal
    amount: Decimal
    reason: str = ""


class Giro(Enum):
    """The Swedish payment systems, as Peppol names them."""

    BANKGIRO = "SE:BANKGIRO"
    PLUSGIRO = "SE:PLUSGIRO"


@dataclass(frozen=True, slots=True)
class Payment:
    """How to pay (BG-16): a giro and an OCR reference, or an IBAN with perhaps a BIC."""

    account: str
    reference: str
    giro: Giro | None = None
    bic: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """The invoice a credit note corrects (BG-3)."""

    number: str
    issue_date: date | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A whole invoice or credit note; the totals follow from lines, tax parts and rounding."""

    kind: Kind
    number: str
    issue_date: date
    currency: str
    seller: Party
    buyer: Party
    lines: tuple[Line, ...]
    taxes: tuple[TaxPart, ...]
    due_date: date | None = None
    period: Period | None = None
    buyer_reference: str = ""
    order_reference: str = ""
    contract_reference: str = ""
    corrects: tuple[Reference, ...] = ()
    payment: Payment | None = None
    terms: str = ""
    note: str = ""
    prepaid: Decimal = NOTHING
    rounding: Decimal = NOTHING
    # The tax in the seller's own currency, where the document has another: ("SEK", amount).
    accounting_tax: tuple[str, Decimal] | None = None

    @property
    def total_excl(self) -> Decimal:
        """Return the sum of the lines (BT-106, BT-109)."""
        return sum((line.amount for line in self.lines), NOTHING)

    @property
    def total_tax(self) -> Decimal:
        """Return the tax (BT-110)."""
        return sum((part.amount for part in self.taxes), NOTHING)

    @property
    def total_incl(self) -> Decimal:
        """Return the total with tax (BT-112)."""
        return self.total_excl + self.total_tax

    @property
    def payable(self) -> Decimal:
        """Return what is to pay (BT-115), rounded where the document rounds."""
        return self.total_incl - self.prepaid + self.rounding
