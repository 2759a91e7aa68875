"""Why a document takes no VAT, in the words the law asks for."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from billing.vat.reverse import Treatment

# Sources: directive 2006/112/EC, article 226 (11a); mervärdesskattelagen 2023:200, 17 kap. 24 §.
REASONS: Final[Mapping[str, Promise]] = {
    Treatment.REVERSE_CHARGE.value: gettext_lazy(
        "Reverse charge: the buyer accounts for the VAT (article %(article)s of directive"
        " 2006/112/EC)."
    ),
    Treatment.OUTSIDE.value: gettext_lazy(
        "Not subject to VAT here: supplied where the buyer is (article %(article)s of directive"
        " 2006/112/EC)."
    ),
}


def untaxed_part(breakdown: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the part of a document whose VAT was decided to be nobody's here; else nothing."""
    return next((part for part in breakdown if part.get("treatment")), {})


def reason_of(part: Mapping[str, Any]) -> str:
    """Return why a part takes no VAT; empty where it does, or where it was never decided."""
    words = REASONS.get(str(part.get("treatment", "")))
    return str(words) % {"article": part.get("article", "")} if words else ""
