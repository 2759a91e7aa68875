"""What people and programs ask of stations: checked first, asked for once, written down."""

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from chargenet import command
from chargenet.core.models import AuditEntry
from stations import commands, orders
from stations.models import Command, Station
from tests.cast import Cast, make_cast

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def made() -> Cast:
    return make_cast()


def order(made: Cast, action: str = "reset", **more: Any) -> tuple[Command, bool]:
    wish: dict[str, Any] = {"payload": {}, "requested_by": made.cilla, "as_of": NOW} | more
    station: Station = wish.pop("station", made.ac_station)
    return orders.order_command(station=station, action=action, **wish)


def ended(command: Command) -> None:
    past = NOW - timedelta(minutes=1)
    Command.objects.filter(pk=command.pk).update(state="accepted", created_at=past)


def test_an_order_is_a_command_and_a_line_of_the_audit(made: Cast) -> None:
    row, is_new = order(made)

    assert is_new
    assert row.state == "queued"
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.object_id, entry.user) == ("command.reset", row.pk, made.cilla)


def test_the_same_key_is_the_same_command_also_after_its_end(made: Cast) -> None:
    first, _ = order(made, idempotency_key="k-1")
    ended(first)

    again, is_new = order(made, idempotency_key="k-1")

    assert (again.pk, is_new) == (first.pk, False)
    assert AuditEntry.objects.count() == 1


def test_a_key_stands_for_one_command_only(made: Cast) -> None:
    order(made, idempotency_key="k-1")

    with pytest.raises(orders.KeyUsedOtherwise):
        order(made, "clear_cache", idempotency_key="k-1")
    assert Command.objects.count() == 1


def test_what_the_station_could_not_be_told_is_never_queued(made: Cast) -> None:
    with pytest.raises(commands.CommandUnfit) as refused:
        order(made, "Reset", payload={"type": "Sideways"})

    assert "Sideways" in str(refused.value.args)
    assert not Command.objects.exists()


def test_what_is_too_long_is_refused(made: Cast) -> None:
    with pytest.raises(commands.CommandUnfit):
        order(made, "DataTransfer", payload={"vendorId": "x", "data": "y" * orders.MOST_BYTES})


def test_a_person_in_a_loop_is_told_to_wait_without_any_cache(made: Cast) -> None:
    for number in range(orders.PER_MINUTE):
        order(made, "unlock", payload={"evse": number + 1})

    with pytest.raises(orders.TooManyCommands) as refused:
        order(made, "unlock", payload={"evse": 99})

    assert refused.value.retry_after_s == 60


def post(client: Client, body: dict[str, Any], key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post("/api/v1/commands/", body, content_type="application/json", headers=headers)


@pytest.fixture
def client(made: Cast) -> Client:
    client = Client()
    client.force_login(made.cilla)
    return client


def test_a_program_posts_a_command_once(made: Cast, client: Client) -> None:
    body = {"station_id": made.ac_station.pk, "action": "unlock", "payload": {"evse": 1}}

    first, again = post(client, body, "k-7"), post(client, body, "k-7")

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    shown = client.get(f"/api/v1/commands/{first.json()['id']}/").json()
    assert (shown["state"], shown["payload"]) == ("queued", {"evse": 1})
    assert post(client, body | {"action": "clear_cache"}, "k-7").status_code == 409


def test_a_program_is_told_what_is_wrong_with_its_command(made: Cast, client: Client) -> None:
    body = {"station_id": made.dc_station.pk, "action": "Reset", "payload": {"type": "Soft"}}

    answer = post(client, body)

    assert answer.status_code == 400
    assert "Soft" in str(answer.json()["payload"])
    assert post(client, {"station_id": 10**6, "action": "reset"}).status_code == 404
    assert post(client, {"station_id": "x", "action": "\0"}).status_code == 400


def test_a_program_in_a_loop_is_told_when_to_come_back(made: Cast, client: Client) -> None:
    body = {"station_id": made.ac_station.pk, "action": "unlock"}
    answers = [
        post(client, body | {"payload": {"evse": number + 1}})
        for number in range(orders.PER_MINUTE + 1)
    ]

    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_a_token_is_whole_only_for_who_answers_drivers(made: Cast, client: Client) -> None:
    order(made, "remote_start", payload={"token": "ASTRID01", "evse": 1})
    repairs = Client()
    repairs.force_login(made.dag)

    shown = client.get("/api/v1/commands/").json()["results"][0]
    masked = repairs.get("/api/v1/commands/").json()["results"][0]

    assert (shown["payload"]["token"], masked["payload"]["token"]) == ("ASTRID01", "…ID01")


def test_commands_are_listed_by_station_and_state(made: Cast, client: Client) -> None:
    order(made)
    order(made, station=made.dc_station)

    def listed(query: str) -> int:
        return len(client.get(f"/api/v1/commands/?{query}").json()["results"])

    assert listed(f"station={made.dc_station.pk}") == 1
    assert listed("state=queued") == 2
    assert listed("state=accepted") == listed("station=\0") == 0


def run(*arguments: str) -> tuple[dict[str, Any], int]:
    out = io.StringIO()
    code = 0
    try:
        call_command("send_command", *arguments, stdout=out)
    except SystemExit as end:
        code = int(end.code or 0)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told, code


def test_the_command_line_queues_and_says_that_nobody_answered(made: Cast, tmp_path: Path) -> None:
    payload = tmp_path / "payload.json"
    payload.write_text('{"type": "Hard"}')

    told, code = run("NORD-AC-1", "Reset", str(payload), "--wait", "0")

    row = Command.objects.get()
    assert told == {"id": row.pk, "state": "queued", "answer": None}
    assert (row.action, row.payload, code) == ("Reset", {"type": "Hard"}, 1)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("NOBODY", "reset"), "NOBODY: no station is called"),
        (("NORD-AC-1", "Reset"), "type"),
        (("NORD-AC-1", "NoSuchThing"), "no action of OCPP 1.6"),
        (("NORD-AC-1", "reset", "no-such-file.json"), "no-such-file.json"),
    ],
)
def test_the_command_line_says_why_it_did_nothing(
    made: Cast, arguments: tuple[str, ...], text: str
) -> None:
    with pytest.raises(command.NotDone, match=text):
        call_command("send_command", *arguments)
    assert not Command.objects.exists()
