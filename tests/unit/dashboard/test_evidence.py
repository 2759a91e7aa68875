"""Evidence as a person reads it."""

import ast
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from chargenet.dashboard import evidence, evidence_words
from faults import rules


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
    with translation.override("en"):
        assert evidence.pairs({"flux_ratio": 0.5}) == [("flux ratio", "0.5")]


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("peak_c", 91.25, "91.3 °C"),
        ("voltage_v", 205.2, "205 V"),
        ("implied_w", 37_500, "37.5 kW"),
        ("impedance_ohm", 0.613, "0.613 Ω"),
        ("share_of_changes", 0.745, "75%"),
        ("off_by", 0.05, "5.0%"),
        ("chance_of_silence", 2.31e-08, "0.0000000231"),
        ("baseline_theta", 7.02e-05, "70.2 K/kA²"),
        ("rise_k_per_minute", 5.0, "5 K/min"),
        ("drivers", 12_000, "12,000"),
        ("is_whole_site_silent", False, "no"),
        ("proof", "socket_closed", "the connection was closed"),
        ("stations", [25, 31, 40], "3"),
        ("notes", [], None),
        ("flux", float("nan"), "nan"),
    ],
)
def test_a_value_is_told_with_its_unit(name: str, value: object, told: str | None) -> None:
    with translation.override("en"):
        found = [text.replace("\u00a0", " ") for _, text in evidence.pairs({name: value})]

    assert found == ([told] if told else [])


def test_readings_are_told_by_the_latest_and_how_many_there_are() -> None:
    seen = {
        "voltage_v": [["2026-11-22T09:30:00+00:00", 206.0], ["2026-11-22T09:31:00+00:00", 205]]
    }
    with translation.override("en"), timezone.override(UTC):
        told = evidence.pairs(seen)

    assert told == [("Voltage", "205\u00a0V at 2026-11-22 09:31:00, 2 in all")]
    assert len(evidence.series(seen["voltage_v"])) == 2


def test_what_only_looks_like_readings_is_told_as_it_is() -> None:
    assert evidence.series([["2026", 1, 2], ["x", 1.0], ["2026-11-22", True], "a"]) == []
    with translation.override("en"), timezone.override(UTC):
        told = evidence.pairs({"visits": [["2026-11-22T09:30:00+00:00", ""]]})

    assert told == [("A driver met it", "2026-11-22 09:30:00")]


def _names_in_rules() -> set[str]:
    """What rules write as evidence, by name, wherever they say so in so many words."""
    found: set[str] = set()
    for path in Path(rules.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "evidence":
                keys = getattr(node.value, "keys", [])
                found |= {str(key.value) for key in keys if isinstance(key, ast.Constant)}
    return found


def test_every_evidence_of_a_rule_has_words() -> None:
    names = _names_in_rules()

    assert len(names) > 80
    assert sorted(names - set(evidence_words.WORDS) - evidence.UNTOLD) == []


def test_a_group_is_told_part_by_part() -> None:
    with translation.override("en"), timezone.override(UTC):
        told = evidence.pairs({"jobs": {"firmware": {"word": "InstallationFailed"}}, "first": {}})

    assert told == [("Job", "firmware: InstallationFailed")]


@pytest.mark.parametrize(
    "said", ["Cover opened", "2026", "2026-11-02", "<b>", "0001-01-01T00:00:00+00:00"]
)
def test_what_a_station_wrote_in_its_own_words_is_shown_as_it_is(said: str) -> None:
    with translation.override("en"), timezone.override(ZoneInfo("America/New_York")):
        told = evidence.pairs({"notes": [said], "certificate_ends_at": said})

    assert [value for _, value in told] == [said, said]
