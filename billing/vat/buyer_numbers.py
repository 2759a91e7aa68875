"""Numbers a buyer is known by, checked by their form and check digits, country by country."""

import re
from typing import Final

from stdnum import exceptions, luhn
from stdnum.ch import vat as swiss
from stdnum.eu import vat as european
from stdnum.gb import vat as british
from stdnum.no import mva as norwegian
from stdnum.se import orgnr

_BEYOND: Final = {"CH": swiss, "GB": british, "NO": norwegian}
# Greece writes EL before its VAT numbers.
_PREFIXES: Final = {"GR": "EL"}
PEPPOL_SCHEME: Final = re.compile(r"\d{4}")
SWEDISH_ORG_SCHEME, GLN_SCHEME, GLN_LENGTH = "0007", "0088", 13
ORG_LENGTH, MOST_PEPPOL = 10, 50


def is_org_number(text: str, country: str) -> bool:
    """Say whether a text is an organisation's number; outside Sweden every word may be one."""
    return country != "SE" or bool(orgnr.is_valid(text))


def compact_vat_number(text: str, country: str) -> str:
    """Return a VAT number without spaces, its country before it; empty where it cannot be.

    >>> compact_vat_number("556036079301", "SE"), compact_vat_number("SE 556036-0794 01", "SE")
    ('SE556036079301', '')
    """
    plain = re.sub(r"[\s.-]", "", text).upper()
    if country in _BEYOND:
        return plain if _BEYOND[country].is_valid(plain) else ""
    prefix = _PREFIXES.get(country, country)
    full = plain if plain.startswith(prefix) else prefix + plain
    try:
        return str(european.validate(full))
    except exceptions.ValidationError:
        return ""


def is_peppol_id(scheme: str, number: str) -> bool:
    """Say whether an address in Peppol's network can be one, by its scheme (ISO 6523)."""
    if not PEPPOL_SCHEME.fullmatch(scheme) or not 0 < len(number) <= MOST_PEPPOL:
        return False
    if scheme == SWEDISH_ORG_SCHEME:
        return len(number) == ORG_LENGTH and bool(luhn.is_valid(number))
    if scheme == GLN_SCHEME:
        return len(number) == GLN_LENGTH and number.isdecimal()
    return number.isascii() and number.isprintable()
