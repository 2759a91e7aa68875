"""What a station says of itself in a day: troubles that begin and end, and small things."""

from collections.abc import Callable
from random import Random

from stations.metering import facts
from tests.bench.faults.world import speech
from tests.bench.faults.world.effects import is_closed_by
from tests.bench.faults.world.line import Line
from tests.bench.faults.world.places import Connector
from tests.bench.faults.world.scenario import Trouble

DAY = 86_400.0
# How often a day a connector says Faulted for some seconds, without a reason, and is well again.
BLIPS = 0.01
SECURITY = (
    "InvalidFirmwareSignature",
    "AttemptedReplayAttacks",
    "InvalidChargingStationCertificate",
)
FIRMWARE_DAY = 0.006


def disturb_line(line: Line, troubles: list[Trouble]) -> None:
    """Set the clock of a station and what its line swallows, for the whole run."""
    clocks = [one for one in troubles if one.kind.name == "clock_off"]
    losses = [one for one in troubles if one.kind.name == "lost_messages"]
    usual = line.station.clock_s

    def skew(second: float) -> float:
        for one in clocks:
            if one.holds(second):
                return usual + one.values["skew_s"]
        return usual

    def swallows(second: float) -> bool:
        for one in losses:
            # eight minutes at a time, as a modem drops them
            if (
                one.holds(second)
                and hash((int(second // 480), 17)) % 100 < one.values["lost"] * 100
            ):
                one.shows(second)
                return True
        return False

    if clocks:
        line.skew = skew
    if losses:
        line.swallows = swallows


def say_day(line: Line, troubles: list[Trouble], rng: Random, since: float, until: float) -> None:
    """Say what begins and ends at a station on one day."""
    for trouble in troubles:
        if since <= trouble.onset < until:
            _begin(line, trouble, rng)
        if since <= trouble.end < until:
            _end(line, trouble)
    for connector in line.station.connectors:
        if rng.random() < BLIPS:
            _blip(line, connector, troubles, rng.uniform(since, until), rng.uniform(4, 70))
    if rng.random() < FIRMWARE_DAY:
        _update(line, rng.uniform(since, until), "Installed", troubles)


def _free(connector: Connector, second: float) -> bool:
    return not any(begin - 5 <= second <= end + 5 for begin, end in connector.uses)


def _begin(line: Line, trouble: Trouble, rng: Random) -> None:
    name, at = trouble.kind.name, trouble.onset
    starts: dict[str, Callable[[], None]] = {
        "unknown_code": lambda: _unknown(line, trouble, at),
        "flapping": lambda: _flap(line, trouble, rng),
        "firmware_failed": lambda: _update(line, at, "InstallationFailed", []),
        "security_alarm": lambda: line.say(
            at, speech.security(line, at, rng.choice(SECURITY)), keeps=True
        ),
        "clock_off": lambda: None,
        "cable_stolen": lambda: None,
    }
    if is_reported(trouble):
        speech.say_trouble(line, trouble.connector, at, trouble.kind.code, is_over=False)
    elif name in starts:
        starts[name]()
    else:
        return
    trouble.shows(at)


def _end(line: Line, trouble: Trouble) -> None:
    if is_reported(trouble):
        speech.say_trouble(line, trouble.connector, trouble.end, trouble.kind.code, is_over=True)
    elif trouble.kind.name in {"unknown_code", "flapping"} and trouble.connector is not None:
        speech.say_status(line, trouble.connector, trouble.end, "Available")
    elif trouble.kind.name == "firmware_failed":
        _update(line, trouble.end, "Installed", [])
    evse = trouble.connector.evse if trouble.connector is not None else 0
    if trouble.station is not None:
        repaired = facts.NoticeFact(
            kind="repaired",
            occurred_at=line.at(trouble.end),
            place=facts.Place(evse, 1 if evse else 0),
            detail={"is_cable_new": trouble.kind.row == "cable"},
        )
        # a person says so, not the station
        line.tell(trouble.end + 60, repaired)


def is_reported(trouble: Trouble) -> bool:
    """Return whether the station itself says what is wrong, from the beginning to the end."""
    return trouble.kind.name.startswith("reported_") and trouble.kind.code != "F20"


def _unknown(line: Line, trouble: Trouble, at: float) -> None:
    connector = trouble.connector
    assert connector is not None, "an unknown code is a connector's"
    is_16 = line.station.make.version == "1.6"
    place = speech.place_of(connector)
    fact = facts.StatusFact(
        place=place,
        status="Faulted",
        occurred_at=line.at(at),
        error_code="OtherError" if is_16 else "",
        vendor_error_code=f"E{connector.id % 90 + 10}" if is_16 else "",
    )
    line.say(at, fact)
    if not is_16:
        detail = {
            "component": "VendorBoard",
            "variable": "Problem",
            "value": "true",
            "trigger": "Alerting",
            "tech_code": f"E{connector.id % 90 + 10}",
            "tech_info": "",
            "is_cleared": False,
        }
        told = facts.NoticeFact(
            kind="device_event", occurred_at=line.at(at), place=place, detail=detail
        )
        line.say(at + 0.2, told, keeps=True)
        over = facts.NoticeFact(
            kind="device_event",
            occurred_at=line.at(trouble.end),
            place=place,
            detail={**detail, "is_cleared": True},
        )
        line.say(trouble.end, over, keeps=True)


def _flap(line: Line, trouble: Trouble, rng: Random) -> None:
    connector, at = trouble.connector, trouble.onset
    assert connector is not None, "it is a connector that flaps"
    while at < trouble.end - 200:
        _blip(line, connector, [], at, rng.uniform(10.0, 110.0))
        at += trouble.values["every_s"] * rng.uniform(0.7, 1.3)


def _blip(
    line: Line, connector: Connector, troubles: list[Trouble], at: float, lasts: float
) -> None:
    """Say Faulted without a reason, and soon that all is well."""
    is_spoken_for = any(
        is_closed_by(one) and one.onset - 600 <= at <= one.end + 600 for one in troubles
    )
    if is_spoken_for or not _free(connector, at):
        return
    speech.say_status(line, connector, at, "Faulted")
    speech.say_status(line, connector, at + lasts, "Available")


def _update(line: Line, at: float, last: str, troubles: list[Trouble]) -> None:
    """Say how an update of firmware goes; nothing comes of it while something is wrong."""
    if any(one.onset - DAY <= at <= one.end + DAY for one in troubles):
        return
    for after, word in ((0, "Downloading"), (90, "Downloaded"), (150, "Installing"), (420, last)):
        told = facts.NoticeFact(
            kind="firmware_status", occurred_at=line.at(at + after), detail={"status": word}
        )
        line.say(at + after, told, keeps=True)
