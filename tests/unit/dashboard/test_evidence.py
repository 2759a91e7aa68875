"""Evidence as a person reads it."""

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from chargenet.dashboard import evidence


def test_a_report_is_told_with_its_raw_code_and_when_it_began() -> None:
    seen = {
        "reports": [
            {
                "since": "2026-11-22T09:31:00+00:00",
                "words": "GroundFailure E-031",
                "severity": 1,
                "is_down": True,
                "source": "status:17",
            }
        ],
        "onsets_in_window": 1,
    }

    with translation.override("en"), timezone.override(UTC):
        told = evidence.pairs(seen)

    assert told == [
        ("The station said", "GroundFailure E-031, 2026-11-22 09:31:00"),
        ("Times within the window", "1"),
    ]


def test_the_ending_of_a_name_tells_the_unit() -> None:
    with translation.override("en"):
        told = dict(evidence.pairs({"silent_s": 900, "missing_wh": 18_450, "proof": None}))

    assert {word: value.replace("\u00a0", " ") for word, value in told.items()} == {
        "Silent for": "15 min",
        "missing": "18.5 kWh",
    }


def test_a_word_nobody_taught_us_is_shown_as_it_is() -> None:
    assert evidence.pairs({"flux_ratio": 0.5}) == [("flux ratio", "0.5")]


@pytest.mark.parametrize(
    "said", ["Cover opened", "2026", "2026-11-02", "<b>", "0001-01-01T00:00:00+00:00"]
)
def test_what_a_station_wrote_in_its_own_words_is_shown_as_it_is(said: str) -> None:
    with translation.override("en"), timezone.override(ZoneInfo("America/New_York")):
        told = evidence.pairs({"notes": [said], "certificate_ends_at": said})

    assert [value for _, value in told] == [said, said]
