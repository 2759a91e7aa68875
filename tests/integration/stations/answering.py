"""A station that answers our queued commands without a socket: by a table of actions."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from stations import followups
from stations.models import Command, Station, StationReport

Answer = Mapping[str, Any] | str | None
Answers = Mapping[str, Callable[[dict[str, Any]], Answer]]
MOST_ROUNDS = 200


class Answering:
    """Answers each command once: a payload, an error text, or None for silence."""

    def __init__(self, station: Station, answers: Answers, now: datetime) -> None:
        self.station, self.answers, self.now = station, answers, now
        self.heard: list[tuple[str, dict[str, Any]]] = []

    def settle(self) -> None:
        """Answer until nothing is asked any more."""
        for _ in range(MOST_ROUNDS):
            command = Command.objects.filter(station=self.station, state="queued").first()
            if command is None:
                return
            self._answer(command)
            self.follow()
        raise AssertionError("the calls never end")

    def follow(self) -> None:
        """Let the worker draw what came."""
        followups.follow_station(station_id=self.station.pk, as_of=self.now)

    def report(self, action: str, payload: Mapping[str, Any]) -> None:
        """Say something of a station's own accord."""
        StationReport.objects.create(
            operator_id=self.station.operator_id,
            station=self.station,
            kind=action,
            request_id=payload.get("requestId"),
            seq_no=payload.get("seqNo"),
            is_last=not payload.get("tbc", False),
            payload=dict(payload),
            received_at=self.now,
        )

    def _answer(self, command: Command) -> None:
        self.now += timedelta(seconds=1)
        self.heard.append((command.action, command.payload))
        known = self.answers.get(command.action)
        answer = known(command.payload) if known else "NotImplemented"
        command.finished_at, command.sent_at = self.now, self.now
        if answer is None:
            command.state = "timeout"
        elif isinstance(answer, str):
            command.state, command.error = "error", answer
        else:
            refused = answer.get("status") in {"Rejected", "NotSupported"}
            command.state = "rejected" if refused else "accepted"
            command.answer = dict(answer)
        command.save()
