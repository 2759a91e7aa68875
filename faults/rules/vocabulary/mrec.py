"""The minimum required error codes, and the private scheme they grew from.

Sources: ChargeX MREC revision 5 (2023-09-12), which travels as vendorErrorCode (1.6) or techCode
(2.x) "CX0nn"; https://mrec.evgo.com/def/ for the codes under its own vendor id.
"""

import re
from collections.abc import Mapping
from typing import Final

from faults.rules.vocabulary.meaning import Meaning, always, down, fold, hint

MREC: Final[Mapping[str, Meaning]] = {
    "cx001": down("F26", 3),
    "cx002": down("F30", 1),
    "cx003": down("F04", 4),
    "cx004": down("F31", 3),
    "cx005": down("F31", 1),
    "cx006": down("F31", 3),
    "cx007": Meaning("F17", 4, as_warning=5),
    "cx008": always("F08", 1),
    "cx009": always("F37", 5),
    "cx010": always("F39", 5),
    "cx011": down("F28", 3),
    "cx012": down("F28", 3),
    "cx013": Meaning("F17", 4, as_warning=5),
    "cx014": hint("F27"),
    "cx015": down("F40", 2),
    "cx016": always("F39", 5),
    "cx017": always("F29", 1),
    "cx018": down("F20", 4),
    "cx019": always("F21", 1),
    "cx020": hint("F27"),
    "cx021": down("F28", 3),
    "cx022": always("F28", 1),
    "cx023": hint("F27"),
    "cx024": always("F29", 1),
    "cx025": always("F26", 3),
    "cx026": always("F32", 1),
}

PRIVATE_VENDOR: Final = "comevgomrec"
PRIVATE: Final[Mapping[str, Meaning]] = {
    "f000": MREC["cx023"],
    "f001": MREC["cx023"],
    "f002": MREC["cx014"],
    "f003": MREC["cx014"],
    "f004": MREC["cx025"],
    "f005": MREC["cx011"],
    "f006": MREC["cx022"],
    "f007": MREC["cx021"],
    "f008": MREC["cx024"],
    "f009": MREC["cx019"],
    "f010": MREC["cx026"],
    "a000": MREC["cx009"],
    "a001": MREC["cx020"],
    "a002": MREC["cx001"],
    "a003": MREC["cx010"],
    "a004": MREC["cx008"],
    "a005": MREC["cx001"],
}
# Of the codes not yet allotted, F000 to FFFF are about safety and A000 to AFFF about users.
PRIVATE_SAFETY: Final = down("F05", 2)
PRIVATE_USER: Final = always("F05", 5)
_SPELLED = re.compile(r"mrec_?(\d{1,2})(?!\d)", re.IGNORECASE)
_CX = re.compile(r"cx0*(\d{1,3})")


def find_mrec(word: str) -> Meaning | None:
    """Return what a word means as an MREC: CX017, cx-17, MREC17EVSEContactorFault."""
    spelled = _SPELLED.search(word) or _CX.fullmatch(fold(word))
    return MREC.get(f"cx{int(spelled[1]):03d}") if spelled else None


def find_private(word: str) -> Meaning:
    """Return what a code of the private scheme means; an unknown one by its class."""
    code = fold(word)
    known = PRIVATE.get(code)
    if known is not None:
        return known
    return PRIVATE_USER if code.startswith("a") else PRIVATE_SAFETY
