"""Silent connectors of a real network: few tickets, each with its evidence, and the dead found.

The short form hears two sites for half a year; the long one (CHARGENET_LONG=1) the whole list,
as `detect_faults` does, and is what docs/perth_and_kinross.md tells.
"""

import csv
import json
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from faults import recorded, rules
from faults.engine.fleet import Fleet
from faults.engine.memory import Held, Job
from stations import recordings
from tests.vectors.faults import perth_and_kinross as yardstick
from tests.vectors.faults.perth_and_kinross import Death, Row

ROOT = Path(__file__).parents[3]
MAPPING = ROOT / "docs" / "mappings" / "pkc.json"
LONDON = ZoneInfo("Europe/London")
# Issue 4, show 5.
MOST_PER_1000_DAYS = 1.5
TWO_SITES = ("Friarton Depot, Perth", "Rie-Achan Road Car Park, Pitlochry")
# From the spring in which the depot's cars were delivered to the autumn after it was rebuilt.
SINCE, UNTIL = datetime(2017, 3, 1), datetime(2017, 9, 10)  # noqa: DTZ001  wall-clock times
EVIDENCE = {
    "last_start",
    "missed_starts",
    "chance_of_silence",
    "chance_never_chosen",
    "sibling_starts_since",
    "usual_starts_a_day",
    "probability_of_fault",
}


def heard(path: Path) -> Fleet:
    """Return a fleet that has heard a list to its end, asked for silence only."""
    fleet = Fleet(asked=[rules.BY_CODE["F11"]])
    mapping = recordings.parse_mapping(json.loads(MAPPING.read_text()))
    fleet.advance(max(recorded.play_sessions(fleet, path, mapping)))
    return fleet


def silent(fleet: Fleet) -> list[Held]:
    """Return the silences that became tickets."""
    return [one for one in fleet.conditions() if one.code == "F11" and one.job is not None]


def is_found(fleet: Fleet, death: Death) -> bool:
    """Say whether a ticket was opened for a connector while it was dead.

    Of the tickets themselves: a silence that came back within a day is one condition, two tickets.
    """
    return any(_is_of(fleet, job, death) for job in fleet.tickets())


def _is_of(fleet: Fleet, job: Job, death: Death) -> bool:
    where = fleet.where(job.place)
    opened = job.opened_at.astimezone(LONDON).replace(tzinfo=None)
    is_before_it_came_back = death.back is None or opened < death.back
    is_here = (where.station, where.connector) == death.key
    return is_here and death.last < opened and is_before_it_came_back


def write(rows: Iterable[Row], path: Path) -> Path:
    """Write rows as a list of the same form."""
    with path.open("w", newline="", encoding="utf-8") as lines:
        out = csv.writer(lines)
        out.writerow(
            ["session_id", "station_id", "connector_id", "start", "end", "kwh", "site", "model"]
        )
        for number, row in enumerate(rows):
            times = (row.start.isoformat(" "), row.end.isoformat(" "))
            out.writerow([number, *row.key, *times, row.kwh, row.site, "one"])
    return path


def test_the_connectors_that_died_at_two_sites_have_a_ticket_with_its_evidence(
    tmp_path: Path,
) -> None:
    rows = [
        row
        for row in yardstick.read_rows(yardstick.path())
        if row.site in TWO_SITES and SINCE <= row.start < UNTIL
    ]
    dead = yardstick.dead_connectors(rows)
    assert {death.key for death in dead} == {("50275", "1"), ("50275", "2")}
    fleet = heard(write(rows, tmp_path / "two_sites.csv"))
    tickets = silent(fleet)

    assert all(is_found(fleet, death) for death in dead)
    assert all(set(one.evidence) >= EVIDENCE for one in tickets)
    days = yardstick.connector_days(yardstick.starts_of(rows), rows[-1].start)
    fixed = yardstick.silent_longer_than(7, yardstick.starts_of(rows), rows[-1].start)
    assert len(fleet.tickets()) < fixed / 4, f"{len(tickets)} tickets in {days:.0f} connector-days"


@pytest.mark.skipif(
    os.environ.get("CHARGENET_LONG") != "1",
    reason="takes minutes: make nightly sets CHARGENET_LONG",
)
def test_the_whole_list_gives_few_tickets_and_every_dead_connector() -> None:
    rows = yardstick.read_rows(yardstick.path())
    fleet = heard(yardstick.path())
    tickets = silent(fleet)
    days = yardstick.connector_days(yardstick.starts_of(rows), rows[-1].start)

    assert 1000 * len(fleet.tickets()) / days <= MOST_PER_1000_DAYS
    missed = [one for one in yardstick.dead_connectors(rows) if not is_found(fleet, one)]
    assert missed == []
    assert all(set(one.evidence) >= EVIDENCE for one in tickets)


def test_the_yardstick_tells_a_dead_connector_from_a_closed_site() -> None:
    def row(key: str, day: float) -> Row:
        start = datetime(2018, 1, 1) + day * yardstick.DAY  # noqa: DTZ001
        return Row((key, "1"), "here", start, start, 9.0)

    going_on = [row("other", day) for day in range(100)]
    died = [row("own", day / 2) for day in range(80)]
    rows = sorted([*going_on, *died], key=lambda one: one.start)
    assert [one.key for one in yardstick.dead_connectors(rows)] == [("own", "1")]
    closed = sorted([*going_on[:40], *died, going_on[-1]], key=lambda one: one.start)
    assert yardstick.dead_connectors(closed) == []
