"""Every flag a session can carry is said in words."""

import re
from pathlib import Path

from chargenet.dashboard import session_flags
from stations.metering import lifecycle

ROOT = Path(__file__).parents[3]


def test_every_flag_that_makes_a_person_look_has_words() -> None:
    assert sorted(lifecycle.REVIEW_FLAGS - session_flags.WORDS.keys()) == []


def test_every_flag_the_code_marks_a_session_with_has_words() -> None:
    marked = {
        flag
        for path in (ROOT / "stations").rglob("*.py")
        for call in re.findall(r"\bmark\(\w+(?:\[\d\])?, ([^)]*)\)", path.read_text())
        for flag in re.findall(r'(?<!f)"([a-z_]+)"', call)
    }

    assert len(marked) > 5
    assert sorted(marked - session_flags.WORDS.keys()) == []


def test_an_unknown_flag_is_shown_as_it_is() -> None:
    assert session_flags.in_words(["made_up"]) == ["made_up"]
