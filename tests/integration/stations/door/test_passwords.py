"""S61, TC_A_09 and TC_A_10: a new password over the wire, and every way it can end."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import connection
from django.utils import timezone

from stations import credentials, followups, registry
from stations.models import Command, OcppFrame, Station, StationAccess
from tests.cast import Cast
from tests.integration.stations.charger import PASSWORD, Charger
from tests.integration.stations.conftest import GatewayProcess, fresh
from tests.integration.stations.door import pki
from tests.integration.stations.door.fronted import Knocking, knock, set_profile, trust

Until = Callable[[Callable[[], object]], object]
OLD = PASSWORD.encode()
VERSIONS = [("NORD-AC-1", "ocpp1.6"), ("NORD-DC-1", "ocpp2.0.1")]
NO_RESULT = [{"attributeStatus": "X", "component": {"name": "a"}, "variable": {"name": "b"}}]


def station_of(cast: Cast, identity: str) -> Station:
    station = cast.ac_station if identity == "NORD-AC-1" else cast.dc_station
    Station.objects.filter(pk=station.pk).update(
        ocpp_version="1.6" if identity == "NORD-AC-1" else "2.0.1"
    )
    return fresh(station)


def told(call: list[Any]) -> str:
    """Return the password a station was given, as it logs in with it."""
    payload = call[3]
    if "setVariableData" in payload:
        return str(payload["setVariableData"][0]["attributeValue"])
    assert payload["key"] == "AuthorizationKey"
    return bytes.fromhex(payload["value"]).decode()


def answer(call: list[Any], word: str) -> dict[str, Any]:
    if "setVariableData" not in call[3]:
        return {"status": word}
    return {"setVariableResult": [NO_RESULT[0] | {"attributeStatus": word}]}


def rotated(
    gateway: GatewayProcess, station: Station, version: str, word: str, until: Until
) -> tuple[str, Command]:
    """Rotate a password, answer as told (nothing: the line is cut), return it and the command."""

    async def script() -> str:
        async with Charger(gateway.url, station.identity, version) as charger:
            await charger.call("Heartbeat", {})
            await sync_to_async(credentials.rotate_password)(
                station=station, requested_by=None, as_of=timezone.now()
            )
            call = await charger.called()
            if word:
                await charger.send(json.dumps([3, call[1], answer(call, word)]))
            return told(call)

    given = async_to_sync(script)()
    until(lambda: Command.objects.filter(finished_at__isnull=False).exists())
    followups.follow_station(station_id=station.pk, as_of=timezone.now())
    return given, Command.objects.get()


def opens(gateway: GatewayProcess, identity: str, version: str, password: str | bytes) -> bool:
    raw = password if isinstance(password, bytes) else password.encode()
    return knock(gateway, Knocking(identity, raw), version) == 101


@pytest.mark.parametrize(("identity", "version"), VERSIONS)
def test_tc_a_09_accepted_ends_the_old_password_at_once(
    cast: Cast, gateway: GatewayProcess, until: Until, identity: str, version: str
) -> None:
    station = station_of(cast, identity)

    new, command = rotated(gateway, station, version, "Accepted", until)

    assert command.state == "accepted"
    assert not opens(gateway, identity, version, OLD)
    assert opens(gateway, identity, version, new)
    assert StationAccess.objects.get().pending_password_hash == ""


@pytest.mark.parametrize(("identity", "version"), VERSIONS)
def test_tc_a_10_rejected_keeps_the_old_password_and_only_it(
    cast: Cast, gateway: GatewayProcess, until: Until, identity: str, version: str
) -> None:
    station = station_of(cast, identity)

    new, command = rotated(gateway, station, version, "Rejected", until)

    assert command.state == "rejected"
    assert opens(gateway, identity, version, OLD)
    assert not opens(gateway, identity, version, new)


@pytest.mark.parametrize(("identity", "version"), VERSIONS)
@pytest.mark.parametrize("word", ["", "RebootRequired"])
def test_s61_where_the_end_is_open_both_passwords_open_until_the_new_one_did(
    cast: Cast, gateway: GatewayProcess, until: Until, identity: str, version: str, word: str
) -> None:
    station = station_of(cast, identity)

    new, _command = rotated(gateway, station, version, word, until)

    assert opens(gateway, identity, version, OLD)
    assert opens(gateway, identity, version, new)
    assert not opens(gateway, identity, version, OLD)
    assert opens(gateway, identity, version, new)


def test_s61_the_worker_may_die_between_the_answer_and_what_it_means(
    cast: Cast, gateway: GatewayProcess, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = station_of(cast, "NORD-AC-1")
    monkeypatch.setattr(followups, "follow_station", lambda **_: None)

    new, _command = rotated(gateway, station, "ocpp1.6", "Accepted", until)

    assert opens(gateway, "NORD-AC-1", "ocpp1.6", new)
    monkeypatch.undo()
    followups.follow_station(station_id=station.pk, as_of=timezone.now())
    assert opens(gateway, "NORD-AC-1", "ocpp1.6", new)


def test_a_password_that_never_left_never_opens(cast: Cast, until: Until) -> None:
    station = station_of(cast, "NORD-AC-1")
    now = timezone.now()
    command = credentials.rotate_password(station=station, requested_by=None, as_of=now)
    Command.objects.filter(pk=command.pk).update(state="expired", finished_at=now)

    followups.follow_station(station_id=station.pk, as_of=now)

    assert StationAccess.objects.get().pending_password_hash == ""
    assert registry.check_password(fresh(station).password_hash, OLD)


def test_two_rotations_at_once_are_refused_and_profile_3_has_no_password(cast: Cast) -> None:
    station, now = station_of(cast, "NORD-AC-1"), timezone.now()
    credentials.rotate_password(station=station, requested_by=None, as_of=now)

    with pytest.raises(credentials.CredentialsRefused, match="already"):
        credentials.rotate_password(station=station, requested_by=None, as_of=now)
    station.security_profile = 3
    with pytest.raises(credentials.CredentialsRefused, match="no password"):
        credentials.rotate_password(station=station, requested_by=None, as_of=now)


@pytest.mark.parametrize(("identity", "version"), VERSIONS)
def test_s51_s52_the_new_password_is_readable_nowhere(
    cast: Cast, gateway: GatewayProcess, until: Until, identity: str, version: str
) -> None:
    station = station_of(cast, identity)
    new, command = rotated(gateway, station, version, "Accepted", until)
    secrets = [new, new.encode().hex()]

    assert command.sealed is None
    assert "***" in json.dumps(command.payload)
    assert OcppFrame.objects.filter(action__in=["ChangeConfiguration", "SetVariables"]).exists()
    for table in ("stations_command", "stations_ocppframe", "stations_stationaccess"):
        for secret in secrets:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT count(*) FROM {table} t WHERE to_jsonb(t)::text LIKE %s"
                    " OR to_jsonb(t)::text LIKE %s",
                    [f"%{secret}%", f"%{secret.encode().hex()}%"],
                )
                assert cursor.fetchone() == (0,), table
    assert not any(secret in gateway.log.read_text() for secret in secrets)


def test_while_it_waits_a_password_lies_sealed(cast: Cast) -> None:
    station = station_of(cast, "NORD-DC-1")

    command = credentials.rotate_password(
        station=station,
        requested_by=None,
        as_of=timezone.now(),
        password="seeded-secret-0001",
    )

    row = Command.objects.get(pk=command.pk)
    assert b"seeded-secret" not in bytes(row.sealed or b"")
    assert row.payload["setVariableData"][0]["attributeValue"] == "***"


def test_a_1_6_station_changes_its_profile_in_one_step(
    cast: Cast, settings: Any, until: Until
) -> None:
    settings.GATEWAY_URL = "wss://charge.example.org"
    station, now = station_of(cast, "NORD-AC-1"), timezone.now()
    trust(station, pki.new_authority())

    command = credentials.change_profile(station=station, profile=2, requested_by=None, as_of=now)
    assert command.payload == {"key": "SecurityProfile", "value": "2"}
    assert StationAccess.objects.get().pending_profile == 2
    finish(command, "rejected", {"status": "Rejected"})

    assert StationAccess.objects.get().pending_profile is None


def test_tc_a_19_a_2_0_1_station_is_led_to_the_higher_profile_step_by_step(
    cast: Cast, settings: Any
) -> None:
    settings.GATEWAY_URL = "wss://charge.example.org"
    station, now = station_of(cast, "NORD-DC-1"), timezone.now()
    command = credentials.change_profile(station=station, profile=2, requested_by=None, as_of=now)
    said = NO_RESULT[0] | {"attributeStatus": "Accepted", "attributeValue": "0"}

    network = finish(command, "accepted", {"getVariableResult": [said]})
    assert network.action == "SetNetworkProfile"
    assert network.payload["configurationSlot"] == 1
    assert network.payload["connectionData"]["securityProfile"] == 2
    priority = finish(network, "accepted", {"status": "Accepted"})
    assert priority.payload["setVariableData"][0]["attributeValue"] == "1,0"
    reset = finish(priority, "accepted", answer([2, "", "", {"setVariableData": []}], "Accepted"))
    assert (reset.action, reset.payload) == ("reset", {"type": "soft"})
    assert StationAccess.objects.get().pending_profile == 2


def finish(command: Command, state: str, said: dict[str, Any]) -> Command:
    """End a command as the gateway would, and return the newest one after it was followed."""
    now = timezone.now()
    Command.objects.filter(pk=command.pk).update(
        state=state, answer=said, sent_at=now, finished_at=now
    )
    followups.follow_station(station_id=command.station_id, as_of=now)
    return Command.objects.latest("pk")


def test_a_lower_profile_is_asked_of_no_station_but_from_3_to_2_by_name(
    cast: Cast, settings: Any
) -> None:
    settings.GATEWAY_URL = "wss://charge.example.org"
    station, now = station_of(cast, "NORD-AC-1"), timezone.now()
    set_profile(cast, 3)
    station.security_profile = 3

    for profile, flag in ((1, True), (2, False)):
        with pytest.raises(credentials.CredentialsRefused, match="lower"):
            credentials.change_profile(
                station=station, profile=profile, requested_by=None, as_of=now, is_downgrade=flag
            )
    credentials.change_profile(
        station=station, profile=2, requested_by=None, as_of=now, is_downgrade=True
    )
    assert Command.objects.get().expires_at == now + timedelta(minutes=30)
