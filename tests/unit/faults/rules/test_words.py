"""What a fault is called is said in Swedish as well as in English."""

import re
from pathlib import Path

from babel.messages import pofile

from faults.notifications import letters
from faults.rules import words

CATALOG = Path(__file__).parents[4] / "faults/locale/sv/LC_MESSAGES/django.po"


def test_every_word_about_a_fault_is_translated() -> None:
    with CATALOG.open("rb") as lines:
        swedish = {str(one.id): str(one.string) for one in pofile.read_po(lines, locale="sv")}
    said = [text for one in words.WORDS.values() for text in (one.name, one.cause, *one.steps)]
    said += [*words.CHANGES.values(), *letters.SUBJECTS.values()]

    assert [text for text in said if not swedish.get(text)] == []
    for text in said:
        holes = re.compile(r"%\(\w+\)[sd]")
        assert sorted(holes.findall(text)) == sorted(holes.findall(swedish[text]))
