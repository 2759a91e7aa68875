"""Every text a person reads is in Swedish too."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.utils import translation

from chargenet.dashboard.management.commands import collect_messages
from chargenet.dashboard.management.commands.collect_messages import Message

ROOT = Path(__file__).parents[3]
PLACES = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}")


def _catalogs() -> list[Catalog]:
    apps = {*collect_messages.apps_with_catalogs(ROOT), "chargenet"}
    return [
        collect_messages.read_catalog(collect_messages.catalog_of(ROOT / app))
        for app in sorted(apps)
    ]


def _found() -> set[Message]:
    return {
        *collect_messages.messages_of(ROOT, *collect_messages.PACKAGES),
        *collect_messages.template_messages(ROOT),
    }


def _strings(string: str | Sequence[str] | None) -> list[str]:
    return [string] if isinstance(string, str) else list(string or [""])


def _is_translated(catalogs: list[Catalog], message: Message) -> bool:
    text, context = message
    known = [
        entry
        for catalog in catalogs
        if (entry := catalog.get(text if isinstance(text, str) else text[0], context)) is not None
    ]
    return any(not entry.fuzzy and all(_strings(entry.string)) for entry in known)


def test_every_text_has_a_swedish_one() -> None:
    catalogs = _catalogs()

    missing = [message for message in _found() if not _is_translated(catalogs, message)]

    # `manage.py collect_messages` writes them into the catalogs, ready to be translated.
    assert missing == []


def test_a_translation_keeps_every_place_that_is_filled_in() -> None:
    wrong = []
    for catalog in _catalogs():
        for entry in catalog:
            if not entry.id:
                continue
            ids = [entry.id] if isinstance(entry.id, str) else list(entry.id)
            strings = _strings(entry.string)
            # A singular may say "one" in words, so only the plural is held to every place.
            if set(PLACES.findall(ids[-1])) != set(PLACES.findall(strings[-1])):
                wrong.append(entry.id)

    assert wrong == []


def test_no_other_package_speaks_in_our_place() -> None:
    """A short word may be known to a package we install, or to another of our apps."""
    stolen = []
    for catalog in _catalogs():
        for entry in catalog:
            if isinstance(entry.id, str) and entry.id and entry.context is None:
                with translation.override("sv"):
                    said = translation.gettext(entry.id)
                if said != entry.string:
                    stolen.append((entry.id, said))

    assert stolen == []


def test_the_collector_sees_texts_in_templates_and_in_python() -> None:
    found = _found()

    assert ("Sign out", None) in found
    assert (("%(count)s day", "%(count)s days"), None) in found
    assert ("min", "unit") in found


@pytest.mark.parametrize("text", ["Sign out", "My charging", "Paused by the vehicle"])
def test_the_product_speaks_swedish(text: str) -> None:
    with translation.override("sv"):
        assert translation.gettext(text) != text
