"""E-invoices for tests: a valid one of each kind, and any number made by chance."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from lxml import etree

from billing.einvoice import numbers, pricing, ubl
from billing.einvoice.checking import Verdict, check
from billing.einvoice.checking.tree import NAMESPACES
from billing.einvoice.document import (
    EXEMPT,
    REVERSE_CHARGE,
    Address,
    Contact,
    Document,
    Endpoint,
    Giro,
    Kind,
    Line,
    Party,
    Payment,
    Period,
    Reference,
    Supply,
    Tax,
    TaxPart,
    Unit,
)
from billing.vat import ocr, parts
from billing.vat.parts import Basis

D = Decimal
OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))
VAT_25 = Tax.standard(D(25))


def seller(**change: Any) -> Party:
    made = Party(
        name="Nordladdning AB",
        address=Address("Storgatan 1", "111 22", "Stockholm", "SE"),
        endpoint=Endpoint("0007", "5560360793"),
        org_number="5560360793",
        vat_number="SE556036079301",
        legal_form="Säte: Stockholm",
        has_f_skatt=True,
        contact=Contact("Ekonomi", "08-123 45 67", "faktura@nord.example"),
    )
    return replace(made, **change)


def buyer(**change: Any) -> Party:
    made = Party(
        name="Kommunen",
        address=Address("Lilla gränd 9", "102 03", "Stockholm", "SE"),
        endpoint=Endpoint("0007", "2120000142"),
        org_number="2120000142",
    )
    return replace(made, **change)


def line(amount: str, quantity: str = "1", **change: Any) -> Line:
    made = Line(
        name="Laddning på Stortorget, 3 oktober 08:12",
        quantity=D(quantity),
        unit=Unit.KWH,
        price=pricing.unit_price(D(amount), D(quantity)),
        amount=D(amount),
        tax=VAT_25,
        supply=Supply.ELECTRICITY,
        period=Period(date(2026, 10, 3), date(2026, 10, 3)),
    )
    return replace(made, **change)


def document(*lines: Line, taxes: tuple[TaxPart, ...] | None = None, **change: Any) -> Document:
    lines = lines or (
        line("170.57", "45.413"),
        line("79.20", unit=Unit.MONTH, supply=Supply.NETWORK_ACCESS, name="Abonnemang oktober"),
    )
    made = Document(
        kind=Kind.INVOICE,
        number="2026-000123",
        issue_date=date(2026, 11, 1),
        due_date=date(2026, 12, 1),
        currency="SEK",
        seller=seller(),
        buyer=buyer(),
        lines=lines,
        taxes=taxes if taxes is not None else net_taxes(lines),
        period=OCTOBER,
        buyer_reference="ABC123",
        payment=Payment("50501055", "202600012324", Giro.BANKGIRO),
        terms="30 dagar netto.",
    )
    return replace(made, **change)


def net_taxes(lines: tuple[Line, ...]) -> tuple[TaxPart, ...]:
    """Return the tax on the net of some lines."""
    found = []
    for tax in sorted({line.tax for line in lines}):
        net = sum((line.amount for line in lines if line.tax == tax), D("0.00"))
        minor = parts.half_up(parts.tax_of(Fraction(net) * 100, Fraction(tax.rate), Basis.NET))
        found.append(TaxPart(tax, net, D(minor).scaleb(-2)))
    return tuple(found)


def gross_document(*agreed: int) -> Document:
    """Return a consumer's invoice: each line's price with 25 % tax in öre is agreed."""
    found = parts.lines_of(Fraction(25), agreed, Basis.GROSS)
    lines = tuple(
        line(str(D(part.excl).scaleb(-2)), "12.345", agreed_incl=D(part.incl).scaleb(-2))
        for part in found
    )
    net, tax = (sum(getattr(part, side) for part in found) for side in ("excl", "vat"))
    return document(*lines, taxes=(TaxPart(VAT_25, D(net).scaleb(-2), D(tax).scaleb(-2)),))


def credit_note() -> Document:
    return document(
        kind=Kind.CREDIT_NOTE,
        number="K2026-7",
        corrects=(Reference("2026-000123", date(2026, 11, 1)),),
    )


def reverse_charge() -> Document:
    roamer = buyer(
        name="Roam GmbH",
        address=Address("Hauptstr. 3", "10115", "Berlin", "DE"),
        endpoint=Endpoint("9930", "DE123456789"),
        org_number="",
        org_scheme="",
        vat_number="DE123456789",
    )
    return document(line("1234.50", "411.5", tax=REVERSE_CHARGE), buyer=roamer)


def checked(made: Document, *changes: Callable[[Any], None]) -> Verdict:
    return check(changed(ubl.write(made), *changes))


def changed(content: bytes, *changes: Callable[[Any], None]) -> bytes:
    root = etree.fromstring(content)
    for change in changes:
        change(root)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written


def put(path: str, text: str) -> Callable[[Any], None]:
    """Return a change that writes a text at the first place of an XPath."""

    def change(root: Any) -> None:
        root.xpath(path, namespaces=NAMESPACES)[0].text = text

    return change


def drop(path: str) -> Callable[[Any], None]:
    """Return a change that takes an element away."""

    def change(root: Any) -> None:
        found = root.xpath(path, namespaces=NAMESPACES)[0]
        found.getparent().remove(found)

    return change


def by_chance(seed: int) -> Document:
    """Return an invoice or credit note a seed decides: any basis, rates, lines, rounding."""
    chance = random.Random(seed)
    is_credit = chance.random() < 0.2
    made = _lines_by_chance(chance)
    number = f"{'K' if is_credit else 'F'}{seed:06d}"
    changes: dict[str, Any] = {
        "number": number,
        "payment": _payment_by_chance(chance, seed),
        "buyer": _buyer_by_chance(chance),
        "order_reference": chance.choice(("", "PO 4711")),
    }
    if is_credit:
        changes |= {"kind": Kind.CREDIT_NOTE, "corrects": (Reference(f"F{seed + 1}"),)}
    if chance.random() < 0.5:
        changes["rounding"] = pricing.whole_krona_rounding(replace(made, **changes).total_incl)
    return replace(made, **changes)


def _lines_by_chance(chance: random.Random) -> Document:
    if chance.random() < 0.4:
        return gross_document(*(chance.randint(1, 300_000) for _ in range(chance.randint(1, 12))))
    lines = []
    for _ in range(chance.randint(1, 12)):
        supply, unit = chance.choice(
            [
                (Supply.ELECTRICITY, Unit.KWH),
                (Supply.PARKING, Unit.MINUTE),
                (Supply.RESERVATION, Unit.HOUR),
                (Supply.NETWORK_ACCESS, Unit.MONTH),
                (Supply.FEE, Unit.PIECE),
            ]
        )
        quantity, price = D(chance.randint(1, 10**6)) / 1000, D(chance.randint(0, 10**5)) / 10**4
        tax = chance.choice(
            [VAT_25, VAT_25, VAT_25, Tax.standard(D(12)), Tax.standard(D(6)), EXEMPT]
        )
        day = date(2026, 10, 1) + timedelta(days=chance.randint(0, 30))
        amount = pricing.line_amount(quantity, price)
        lines.append(
            Line(
                name=chance.choice(("Laddning", "Avgift <&> \x07é", "充電")),
                quantity=quantity,
                unit=unit,
                price=price,
                amount=amount,
                tax=tax,
                supply=supply,
                period=chance.choice((None, Period(day, day))),
                cost_centre=chance.choice(("", "7710")),
            )
        )
    return document(*lines)


def _payment_by_chance(chance: random.Random, seed: int) -> Payment:
    reference = ocr.ocr_reference(f"{seed:09d}")
    digits = str(chance.randint(100_000, 9_999_999))
    return chance.choice(
        [
            Payment(digits + ocr.luhn_digit(digits), reference, Giro.BANKGIRO),
            Payment(digits[:5] + ocr.luhn_digit(digits[:5]), reference, Giro.PLUSGIRO),
            Payment("SE4550000000058398257466", reference, bic="ESSESESS"),
        ]
    )


def _buyer_by_chance(chance: random.Random) -> Party:
    digits = str(chance.randint(200_000_000, 999_999_999))
    org_number = digits + ocr.luhn_digit(digits)
    return chance.choice(
        [
            buyer(),
            buyer(org_number=org_number, vat_number=numbers.vat_number_of(org_number)),
            buyer(endpoint=Endpoint("0088", "7300010000001"), org_number="", org_scheme=""),
        ]
    )
