import json
import time
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser

from chargenet import command
from chargenet.core import clock
from stations import commands, orders, queries
from stations.models import Command as StationCommand

POLL_EVERY_S = 0.2
# A call is given 30 s by the gateway, and a moment to be found by it.
DEFAULT_WAIT_S = 40.0


def seconds(raw: str) -> float:
    """Return a number of seconds that a person may wait."""
    value = float(raw)
    if not 0 <= value <= 86_400:
        raise ValueError(f"{raw} is no number of seconds from 0 to 86400")
    return value


class Command(command.DoorCommand):
    help = (
        "Send a command to a station and wait for its end. ACTION is a word of ours (remote_start,"
        " remote_stop, reset, trigger_message, ...) or OCPP's own name with OCPP's own payload."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("identity")
        parser.add_argument("action")
        parser.add_argument("payload", nargs="?", metavar="PAYLOAD.json")
        parser.add_argument("--wait", type=seconds, default=DEFAULT_WAIT_S, metavar="S")

    def handle(self, **options: Any) -> None:
        wait_s: float = options["wait"]
        try:
            station = queries.find_station(options["identity"])
        except queries.StationUnknown as error:
            raise command.NotDone(
                options["identity"], str(error), "See manage.py inspect_station."
            ) from error
        try:
            row, _is_new = orders.order_command(
                station=station,
                action=options["action"],
                payload=_read_payload(options["payload"]),
                requested_by=None,
                as_of=clock.now(),
                lifetime=max(orders.LIFETIME, timedelta(seconds=wait_s)),
            )
        except commands.CommandUnfit as error:
            what = " ".join(str(reason) for reason in error.args)
            raise command.NotDone(
                options["action"], what.rstrip("."), "Nothing was sent."
            ) from error
        row = _await_end(row, wait_s)
        self.write_json({"id": row.pk, "state": row.state, "answer": row.answer})
        if row.state != StationCommand.State.ACCEPTED:
            raise SystemExit(command.EXIT_DIFFERS)


def _read_payload(path: str | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        payload = json.loads(command.read_text(path))
    except ValueError as error:
        raise command.NotDone(path, f"no JSON: {error}", "Mend the file.") from error
    if not isinstance(payload, dict):
        raise command.NotDone(path, "no JSON object", "A payload is an object: {…}.")
    return payload


def _await_end(row: StationCommand, wait_s: float) -> StationCommand:
    deadline = time.monotonic() + wait_s
    while row.state not in StationCommand.FINAL and time.monotonic() < deadline:
        time.sleep(POLL_EVERY_S)
        row.refresh_from_db()
    return row
