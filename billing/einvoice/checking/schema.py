"""Stage xsd: UBL 2.1's own schema."""

import functools
import threading
from typing import Any

from lxml import etree

from billing.einvoice.checking import tree, wheels
from billing.einvoice.checking.problems import Problem, Stage

_validating = threading.Lock()


def check(root: Any) -> list[Problem]:
    """Return what the schema finds; raises NotRun where its files are missing."""
    schema = _schema(etree.QName(root).localname)
    # A schema keeps the errors of its last document in itself: one at a time.
    with _validating:
        if schema.validate(root):
            return []
        return [_problem(root, entry) for entry in schema.error_log]


@functools.cache
def _schema(name: str) -> Any:
    file = wheels.file_of("facturx", wheels.XSDS[name])
    return etree.XMLSchema(etree.parse(str(file)))


def _problem(root: Any, entry: Any) -> Problem:
    text = tree.short_text(entry.message)
    return Problem(Stage.XSD, entry.type_name.lower(), _path(root, entry), text)


def _path(root: Any, entry: Any) -> str:
    for element in root.iter():
        if root.getroottree().getpath(element) == entry.path:
            return tree.path_of(element)
    return str(entry.path or "")
