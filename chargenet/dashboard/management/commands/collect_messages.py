"""Gather every text a person reads into the Swedish catalogs; no GNU gettext is needed."""

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import pofile
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation.template import templatize

LANGUAGE = "sv"
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
PACKAGES = ("billing", "chargenet", "faults", "revenue", "stations")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "npgettext": ((1, "c"), 2, 3),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
Message = tuple[str | tuple[str, ...], str | None]  # id (or singular and plural), context


class Command(BaseCommand):
    help = "Gather every text into the Swedish catalogs; new ones are empty until translated."

    def handle(self, *_args: object, **_options: object) -> None:
        root: Path = settings.BASE_DIR
        elsewhere: set[Message] = set()
        for app in sorted(apps_with_catalogs(root)):
            elsewhere |= update(catalog_of(root / app), set(messages_of(root, app)))
        found = set(messages_of(root, *PACKAGES)) | set(template_messages(root)) - elsewhere
        update(catalog_of(root / "chargenet"), found - elsewhere)
        self.stdout.write(f"{len(found)} texts")


def apps_with_catalogs(root: Path) -> set[str]:
    """Return the apps that keep their own translations; chargenet's holds all others."""
    return {app for app in PACKAGES if app != "chargenet" and catalog_of(root / app).exists()}


def catalog_of(app: Path) -> Path:
    """Return where an app keeps its Swedish texts."""
    return app / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


def read_catalog(path: Path) -> Catalog:
    """Return a catalog, empty where there is none yet."""
    if not path.exists():
        return Catalog(locale=LANGUAGE, project="ChargeNet", fuzzy=False)
    with path.open("rb") as lines:
        return pofile.read_po(lines, locale=LANGUAGE)


def update(path: Path, found: set[Message]) -> set[Message]:
    """Write a catalog with exactly these texts, keeping what is translated; returns them."""
    old = read_catalog(path)
    # Fixed dates: collecting twice changes nothing.
    new = Catalog(
        locale=LANGUAGE,
        project="ChargeNet",
        version="1",
        copyright_holder="ChargeNet",
        msgid_bugs_address="",
        last_translator="",
        language_team="",
        creation_date=BEGAN,
        revision_date=BEGAN,
        fuzzy=False,
        header_comment="",
    )
    for text, context in sorted(found, key=str):
        known = old.get(text if isinstance(text, str) else text[0], context)
        string = known.string if known is not None else ("", "") if isinstance(text, tuple) else ""
        new.add(text, string, context=context)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as lines:
        pofile.write_po(lines, new, omit_header=False, sort_output=True, width=99)
    return found


def messages_of(root: Path, *packages: str) -> Iterator[Message]:
    """Yield the texts in the Python sources of some packages."""
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield from python_messages(path.read_bytes())


def template_messages(root: Path) -> Iterator[Message]:
    """Yield the texts in every template."""
    for path in sorted((root / "templates").rglob("*.html")):
        source = templatize(path.read_text(encoding="utf-8"))
        # What is left of the HTML is X's; without their indentation Python can read the rest.
        yield from python_messages(re.sub(r"^[ \t]+", "", source, flags=re.MULTILINE).encode())


def python_messages(source: bytes) -> Iterator[Message]:
    """Yield the texts marked for translation in Python source."""
    for _line, text, _comments, context in extract(
        "python", io.BytesIO(source), KEYWORDS, options={"encoding": "utf-8"}
    ):
        if text:
            yield (tuple(text) if isinstance(text, list | tuple) else text), context
