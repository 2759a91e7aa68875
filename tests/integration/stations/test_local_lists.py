"""Local lists: sent in full, in parts, anew where they drifted."""

import pytest

from stations import (
    commands,
    local_lists,
    tokens,
)
from stations.models import (
    LocalList,
    Station,
)
from tests import cast
from tests.integration.stations.reported import HOUR
from tests.integration.stations.smart_station import (
    NOW,
    answer,
    queued,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> cast.Cast:
    made = cast.make_cast()
    Station.objects.update(is_online=True)
    return made


def told_version(station: Station, version: int) -> None:
    (command,) = queued(station)
    assert command.action == commands.LOCAL_LIST_VERSION
    answer(command, body={"listVersion": version})


def test_a_station_without_a_list_gets_all_tokens_in_full(made: cast.Cast) -> None:
    row = local_lists.want_list(station=made.ac_station, is_wanted=True, as_of=NOW)

    assert local_lists.sweep_lists(as_of=NOW) == 1
    told_version(made.ac_station, 0)
    (command,) = queued(made.ac_station)
    assert (command.payload["version"], command.payload["update"]) == (1, "Full")
    assert {each["uid"] for each in command.payload["entries"]} == {"ASTRID01", "BO0001"}
    answer(command)

    row.refresh_from_db()
    assert (row.state, row.version, row.station_version) == ("held", 1, 1)
    assert set(row.entries) == {"astrid01", "bo0001"}
    assert list(local_lists.drift_of(row, NOW)) == []


def test_a_blocked_token_is_sent_to_the_lists_that_hold_it(made: cast.Cast) -> None:
    row = local_lists.want_list(station=made.ac_station, is_wanted=True, as_of=NOW)
    local_lists.sweep_lists(as_of=NOW)
    told_version(made.ac_station, 0)
    answer(queued(made.ac_station)[0])

    tokens.block_token(token_id=made.bos_token.pk, reason="unpaid")
    row.refresh_from_db()
    assert row.due_at is not None
    assert [entry.status for entry in local_lists.drift_of(row, NOW)] == ["Blocked"]
    local_lists.bring_up_to_date(list_id=row.pk, as_of=NOW)
    told_version(made.ac_station, 1)

    (command,) = queued(made.ac_station)
    assert (command.payload["version"], command.payload["update"]) == (2, "Differential")
    assert [(e["uid"], e["status"]) for e in command.payload["entries"]] == [("BO0001", "Blocked")]


def test_a_list_longer_than_a_message_goes_in_parts(made: cast.Cast) -> None:
    row = local_lists.want_list(station=made.ac_station, is_wanted=True, as_of=NOW)
    LocalList.objects.update(max_per_message=1)
    local_lists.sweep_lists(as_of=NOW)
    told_version(made.ac_station, 7)

    sent = []
    while waiting := queued(made.ac_station):
        sent.append((waiting[0].payload["version"], waiting[0].payload["update"]))
        answer(waiting[0])

    assert sent == [(8, "Full"), (9, "Differential")]
    row.refresh_from_db()
    assert (row.version, len(row.entries)) == (9, 2)


def test_another_version_than_ours_is_drift_and_the_list_is_sent_anew(made: cast.Cast) -> None:
    row = local_lists.want_list(station=made.ac_station, is_wanted=True, as_of=NOW)
    local_lists.sweep_lists(as_of=NOW)
    told_version(made.ac_station, 0)
    answer(queued(made.ac_station)[0])

    local_lists.bring_up_to_date(list_id=row.pk, as_of=NOW + 24 * HOUR)
    told_version(made.ac_station, 55)

    (command,) = queued(made.ac_station)
    assert (command.payload["version"], command.payload["update"]) == (56, "Full")


@pytest.mark.parametrize(
    ("word", "state", "due"),
    [("Failed", "refused", True), ("VersionMismatch", "refused", True)],
)
def test_a_list_a_station_did_not_take_is_sent_anew_later(
    made: cast.Cast, word: str, state: str, due: bool
) -> None:
    row = local_lists.want_list(station=made.ac_station, is_wanted=True, as_of=NOW)
    local_lists.sweep_lists(as_of=NOW)
    told_version(made.ac_station, 0)
    answer(queued(made.ac_station)[0], "rejected", {"status": word})

    row.refresh_from_db()
    assert (row.state, row.reason, row.due_at is not None) == (state, word, due)


def test_a_station_that_holds_no_lists_is_not_asked_again(made: cast.Cast) -> None:
    local_lists.want_list(station=made.ac_station, is_wanted=True, as_of=NOW)
    local_lists.sweep_lists(as_of=NOW)
    told_version(made.ac_station, -1)

    assert LocalList.objects.get().state == "unsupported"
    tokens.block_token(token_id=made.bos_token.pk, reason="unpaid")
    assert local_lists.sweep_lists(as_of=NOW + 48 * HOUR) == 0


def test_a_list_no_longer_wanted_is_emptied(made: cast.Cast) -> None:
    local_lists.want_list(station=made.ac_station, is_wanted=False, as_of=NOW)
    local_lists.sweep_lists(as_of=NOW)
    told_version(made.ac_station, 3)

    (command,) = queued(made.ac_station)
    assert (command.payload["update"], command.payload["entries"]) == ("Full", [])
