"""Reading a document: safely, and with paths people can follow."""

import re
from decimal import Decimal
from typing import Any

from lxml import etree

from billing.einvoice.tree import CAC, CBC, DOCUMENT

NAMESPACES = {"cac": CAC, "cbc": CBC}
PREFIXES = {CAC: "cac:", CBC: "cbc:"}
ROOTS = {DOCUMENT.format(name): name for name in ("Invoice", "CreditNote")}
MOST_DIGITS = 40
PLAIN_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
# SVRL names places in two ways: Q{uri}Name[1], and *:Name[namespace-uri()='uri'][1].
QUALIFIED = re.compile(r"Q\{([^}]*)\}")
ANY_NAMESPACE = re.compile(r"\*:(\w+)\[namespace-uri\(\)='([^']*)'\]")
CLARK = re.compile(r"\{([^}]*)\}")


class Unreadable(ValueError):
    """The bytes are no UBL invoice or credit note."""


def parse(content: bytes) -> Any:
    """Return the root element of an Invoice or CreditNote; raises Unreadable.

    Document type definitions are refused: no entity is expanded, nothing is fetched.
    """
    # Without comments a figure is one text, for every stage alike.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable(f"No XML: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable("A document type definition is not allowed in an invoice.")
    name = etree.QName(root)
    if ROOTS.get(name.namespace) != name.localname:
        raise Unreadable(f"The root is {name.localname}: give a UBL 2.1 Invoice or CreditNote.")
    return root


def path_of(element: Any) -> str:
    """Return where an element stands: /Invoice/cac:InvoiceLine[2]/cbc:ID."""
    steps = []
    while element is not None:
        parent = element.getparent()
        steps.append(_step(element, parent))
        element = parent
    return "/" + "/".join(reversed(steps))


def short_path(location: str) -> str:
    """Return a validator's location with prefixes in place of namespaces."""
    named = ANY_NAMESPACE.sub(lambda found: f"{PREFIXES.get(found[2], '')}{found[1]}", location)
    return QUALIFIED.sub(lambda found: PREFIXES.get(found[1], ""), named)


def short_text(text: str) -> str:
    """Return a validator's sentence with prefixes in place of namespaces, on one line."""
    return " ".join(CLARK.sub(lambda found: PREFIXES.get(found[1], ""), text).split())


def find(element: Any, path: str) -> Any:
    """Return the first element at a path of cac: and cbc: steps, or None."""
    return element.find(path, NAMESPACES)


def find_all(element: Any, path: str) -> list[Any]:
    """Return the elements at a path."""
    found: list[Any] = element.findall(path, NAMESPACES)
    return found


def text_at(element: Any, path: str) -> str:
    """Return the text at a path, empty where there is none."""
    found = find(element, path)
    return "" if found is None else text_of(found)


def text_of(element: Any) -> str:
    """Return the text of an element without white space around it."""
    return (element.text or "").strip()


def number_of(element: Any) -> Decimal | None:
    """Return the number an element holds, None where it holds no plain decimal."""
    text = "" if element is None else text_of(element)
    is_plain = len(text) <= MOST_DIGITS and PLAIN_NUMBER.fullmatch(text)
    return Decimal(text) if is_plain else None


def _step(element: Any, parent: Any) -> str:
    name = etree.QName(element)
    label = f"{PREFIXES.get(name.namespace or '', '')}{name.localname}"
    if parent is None:
        return label
    twins = parent.findall(element.tag)
    return f"{label}[{twins.index(element) + 1}]" if len(twins) > 1 else label
