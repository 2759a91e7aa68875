"""Growing an XML tree in UBL's namespaces: no empty element, no character XML forbids."""

import re
from typing import Any

from lxml import etree

CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
DOCUMENT = "urn:oasis:names:specification:ubl:schema:xsd:{}-2"
# What XML 1.0 cannot carry, and control characters.
UNWRITABLE = re.compile("[^\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")


class Branch:
    """An element that grows children in the order they are asked for."""

    __slots__ = ("element",)

    def __init__(self, element: Any) -> None:
        self.element = element

    @classmethod
    def root(cls, name: str) -> "Branch":
        """Return the root of a document, Invoice or CreditNote."""
        own = DOCUMENT.format(name)
        names = {None: own, "cac": CAC, "cbc": CBC}
        return cls(etree.Element(f"{{{own}}}{name}", nsmap=names))

    def branch(self, name: str) -> "Branch":
        """Grow an aggregate and return it."""
        return Branch(etree.SubElement(self.element, f"{{{CAC}}}{name}"))

    def leaf(self, name: str, text: str, **attributes: str) -> None:
        """Grow a basic element; nothing where there is no text."""
        clean = cleaned(text)
        if clean:
            etree.SubElement(self.element, f"{{{CBC}}}{name}", attributes).text = clean

    def to_bytes(self) -> bytes:
        """Return the document in UTF-8."""
        written: bytes = etree.tostring(
            self.element, xml_declaration=True, encoding="UTF-8", pretty_print=True
        )
        return written


def cleaned(text: str) -> str:
    """Return a text as XML can carry it, on one line."""
    return " ".join(UNWRITABLE.sub(" ", text).split())
