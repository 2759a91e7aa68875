"""What a make writes and what it means by it: payloads put right before they are read.

The raw frame stays as it came; what was put right is said in the frame's flags.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from stations.metering import quirks
from stations.metering.facts import StationView
from stations.metering.quirks import Quirks

TIMES = {"timestamp", "generatedAt"}
ENERGY = "Energy."
DEEPEST = 6
# A clock that was never set says nothing about its zone.
CLOCK_SET = 2000
Payload = dict[str, Any]


def are_at_work(habits: Quirks, action: str) -> bool:
    """Say whether a make's habits can touch a message at all."""
    if habits is quirks.NONE:
        return False
    return action == "StatusNotification" or habits.bends_samples or habits.bends_times


def put_right(
    station: StationView, action: str, payload: Payload, received_at: datetime
) -> tuple[Payload, list[str]]:
    """Return a payload as its make means it, and which quirks were at work."""
    habits = station.quirks
    flags: set[str] = set()
    if action == "StatusNotification":
        payload = _status(habits, payload, flags)
    if habits.bends_samples and ("meterValue" in payload or "transactionData" in payload):
        payload = _samples(habits, payload, flags)
    if habits.bends_times:
        payload = _walk(payload, _clock(station, received_at, flags), 0)
    return payload, sorted(flags)


class CallAvoided(ValueError):
    """A call that a make is known not to bear."""


def check_call(habits: Quirks, action: str, payload: Mapping[str, Any]) -> None:
    """Raise CallAvoided where a make must not be sent this call."""
    if action in habits.avoided_calls:
        raise CallAvoided(f"{action} is not sent to this make: see its quirks.")
    if not habits.token_length:
        return
    said = payload.get("idTag") or payload.get("idToken")
    token = said.get("idToken") if isinstance(said, dict) else said
    if isinstance(token, str) and len(token) > habits.token_length:
        most = habits.token_length
        raise CallAvoided(f"This make corrupts tokens of more than {most} characters.")


# --- states and their codes ----------------------------------------------------------------


def _status(habits: Quirks, payload: Payload, flags: set[str]) -> Payload:
    put: Payload = {}
    words = _words_of(habits, payload.get("vendorId"))
    for name in ("errorCode", "vendorErrorCode"):
        said = payload.get(name)
        if not isinstance(said, str) or not said:
            continue
        if said.strip().lower() in habits.silent_codes:
            put[name] = "NoError" if name == "errorCode" else ""
            flags.add("quirk:silent_codes")
        elif (meaning := words.get(said.strip().lower())) is not None:
            # the make's own word stays beside what it means
            put[name] = meaning if name == "errorCode" else f"{meaning}, {said}"
            flags.add("quirk:code_means")
    for name in ("status", "connectorStatus"):
        said = payload.get(name)
        if isinstance(said, str) and said.strip().lower() in habits.status_words:
            put[name] = habits.status_words[said.strip().lower()]
            flags.add("quirk:status_means")
    return {**payload, **put} if put else payload


def _words_of(habits: Quirks, vendor_id: object) -> Mapping[str, str]:
    """Return the codes of the station's make and of the vendor a status names (com.ctek)."""
    if not isinstance(vendor_id, str) or not vendor_id:
        return habits.code_words
    named = quirks.fold(vendor_id)
    found = dict(habits.code_words)
    for vendor, words in habits.vendor_words.items():
        if vendor in named:
            found |= words
    return found


# --- samples -------------------------------------------------------------------------------


def _samples(habits: Quirks, payload: Payload, flags: set[str]) -> Payload:
    put: Payload = {}
    for name in ("meterValue", "transactionData"):
        values = payload.get(name)
        if isinstance(values, list):
            put[name] = [_value(habits, value, flags) for value in values]
    return {**payload, **put}


def _value(habits: Quirks, value: Any, flags: set[str]) -> Any:
    samples = value.get("sampledValue") if isinstance(value, dict) else None
    if not isinstance(samples, list):
        return value
    kept = [_sample(habits, sample, flags) for sample in samples]
    return {**value, "sampledValue": [sample for sample in kept if sample is not None]}


def _sample(habits: Quirks, sample: Any, flags: set[str]) -> Any:
    measurand = _measurand(sample)
    if measurand in habits.dropped_measurands:
        flags.add("quirk:drop_measurands")
        return None
    if not habits.register_unit or not measurand.startswith(ENERGY):
        return sample
    measure = sample.get("unitOfMeasure")
    named = measure if isinstance(measure, dict) else sample
    if named.get("unit", "Wh") != "Wh":
        return sample
    flags.add("quirk:register_unit")
    if named is measure:
        return {**sample, "unitOfMeasure": {**measure, "unit": habits.register_unit}}
    return {**sample, "unit": habits.register_unit}


def _measurand(sample: Any) -> str:
    """Return what a sample measures; empty where it is none to touch: signed data is evidence."""
    if not isinstance(sample, dict) or "signedMeterValue" in sample:
        return ""
    measurand = sample.get("measurand") or "Energy.Active.Import.Register"
    return measurand if isinstance(measurand, str) else ""


# --- times ---------------------------------------------------------------------------------


def _clock(station: StationView, received_at: datetime, flags: set[str]) -> Callable[[str], str]:
    """Return how a written time of a station becomes the instant it means."""
    habits = station.quirks

    def read(text: str) -> str:
        try:
            written = datetime.fromisoformat(text.strip())
            is_naive = written.tzinfo is None
            zone = habits.naive_clock if is_naive else habits.local_clock
            if not zone or (not is_naive and written.utcoffset()) or written.year < CLOCK_SET:
                return text
            meant = ZoneInfo(station.time_zone if zone == quirks.SITE else zone)
            instant = _nearest(written.replace(tzinfo=None), meant, received_at).isoformat()
        except (ValueError, OverflowError):
            return text
        flags.add("quirk:naive_clock" if is_naive else "quirk:local_clock")
        return instant

    return read


def _nearest(written: datetime, zone: tzinfo, received_at: datetime) -> datetime:
    """Return a local time as an instant; of the two an autumn night has, the one nearer to now."""
    both = [written.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    return min(both, key=lambda instant: abs((instant - received_at) / timedelta(seconds=1)))


def _walk(value: Any, read: Callable[[str], str], depth: int) -> Any:
    if depth > DEEPEST:
        return value
    if isinstance(value, list):
        return [_walk(inner, read, depth + 1) for inner in value]
    if isinstance(value, dict):
        return {
            name: read(inner)
            if name in TIMES and isinstance(inner, str)
            else _walk(inner, read, depth + 1)
            for name, inner in value.items()
        }
    return value
