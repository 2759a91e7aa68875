"""The frames of the transaction loop, ready to be sent: what a charger says, in either version.

A mask of zeros leaves the payload as it is, which is all a mask is for here. Building a frame
costs the load generator about two microseconds: it must not be what is measured.
"""

import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

METER_VALUES = 10
LOOP = METER_VALUES + 3
SUBPROTOCOLS = {"1.6": "ocpp1.6", "2.0.1": "ocpp2.0.1"}

_FIRST = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(days=30)
_INSTANTS = [
    (_FIRST + timedelta(seconds=30 * n)).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    for n in range(80_000)
]


def instant(number: int) -> bytes:
    return _INSTANTS[number % len(_INSTANTS)]


def frame(body: bytes, opcode: int = 0x81) -> bytes:
    length = len(body)
    if length < 126:
        return bytes((opcode, 0x80 | length, 0, 0, 0, 0)) + body
    return struct.pack("!BBHI", opcode, 0x80 | 126, length, 0) + body


SAMPLE_16 = (
    b'{"value":"%b","context":"Sample.Periodic","measurand":"%b","location":"Outlet","unit":"%b"}'
)
SAMPLE_201 = (
    b'{"value":%b,"context":"Sample.Periodic","measurand":"%b","location":"Outlet",'
    b'"unitOfMeasure":{"unit":"%b"}}'
)


def _samples(one: bytes) -> bytes:
    return b",".join(
        (
            one % (b"%d", b"Energy.Active.Import.Register", b"Wh"),
            one % (b"6000", b"Power.Active.Import", b"W"),
            one % (b"26.1", b"Current.Import", b"A"),
            one % (b"230.4", b"Voltage", b"V"),
        )
    )


_METER_16 = (
    b'[2,"%d","MeterValues",{"connectorId":1,"transactionId":%b,"meterValue":[{"timestamp":"%b",'
    b'"sampledValue":[' + _samples(SAMPLE_16) + b"]}]}]"
)
_EVENT = (
    b'[2,"%d","TransactionEvent",{"eventType":"%b","timestamp":"%b","triggerReason":"%b",'
    b'"seqNo":%d,"transactionInfo":{"transactionId":"%b","chargingState":"%b"%b},'
    b'"evse":{"id":1,"connectorId":1}%b%b}]'
)
_VALUES_201 = b',"meterValue":[{"timestamp":"%b","sampledValue":[' + _samples(SAMPLE_201) + b"]}]"
_TOKEN_201 = b',"idToken":{"idToken":"BENCH","type":"ISO14443"}'


def boot(version: str, number: int) -> bytes:
    if version == "1.6":
        body = b'[2,"b%d","BootNotification",{"chargePointVendor":"Bench","chargePointModel":"B"}]'
    else:
        body = (
            b'[2,"b%d","BootNotification",{"reason":"PowerUp",'
            b'"chargingStation":{"vendorName":"Bench","model":"B"}}]'
        )
    return frame(body % number)


def heartbeat(number: int) -> bytes:
    return frame(b'[2,"h%d","Heartbeat",{}]' % number)


def say_16(number: int, transaction: bytes) -> bytes:
    """Return message `number` of an endless row of loops; the transaction is the answered one."""
    session, step = divmod(number, LOOP)
    wh = session * 1000 + max(step - 1, 0) * 100
    if step == 0:
        return frame(b'[2,"%d","Authorize",{"idTag":"BENCH"}]' % number)
    if step == 1:
        return frame(
            b'[2,"%d","StartTransaction",{"connectorId":1,"idTag":"BENCH","meterStart":%d,'
            b'"timestamp":"%b"}]' % (number, wh, instant(number))
        )
    if step < LOOP - 1:
        return frame(_METER_16 % (number, transaction, instant(number), wh))
    return frame(
        b'[2,"%d","StopTransaction",{"transactionId":%b,"meterStop":%d,"timestamp":"%b"}]'
        % (number, transaction, wh, instant(number))
    )


def say_201(number: int, transaction: bytes) -> bytes:
    """Return message `number` of an endless row of loops; the transaction is the charger's own."""
    session, step = divmod(number, LOOP)
    wh = session * 1000 + max(step - 1, 0) * 100
    if step == 0:
        return frame(
            b'[2,"%d","Authorize",{"idToken":{"idToken":"BENCH","type":"ISO14443"}}]' % number
        )
    at = instant(number)
    name = b"%b-%d" % (transaction, session)
    values = _VALUES_201 % (at, wh)
    if step == 1:
        words = (b"Started", at, b"Authorized", 0, name, b"Charging", b"", _TOKEN_201, values)
    elif step < LOOP - 1:
        more = (name, b"Charging", b"", b"", values)
        words = (b"Updated", at, b"MeterValuePeriodic", step - 1, *more)
    else:
        stopped = b',"stoppedReason":"Local"'
        more = (name, b"EVConnected", stopped, _TOKEN_201, values)
        words = (b"Ended", at, b"StopAuthorized", step - 1, *more)
    return frame(_EVENT % (number, *words))


SAY: dict[str, Callable[[int, bytes], bytes]] = {"1.6": say_16, "2.0.1": say_201}
