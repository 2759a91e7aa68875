"""The text of a Swish code that a phone reads: payee, amount, message, what may be changed.

Source: Getswish, Guide Swish QR code specification 6.1, code of type C.
"""

from decimal import Decimal
from urllib.parse import quote

NUMBER_LENGTH = 10
NOTHING_EDITABLE = 0


def is_swish_number(text: str) -> bool:
    """Say whether a text is a company's Swish number: 123, then seven digits.

    >>> is_swish_number("1234567890"), is_swish_number("0701234567")
    (True, False)
    """
    is_digits = text.isascii() and text.isdigit()
    return is_digits and len(text) == NUMBER_LENGTH and text.startswith("123")


def code(payee: str, amount: Decimal, message: str) -> str:
    """Return what the code says.

    >>> code("1237856901", Decimal("100"), "12229445")
    'C1237856901;100,00;12229445;0'
    """
    return f"C{payee};{amount:.2f}".replace(".", ",") + f";{quote(message)};{NOTHING_EDITABLE}"
