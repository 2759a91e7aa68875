"""The sessions of one trial station: begun, metered and ended as the gateway would."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from faults.rules import heat_watch
from faults.rules.facts import DeviceEvent, OpenSession, Sample, SessionOutcome
from stations.metering import lifecycle
from stations.metering.facts import Place, Reading, StartFact, StopFact, TransactionFact
from stations.metering.lifecycle import COMPLETED, SessionState
from stations.metering.tokens import token_word

# A session of a day at a sample a minute; of a longer one every second sample is let go.
MOST_SAMPLES = 1_440
MOST_ENDED = 24
RESENT_WITHIN = timedelta(minutes=15)
SUSPENDED = frozenset({"SuspendedEV", "SuspendedEVSE"})
REMOTE, RFID, FREE = "remote", "rfid", "free"


@dataclass(slots=True)
class Talk:
    """One session under way, with what rules want to know beside its row."""

    state: SessionState
    samples: list[Sample] = field(default_factory=list)
    still_since: datetime | None = None
    stands: str = ""
    channel: str = ""


@dataclass(slots=True)
class Talks:
    """The sessions of one station: open ones, and the last that ended, by number."""

    station_id: int
    numbers: Iterator[int]
    known: dict[str, Talk] = field(default_factory=dict)
    ended: list[Talk] = field(default_factory=list)

    def open_at(self, connector_id: int) -> list[Talk]:
        """Return the sessions under way at a connector."""
        return [one for one in self.open() if one.state.connector_id == connector_id]

    def open(self) -> list[Talk]:
        """Return the sessions under way."""
        return [one for one in self.known.values() if one.state.is_open]

    def start(
        self, fact: StartFact, connector_id: int, max_power_w: int | None, received_at: datetime
    ) -> str:
        """Begin a 1.6 session and return our number of it; the same start again is the same."""
        for talk in self.open_at(connector_id):
            if _is_resent(talk.state, fact, received_at):
                return talk.state.transaction
        self._close_open(connector_id, fact.occurred_at, received_at, fact.register_wh)
        number = str(next(self.numbers))
        talk = self._begin(number, connector_id, max_power_w, fact.occurred_at, received_at)
        talk.state.meter_start_wh = fact.register_wh
        talk.state.id_tag = fact.token.uid
        talk.channel = RFID if fact.token.uid else FREE
        return number

    def meter(
        self, transaction: str, connector_id: int | None, readings: tuple[Reading, ...]
    ) -> Talk | None:
        """Apply samples to the session they name, or to the one at their connector."""
        talk = self.known.get(transaction) if transaction else None
        if talk is None and connector_id is not None:
            talk = next(iter(self.open_at(connector_id)), None)
        if talk is not None and talk.state.is_open:
            lifecycle.take_readings(talk.state, readings)
            self._sample(talk, readings)
        return talk

    def warm(self, event: DeviceEvent) -> None:
        """Add a temperature a sensor of a connector told to the session that goes on there."""
        celsius = heat_watch.celsius_of(event)
        if celsius is not None and event.connector_id is not None:
            for talk in self.open_at(event.connector_id):
                talk.samples.append(Sample(at=event.occurred_at, cable_c=celsius))

    def stop(self, fact: StopFact, received_at: datetime) -> Talk | None:
        """End a 1.6 session; None where nobody knows which is meant."""
        talk = self.known.get(fact.transaction) or self._match(fact)
        if talk is None:
            return None
        was_open = talk.state.is_open
        self.meter(talk.state.transaction, None, fact.readings)
        lifecycle.stop(
            talk.state,
            register_wh=fact.register_wh,
            ended_at=fact.occurred_at,
            received_at=received_at,
            reason=fact.reason,
        )
        if was_open:
            self._end(talk)
        return talk

    def event(
        self,
        fact: TransactionFact,
        connector_id: int,
        max_power_w: int | None,
        received_at: datetime,
    ) -> Talk:
        """Apply one 2.x event; the first one heard of a session begins it."""
        talk = self.known.get(fact.transaction)
        if talk is None:
            if fact.phase == "started":
                self._close_open(connector_id, fact.occurred_at, received_at, None)
            talk = self._begin(
                fact.transaction, connector_id, max_power_w, fact.occurred_at, received_at
            )
            # its own start takes this back, and gives the first register
            lifecycle.mark(talk.state, "start_missing")
        was_open = talk.state.is_open
        if fact.token is not None and not talk.state.id_tag:
            talk.state.id_tag = fact.token.uid
        if not talk.channel:
            talk.channel = RFID if fact.token is not None and fact.token.uid else ""
        if fact.remote_start_id is not None:
            talk.channel = REMOTE
        lifecycle.apply_event(talk.state, fact, received_at)
        self._sample(talk, fact.readings)
        if fact.charging_state:
            talk.stands = fact.charging_state
        if was_open and not talk.state.is_open:
            self._end(talk)
        return talk

    def note_status(
        self, connector_id: int, status: str, occurred_at: datetime, *, is_16: bool, at: datetime
    ) -> None:
        """Take a state to the session there; in 1.6 an available connector ends it."""
        for talk in self.open_at(connector_id):
            lifecycle.note_state(talk.state, status, occurred_at)
            talk.stands = status
            last = talk.state.last_meter_at or talk.state.started_at
            if is_16 and status == "Available" and occurred_at >= last:
                lifecycle.close_without_stop(
                    talk.state, noticed_at=occurred_at, received_at=at, register_wh=None
                )
                self._end(talk)

    def take_ended(self) -> list[Talk]:
        """Return the sessions that ended since this was last asked."""
        ended, self.ended = self.ended, []
        return ended

    def under_way(self) -> dict[int, OpenSession]:
        """Return what rules see of the open sessions, by connector."""
        return {talk.state.connector_id: _open_session(talk) for talk in self.open()}

    def _begin(
        self,
        number: str,
        connector_id: int,
        max_power_w: int | None,
        started_at: datetime,
        received_at: datetime,
    ) -> Talk:
        state = SessionState(
            id=next(self.numbers),
            operator_id=0,
            station_id=self.station_id,
            connector_id=connector_id,
            transaction=number,
            started_at=started_at,
            received_at=received_at,
            max_power_w=max_power_w,
        )
        talk = self.known[number] = Talk(state)
        return talk

    def _close_open(
        self, connector_id: int, at: datetime, received_at: datetime, register_wh: int | None
    ) -> None:
        for talk in self.open_at(connector_id):
            if talk.state.started_at <= at:
                lifecycle.close_without_stop(
                    talk.state, noticed_at=at, received_at=received_at, register_wh=register_wh
                )
                self._end(talk)

    def _match(self, fact: StopFact) -> Talk | None:
        uid = fact.token.uid.lower() if fact.token else ""
        candidates = self.open()
        if uid:
            candidates = [one for one in candidates if one.state.id_tag.lower() == uid]
        elif fact.transaction:
            return None
        return candidates[0] if len(candidates) == 1 else None

    def _end(self, talk: Talk) -> None:
        self.ended.append(talk)
        over = [number for number, one in self.known.items() if not one.state.is_open]
        for number in over[:-MOST_ENDED]:
            del self.known[number]

    def _sample(self, talk: Talk, readings: Iterable[Reading]) -> None:
        for reading in readings:
            power_w = reading.power_w
            if power_w is not None:
                is_still = power_w <= 0
                talk.still_since = (talk.still_since or reading.occurred_at) if is_still else None
            talk.samples.append(sample_of(reading))
        if len(talk.samples) > MOST_SAMPLES:
            talk.samples = [*talk.samples[:-2:2], talk.samples[-1]]


def sample_of(reading: Reading) -> Sample:
    """Return one reading as rules see it."""
    return Sample(
        at=reading.occurred_at,
        energy_wh=reading.energy_wh,
        power_w=reading.power_w,
        power_offered_w=reading.power_offered_w,
        current_a=_number(reading.current_a),
        phases_a=(
            _number(reading.current_l1_a),
            _number(reading.current_l2_a),
            _number(reading.current_l3_a),
        ),
        current_offered_a=_number(reading.current_offered_a),
        voltage_v=_number(reading.voltage_v),
        phases_v=(
            _number(reading.voltage_l1_v),
            _number(reading.voltage_l2_v),
            _number(reading.voltage_l3_v),
        ),
        soc_percent=reading.soc_percent,
        cable_c=_number(reading.temperature_c),
        pair_c=_number(reading.temperature_pair_c),
        body_c=_number(reading.temperature_body_c),
    )


def outcome_of(talk: Talk) -> SessionOutcome | None:
    """Return a completed session as rules see it; None where it is not whole."""
    state = talk.state
    if state.state != COMPLETED or state.ended_at is None or state.energy_wh is None:
        return None
    return SessionOutcome(
        id=state.id,
        connector_id=state.connector_id,
        token=token_word(None, state.id_tag),
        started_at=state.started_at,
        ended_at=state.ended_at,
        energy_wh=state.energy_wh,
        stop_reason=state.stop_reason,
        channel=talk.channel,
        meter_start_wh=state.meter_start_wh,
        meter_stop_wh=state.meter_stop_wh,
        flags=frozenset(state.flags),
    )


def _open_session(talk: Talk) -> OpenSession:
    state, energy_wh = talk.state, None
    if state.last_register_wh is not None and state.meter_start_wh is not None:
        energy_wh = state.last_register_wh - state.meter_start_wh
    return OpenSession(
        id=state.id,
        token=token_word(None, state.id_tag),
        started_at=state.started_at,
        power_w=state.last_power_w,
        energy_wh=energy_wh,
        last_meter_at=state.last_meter_at,
        still_since=talk.still_since,
        is_suspended=talk.stands in SUSPENDED,
    )


def _is_resent(state: SessionState, fact: StartFact, received_at: datetime) -> bool:
    is_same = (
        state.id_tag.lower() == fact.token.uid.lower()
        and state.meter_start_wh == fact.register_wh
        and state.last_meter_at is None
    )
    return is_same and received_at - state.received_at <= RESENT_WITHIN


def _number(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]


def whole_station(place: Place | None) -> bool:
    """Return whether a fact speaks of the station itself."""
    return place is None or place.is_station
