"""Two months of charging that never happened: plausible, and the same for the same days."""

import csv
import itertools
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from chargenet.demo.plan import PlannedStation

DAYS = 60
SEED = 20260101
HEADER = ("session", "station", "connector", "start", "end", "kwh", "who")
COLUMNS = {
    "session": "session",
    "station": "station",
    "connector": "connector",
    "start": "start",
    "end": "end",
    "energy_kwh": "kwh",
    "customer": "who",
}
VISITS_A_DAY = {"AC": 0.45, "DC": 0.8}
# How likely a visit begins in each hour of the day, UTC.
HOURS = (1, 1, 0, 0, 1, 3, 8, 10, 7, 6, 6, 7, 7, 6, 7, 9, 11, 10, 8, 6, 5, 4, 3, 2)
WEEKEND = 0.7
FAILING = 0.04
Row = tuple[str, ...]


def write_days(
    path: Path,
    stations: Sequence[PlannedStation],
    drivers: Sequence[str],
    regulars: Sequence[str],
    *,
    until: date,
) -> None:
    """Write the sessions of the days before `until` as a list that can be imported."""
    chance = random.Random(SEED)  # noqa: S311  a demo, not a secret
    rows = [
        row
        for station in stations
        for number in range(1, len(station.make.connectors) + 1)
        for row in _connector_days(chance, station, number, drivers, regulars, until)
    ]
    rows.sort(key=lambda row: (row[2], row[0], row[1]))
    rows = list(_with_impossible(rows))
    draft = path.with_suffix(".draft")
    with draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows((str(number), *row) for number, row in enumerate(rows, start=1))
    draft.replace(path)


def _connector_days(
    chance: random.Random,
    station: PlannedStation,
    number: int,
    drivers: Sequence[str],
    regulars: Sequence[str],
    until: date,
) -> Iterator[Row]:
    """Yield the visits to one connector; the next never begins before the last has left."""
    free_at = datetime.combine(until - timedelta(days=DAYS), time(), UTC)
    end_of_days = datetime.combine(until, time(), UTC)
    while (start := _next_visit(chance, station, free_at)) < end_of_days:
        energy_kwh, lasts = _visit(chance, station)
        free_at = start + lasts + timedelta(minutes=chance.randint(4, 40))
        if start + lasts >= end_of_days:
            return
        who = chance.choice(regulars) if chance.random() < 0.06 else chance.choice(drivers)
        yield (
            station.identity,
            str(number),
            _written(start),
            _written(start + lasts),
            f"{energy_kwh:.3f}",
            who,
        )


def _next_visit(chance: random.Random, station: PlannedStation, free_at: datetime) -> datetime:
    """Return when the next vehicle comes: a Poisson process thinned by the hour and the day."""
    busiest = max(HOURS)
    per_hour = VISITS_A_DAY[station.make.current] / sum(HOURS) * busiest
    at = free_at
    while True:
        at += timedelta(hours=chance.expovariate(per_hour))
        likely = HOURS[at.hour] / busiest * (WEEKEND if at.weekday() >= 5 else 1)
        if chance.random() < likely:
            return at.replace(microsecond=0)


def _visit(chance: random.Random, station: PlannedStation) -> tuple[float, timedelta]:
    """Return kWh and length of one visit."""
    if chance.random() < FAILING:
        return chance.choice((0.0, 0.0, 0.012, 0.2)), timedelta(seconds=chance.randint(15, 110))
    is_fast = station.make.current == "DC"
    mean_kwh, most_kwh = (26.0, 85.0) if is_fast else (12.0, 70.0)
    energy_kwh = min(most_kwh, max(0.8, chance.lognormvariate(0, 0.6) * mean_kwh * 0.84))
    if is_fast:
        power_kw = station.make.power_kw * chance.uniform(0.35, 0.75)
        return energy_kwh, timedelta(hours=energy_kwh / power_kw, minutes=chance.randint(1, 6))
    power_kw = min(station.make.power_kw, chance.choice((3.6, 7.2, 11.0, 11.0, 22.0))) * 0.96
    stays = timedelta(minutes=chance.expovariate(1 / 50))
    return energy_kwh, _whole_seconds(timedelta(hours=energy_kwh / power_kw) + stays)


def _whole_seconds(length: timedelta) -> timedelta:
    return timedelta(seconds=round(length.total_seconds()))


def _written(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat()


def _with_impossible(rows: Sequence[Row]) -> Iterator[Row]:
    """Yield the rows and, now and then, one of the kinds real lists hold."""
    oddities = itertools.cycle(("ghost", "twin", "negative", "overlap"))
    for number, row in enumerate(rows):
        yield row
        if number % 400 == 200:
            yield _impossible(next(oddities), row)


def _impossible(kind: str, row: Row) -> Row:
    station, connector, start, end, energy, who = row
    began = datetime.fromisoformat(start)
    if kind == "ghost":
        return station, connector, _written(began - timedelta(minutes=3)), "", "", who
    if kind == "negative":
        before = began - timedelta(minutes=2)
        return station, connector, _written(before), start, "-0.001", who
    if kind == "twin":
        return station, connector, start, end, energy, who
    return station, connector, _written(began + timedelta(seconds=7)), end, energy, who
