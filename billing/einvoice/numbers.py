"""Numbers with check digits: organisations, VAT, bankgiro, plusgiro, payment references.

Source: Skatteverket SKV 709 (organisationsnummer), Bankgirot, Peppol BIS Billing 3 SE-R rules.
"""

from billing.vat import ocr

ORG_LENGTH = 10
VAT_LENGTH = 14
BANKGIRO_LENGTHS = range(7, 9)
PLUSGIRO_LENGTHS = range(2, 9)
REFERENCE_LENGTHS = range(2, ocr.MAX_LENGTH + 1)


def digits_of(text: str) -> str:
    """Return a number as people write it, without hyphens and spaces."""
    return "".join(
        character for character in text if not (character.isspace() or character == "-")
    )


def has_check_digit(text: str) -> bool:
    """Say whether ASCII digits end in their Luhn digit."""
    return is_digits(text) and len(text) > 1 and text[-1] == ocr.luhn_digit(text[:-1])


def is_digits(text: str) -> bool:
    """Say whether a text is ASCII digits and nothing else."""
    return text.isascii() and text.isdigit()


def is_org_number(text: str) -> bool:
    """Say whether a text is a Swedish organisation number: ten digits, the last one Luhn's.

    >>> is_org_number("5560360793"), is_org_number("5560360794")
    (True, False)
    """
    return len(text) == ORG_LENGTH and has_check_digit(text)


def vat_number_of(org_number: str) -> str:
    """Return the Swedish VAT number of an organisation.

    >>> vat_number_of("5560360793")
    'SE556036079301'
    """
    return f"SE{org_number}01"


def is_swedish_vat_number(text: str) -> bool:
    """Say whether a text has the form of a Swedish VAT number: SE, then twelve digits."""
    return len(text) == VAT_LENGTH and text.startswith("SE") and is_digits(text[2:])


def is_bankgiro(text: str) -> bool:
    """Say whether a text is a bankgiro number: seven or eight digits, the last one Luhn's."""
    return len(text) in BANKGIRO_LENGTHS and has_check_digit(text)


def is_plusgiro(text: str) -> bool:
    """Say whether a text is a plusgiro number: two to eight digits, the last one Luhn's."""
    return len(text) in PLUSGIRO_LENGTHS and has_check_digit(text)


def is_payment_reference(text: str) -> bool:
    """Say whether digits are an OCR reference; banks may leave out the length digit."""
    return len(text) in REFERENCE_LENGTHS and has_check_digit(text)
