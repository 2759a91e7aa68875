"""OCR references of Swedish bank payments: digits, a length digit, a check digit.

Source: Bankgirot, OCR-referenskontroll with length control; the check digit is Luhn's, modulus 10.
"""

MAX_LENGTH = 25


def ocr_reference(digits: str) -> str:
    """Return a reference with its length digit and its check digit.

    >>> ocr_reference("2026000123")
    '202600012324'
    """
    assert digits.isascii(), "a reference has ASCII digits only"
    assert digits.isdigit(), "a reference has digits only"
    length = len(digits) + 2
    assert length <= MAX_LENGTH, "a reference has at most 25 digits"
    body = f"{digits}{length % 10}"
    return f"{body}{luhn_digit(body)}"


def is_ocr_reference(text: str) -> bool:
    """Say whether a text is a whole reference, its length and its check digit right."""
    if not (text.isascii() and text.isdigit() and 3 <= len(text) <= MAX_LENGTH):
        return False
    return text[-2] == str(len(text) % 10) and text[-1] == luhn_digit(text[:-1])


def luhn_digit(digits: str) -> str:
    """Return the check digit: weights 2 and 1 from the right, digit sums, up to the next ten."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        weighted = int(digit) * (1 if place % 2 else 2)
        total += weighted - 9 if weighted > 9 else weighted
    return str(-total % 10)
