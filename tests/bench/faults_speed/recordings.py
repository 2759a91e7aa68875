"""Recordings of a network that charges: a session list, and a conversation with every station."""

import csv
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

SEED = 4
FIRST = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)
CONNECTORS_A_STATION, STATIONS_A_SITE = 2, 5
# The share of a day's sessions that begins in each of its hours.
HOURS = (1, 1, 1, 1, 1, 2, 4, 7, 8, 7, 6, 6, 7, 6, 6, 7, 8, 9, 7, 5, 4, 3, 2, 1)
# Starts a day of the least and of the most used connector.
RARELY, OFTEN = 0.5, 6.0
SHARE_OF_FAILURES, SHARE_OF_DEAD = 0.03, 0.05
SAMPLES, BEAT = 40, timedelta(minutes=5)
PAUSE = timedelta(minutes=20)
COLUMNS = ("session", "station", "connector", "start", "end", "energy_kwh", "site", "model")
MAPPING: dict[str, Any] = {
    "time_zone": "UTC",
    "currency": "SEK",
    "columns": {name: name for name in COLUMNS},
    "tariff": "any",
}
Row = tuple[str, str, int, str, str, str, str, str]


def write_list(path: Path, *, connectors: int, days: int) -> int:
    """Write a session list, oldest start first; returns how many rows it has.

    One connector of twenty dies on the way, and stays dead for three weeks.
    """
    chance = random.Random(SEED)
    rows: list[Row] = []
    for number in range(connectors):
        rows += _sessions_of(number, days, chance)
    rows.sort(key=lambda row: row[3])
    with path.open("w", newline="", encoding="utf-8") as lines:
        out = csv.writer(lines)
        out.writerow(COLUMNS)
        out.writerows(rows)
    return len(rows)


def _sessions_of(number: int, days: int, chance: random.Random) -> Iterator[Row]:
    station, connector = divmod(number, CONNECTORS_A_STATION)
    rate = chance.uniform(RARELY, OFTEN)
    dies_on = chance.randrange(30, days) if chance.random() < SHARE_OF_DEAD else days
    free_at = FIRST
    for day in range(days):
        if dies_on <= day < dies_on + 21:
            continue
        for start in sorted(_start(day, chance) for _ in range(_times(rate, chance))):
            minutes = 2 if chance.random() < SHARE_OF_FAILURES else chance.randrange(15, 90)
            if start < free_at:
                continue
            free_at = start + timedelta(minutes=minutes)
            kwh = 0.0 if minutes == 2 else round(minutes * chance.uniform(0.1, 0.3), 2)
            name = f"{number}-{day}-{start:%H%M}"
            place = (f"S{station}", connector + 1, start.isoformat(), free_at.isoformat())
            site = f"Site {station // STATIONS_A_SITE}"
            yield (name, *place, str(kwh), site, f"Model {station % 4}")


def _times(rate: float, chance: random.Random) -> int:
    return int(rate) + (chance.random() < rate % 1)


def _start(day: int, chance: random.Random) -> datetime:
    hour = chance.choices(range(24), HOURS)[0]
    return FIRST + day * DAY + timedelta(hours=hour, minutes=chance.randrange(60))


def write_conversation(path: Path, *, stations: int, hours: int) -> int:
    """Write what stations say and are answered; returns how many frames the stations sent.

    Each charges for forty minutes of every hour, with a sample a minute of five values; every
    other speaks 1.6, the others 2.0.1.
    """
    sent = 0
    talks = [_says(number) for number in range(stations)]
    ahead = [next(talk) for talk in talks]
    until = FIRST + timedelta(hours=hours)
    with path.open("w", encoding="utf-8") as lines:
        minute = FIRST
        while minute < until:
            minute += timedelta(minutes=1)
            for number, talk in enumerate(talks):
                while ahead[number][0] < minute:
                    at, asked, answered = ahead[number]
                    version = _version(number)
                    for way, frame in (("cp->cs", asked), ("cs->cp", answered)):
                        lines.write(_line(at, f"CP-{number}", version, way, frame))
                    sent += 1
                    ahead[number] = next(talk)
    return sent


def _version(station: int) -> str:
    return ("ocpp1.6", "ocpp2.0.1")[station % 2]


def _line(at: datetime, station: str, version: str, way: str, frame: list[Any]) -> str:
    row = {"ts": _text(at), "cp": station, "proto": version, "dir": way, "msg": frame}
    return json.dumps(row) + "\n"


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


Exchange = tuple[datetime, list[Any], list[Any]]


def _says(station: int) -> Iterator[Exchange]:
    """Yield, for ever, when a station says what and how it is answered."""
    numbers = count(1)
    at = FIRST + timedelta(seconds=station * 7 % 1200)
    say = _session_16 if _version(station) == "ocpp1.6" else _session_201
    for session in count(1):
        for when, action, payload, answer in say(at, station, session):
            message = str(next(numbers))
            yield when, [2, message, action, payload], [3, message, answer]
        ended_at = at + timedelta(minutes=SAMPLES + 1)
        for beat in range(1, PAUSE // BEAT):
            message = str(next(numbers))
            when = ended_at + beat * BEAT
            answer = {"currentTime": _text(when)}
            yield when, [2, message, "Heartbeat", {}], [3, message, answer]
        at = ended_at + PAUSE - timedelta(minutes=1)


Said = tuple[datetime, str, dict[str, Any], dict[str, Any]]


def _session_16(at: datetime, station: int, session: int) -> Iterator[Said]:
    transaction = station * 100_000 + session
    token, accepted = f"TAG{session % 40}", {"status": "Accepted"}
    for status in ("Preparing", "Charging"):
        said = {"connectorId": 1, "status": status, "errorCode": "NoError", "timestamp": _text(at)}
        yield at, "StatusNotification", said, {}
        if status == "Preparing":
            yield at, "Authorize", {"idTag": token}, {"idTagInfo": accepted}
            start = {"connectorId": 1, "idTag": token, "meterStart": 0, "timestamp": _text(at)}
            told = {"transactionId": transaction, "idTagInfo": accepted}
            yield at, "StartTransaction", start, told
    for minute in range(1, SAMPLES + 1):
        now = at + timedelta(minutes=minute)
        value = {"timestamp": _text(now), "sampledValue": [*_values(minute, as_text=True)]}
        sample = {"connectorId": 1, "transactionId": transaction, "meterValue": [value]}
        yield now, "MeterValues", sample, {}
    stop = {
        "transactionId": transaction,
        "meterStop": 183 * SAMPLES,
        "timestamp": _text(now),
        "reason": "Local",
    }
    yield now, "StopTransaction", stop, {"idTagInfo": accepted}
    said = {"connectorId": 1, "status": "Available", "errorCode": "NoError"}
    yield now, "StatusNotification", {**said, "timestamp": _text(now)}, {}


def _session_201(at: datetime, station: int, session: int) -> Iterator[Said]:
    token = {"idToken": f"TAG{session % 40}", "type": "ISO14443"}
    for minute in range(SAMPLES + 2):
        now = at + timedelta(minutes=min(minute, SAMPLES))
        kind = "Started" if minute == 0 else "Ended" if minute > SAMPLES else "Updated"
        told: dict[str, Any] = {"transactionId": f"{station}-{session}"}
        if kind == "Ended":
            told["stoppedReason"] = "Local"
        else:
            told["chargingState"] = "Charging"
        said: dict[str, Any] = {
            "eventType": kind,
            "timestamp": _text(now),
            "triggerReason": "MeterValuePeriodic" if kind == "Updated" else "Authorized",
            "seqNo": minute,
            "transactionInfo": told,
            "evse": {"id": 1, "connectorId": 1},
            "meterValue": [
                {"timestamp": _text(now), "sampledValue": [*_values(minute, as_text=False)]}
            ],
        }
        if kind == "Started":
            said["idToken"] = token
            status = {"timestamp": _text(now), "connectorStatus": "Occupied", "evseId": 1}
            yield now, "StatusNotification", {**status, "connectorId": 1}, {}
        yield now, "TransactionEvent", said, {}
    free = {"timestamp": _text(now), "connectorStatus": "Available", "evseId": 1, "connectorId": 1}
    yield now, "StatusNotification", free, {}


def _values(minute: int, *, as_text: bool) -> Iterator[dict[str, Any]]:
    """Yield the five values of one sample; 2.0.1 has them as numbers."""
    for name, value, unit in (
        ("Energy.Active.Import.Register", 183 * min(minute, SAMPLES), "Wh"),
        ("Power.Active.Import", 11_000, "W"),
        ("Current.Import", 16.0, "A"),
        ("Voltage", 230.4, "V"),
        ("SoC", 20 + minute, "Percent"),
    ):
        if as_text:
            yield {"value": str(value), "measurand": name, "unit": unit}
        elif name != "SoC":
            yield {"value": value, "measurand": name, "unitOfMeasure": {"unit": unit}}
        else:
            yield {"value": value, "measurand": name}
