import gettext
import os
from pathlib import Path

from chargenet.embedded import messages

PO = """msgid ""
msgstr ""
"Language: sv\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Station"
msgstr "Laddstation"

#, fuzzy
msgid "Cable"
msgstr "Kabel?"

msgid "%(n)s session"
msgid_plural "%(n)s sessions"
msgstr[0] "%(n)s laddning"
msgstr[1] "%(n)s laddningar"
"""


def _catalog(root: Path) -> Path:
    folder = root / "app" / "locale" / "sv" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(PO, encoding="utf-8")
    return folder


def test_translations_are_compiled_without_msgfmt(tmp_path):
    folder = _catalog(tmp_path)

    messages.compile_messages(tmp_path)

    with (folder / "django.mo").open("rb") as file:
        swedish = gettext.GNUTranslations(file)
    assert swedish.gettext("Station") == "Laddstation"
    assert swedish.gettext("Cable") == "Cable"
    assert swedish.ngettext("%(n)s session", "%(n)s sessions", 2) == "%(n)s laddningar"


def test_only_what_changed_is_compiled_again(tmp_path):
    folder = _catalog(tmp_path)
    messages.compile_messages(tmp_path)

    assert messages.compile_messages(tmp_path) == 0
    os.utime(folder / "django.po", (4_000_000_000, 4_000_000_000))
    assert messages.compile_messages(tmp_path) == 1
