"""How a station says things: the same event in OCPP 1.6 and in 2.x, in the habit of its make."""

from decimal import Decimal

from stations.metering import facts
from stations.metering.facts import Fact, NoticeFact, Reading
from tests.bench.faults.world.line import Line
from tests.bench.faults.world.places import Connector

TENTHS = tuple(Decimal(number).scaleb(-1) for number in range(12_000))
BELOW = tuple(Decimal(-number).scaleb(-1) for number in range(700))
OCCUPIED = {"Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing"}
# What a make says of a trouble: 1.6 error code, MREC code, 2.x component.
WORDS = {
    "F02": ("InternalError", "", "ChargingStation"),
    "F04": ("HighTemperature", "CX003", "AirCoolingSystem"),
    "F07": ("OtherError", "", "CaseAccessSensor"),
    "F08": ("OtherError", "CX008", "EmergencyStopSensor"),
    "F20": ("OtherError", "CX018", "TemperatureSensor"),
    "F21": ("OtherError", "CX019", "TemperatureSensor"),
    "F26": ("ConnectorLockFailure", "CX001", "ConnectorPlugRetentionLock"),
    "F28": ("OtherError", "CX022", "GroundIsolationProtection"),
    "F29": ("PowerSwitchFailure", "CX017", "PowerContactor"),
    "F30": ("GroundFailure", "CX002", "RCD"),
    "F31": ("OverCurrentFailure", "CX004", "OverCurrentProtection"),
    "F32": ("OtherError", "CX026", "CableBreakawaySensor"),
    "F33": ("PowerMeterFailure", "", "FiscalMetering"),
}
ON_ITS_WAY = {"F20"}
ALWAYS_MREC = {"F08", "F20", "F21", "F28", "F32"}


def tenths(value: float) -> Decimal:
    """Return a value to a tenth; a table is quicker than arithmetic."""
    number = int(value * 10 + 0.5) if value >= 0 else -int(-value * 10 + 0.5)
    return TENTHS[min(number, 11_999)] if number >= 0 else BELOW[min(-number, 699)]


def place_of(connector: Connector) -> facts.Place:
    """Return a connector in the station's numbers."""
    return facts.Place(connector.evse, 1)


def say_status(line: Line, connector: Connector, second: float, status: str) -> None:
    """Say the state of a connector: OCPP 2.x has one word for a connector in use."""
    make = line.station.make
    if status == "Finishing" and not make.has_finishing:
        return
    if make.version != "1.6":
        status = "Occupied" if status in OCCUPIED else status
    fact = facts.StatusFact(place=place_of(connector), status=status, occurred_at=line.at(second))
    line.say(second, fact)


def say_trouble(
    line: Line,
    connector: Connector | None,
    second: float,
    code: str,
    *,
    is_over: bool,
    free: str = "Available",
) -> None:
    """Report a trouble, or that it is over, as the make would; `free` is the state after it."""
    make = line.station.make
    place = place_of(connector) if connector is not None else facts.Place(0, 0)
    error, mrec, component = WORDS[code]
    is_down = code not in ON_ITS_WAY
    if make.version != "1.6":
        status = "Faulted" if is_down and not is_over else "Available"
        at = line.at(second)
        if is_down:
            line.say(second, facts.StatusFact(place=place, status=status, occurred_at=at))
        line.say(second + 0.2, _event(place, at, component, mrec, is_over=is_over), keeps=True)
        return
    if is_over:
        fact = facts.StatusFact(place=place, status=free, occurred_at=line.at(second))
    else:
        uses_mrec = bool(mrec) and (make.speaks_mrec or code in ALWAYS_MREC)
        hides = make.hides_codes and not uses_mrec
        fact = facts.StatusFact(
            place=place,
            status="Faulted" if is_down else "Charging",
            occurred_at=line.at(second),
            error_code="" if hides else "OtherError" if uses_mrec else error,
            vendor_error_code=mrec if uses_mrec else "EnclosureOpen" if code == "F07" else "",
            vendor_id="https://chargex.inl.gov" if uses_mrec else "",
        )
    line.say(second, fact, keeps=True)
    if code == "F07" and not is_over:
        line.say(second + 1, security(line, second, "TamperDetectionActivated"), keeps=True)


def _event(
    place: facts.Place, at: object, component: str, mrec: str, *, is_over: bool
) -> NoticeFact:
    return NoticeFact(
        kind="device_event",
        occurred_at=at,  # type: ignore[arg-type]
        place=place,
        detail={
            "component": component,
            "variable": "Problem",
            "value": "false" if is_over else "true",
            "trigger": "Alerting",
            "tech_code": mrec,
            "tech_info": "",
            "is_cleared": is_over,
        },
    )


def security(line: Line, second: float, kind: str) -> NoticeFact:
    """Return a security event."""
    return NoticeFact(
        kind="security_event",
        occurred_at=line.at(second),
        detail={"type": kind, "note": "", "severity": 4},
    )


def begin(
    line: Line, connector: Connector, second: float, *, token: str, number: str, by_app: bool
) -> None:
    """Say that a session begins; only 2.x can say that it was begun from afar."""
    register = int(connector.register_wh)
    fact: Fact
    if line.station.make.version == "1.6":
        fact = facts.StartFact(
            place=place_of(connector),
            token=facts.TokenFact(token),
            register_wh=register,
            occurred_at=line.at(second),
        )
    else:
        fact = facts.TransactionFact(
            phase="started",
            transaction=number,
            seq_no=0,
            occurred_at=line.at(second),
            place=place_of(connector),
            token=facts.TokenFact(token),
            trigger="RemoteStart" if by_app else "Authorized",
            charging_state="EVConnected",
            remote_start_id=int(second) if by_app else None,
            readings=(Reading(line.at(second), "Transaction.Begin", energy_wh=register),),
        )
    line.say(second, fact, keeps=True, number=number)


def meter(
    line: Line, connector: Connector, reading: Reading, second: float, number: str, seq: int
) -> None:
    """Say one sample of a session."""
    fact: Fact
    if line.station.make.version == "1.6":
        fact = facts.MeterFact(place=place_of(connector), transaction=number, readings=(reading,))
    else:
        fact = facts.TransactionFact(
            phase="updated",
            transaction=number,
            seq_no=seq,
            occurred_at=reading.occurred_at,
            place=place_of(connector),
            trigger="MeterValuePeriodic",
            readings=(reading,),
        )
    if not line.swallows(second):
        line.say(second, fact, keeps=True)


def change(
    line: Line, connector: Connector, second: float, *, state: str, number: str, seq: int
) -> int:
    """Say that power began or ceased to flow, as each version does; return the next number."""
    if line.station.make.version == "1.6":
        say_status(line, connector, second, state)
        return seq
    fact = facts.TransactionFact(
        phase="updated",
        transaction=number,
        seq_no=seq,
        occurred_at=line.at(second),
        place=place_of(connector),
        trigger="ChargingStateChanged",
        charging_state=state,
    )
    line.say(second, fact, keeps=True)
    return seq + 1


def end(
    line: Line, connector: Connector, second: float, *, number: str, reason: str, seq: int
) -> None:
    """Say that a session ended."""
    register = int(connector.register_wh)
    fact: Fact
    if line.station.make.version == "1.6":
        fact = facts.StopFact(
            transaction=number,
            register_wh=register,
            occurred_at=line.at(second),
            reason=reason,
        )
    else:
        fact = facts.TransactionFact(
            phase="ended",
            transaction=number,
            seq_no=seq,
            occurred_at=line.at(second),
            place=place_of(connector),
            trigger="EVDeparted",
            charging_state="Idle",
            stopped_reason=reason,
            readings=(Reading(line.at(second), "Transaction.End", energy_wh=register),),
        )
    line.say(second, fact, keeps=True)
