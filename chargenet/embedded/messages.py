"""Compile the translations where GNU gettext's msgfmt is not installed."""

import os
import sys
from pathlib import Path

from babel.messages import mofile, pofile

from chargenet.embedded import addresses


def compile_messages(root: Path) -> int:
    """Write each .mo that is older than its .po; returns how many were written."""
    written = 0
    for source in sorted(root.glob("**/locale/*/LC_MESSAGES/*.po")):
        if ".venv" in source.relative_to(root).parts:
            continue
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with source.open("rb") as lines:
            catalog = pofile.read_po(lines, locale=source.parent.parent.name, abort_invalid=True)
        draft = target.with_suffix(f".mo.{os.getpid()}")
        with draft.open("wb") as compiled:
            mofile.write_mo(compiled, catalog)
        draft.replace(target)
        written += 1
    return written


if __name__ == "__main__":
    sys.exit(compile_messages(addresses.REPOSITORY) < 0)
