"""Block D of OCPP 2.0.1: the list of tokens a station keeps by itself."""

from datetime import UTC, datetime
from typing import Any

from stations import local_lists
from stations.models import Command, LocalList, Token
from tests.conformance.bed import Bed
from tests.conformance.player import Player

Sent = list[dict[str, Any]]


def wants(station: Player, *, is_wanted: bool = True) -> LocalList:
    return local_lists.want_list(station=station.row, is_wanted=is_wanted, as_of=datetime.now(UTC))


def follows(bed: Bed, station: Player) -> None:
    bed.ended(Command.objects.filter(station=station.row).latest("pk"))
    bed.follow(station)


def syncs(bed: Bed, station: Player, row: LocalList, version: int) -> Sent:
    """Hold the list against the station's version; return what is sent until both agree."""
    local_lists.bring_up_to_date(list_id=row.pk, as_of=datetime.now(UTC))
    assert station.obey("GetLocalListVersion", versionNumber=version) == {}
    follows(bed, station)
    row.refresh_from_db()
    sent: Sent = []
    while row.state == LocalList.State.SENDING:
        sent.append(station.obey("SendLocalList", status="Accepted"))
        follows(bed, station)
        row.refresh_from_db()
    assert row.state == LocalList.State.HELD
    assert [part["versionNumber"] for part in sent] == [
        *range(row.version - len(sent) + 1, row.version + 1)
    ]
    return sent


def verdicts(sent: Sent) -> dict[str, str]:
    """Return what was said of each token; nothing is a token taken off."""
    return {
        entry["idToken"]["idToken"]: entry.get("idTokenInfo", {}).get("status", "")
        for part in sent
        for entry in part.get("localAuthorizationList", ())
    }


def has_list(bed: Bed, station: Player) -> LocalList:
    row = wants(station)
    syncs(bed, station, row, 0)
    return row


def test_tc_d_01_full_list(bed: Bed, station: Player) -> None:
    """A station without a list gets all of it, however many messages that takes.

    D01, D01.FR.06, D01.FR.18
    """
    mine, blocked = bed.token(), bed.token(is_blocked=True)
    row = wants(station)
    sent = syncs(bed, station, row, 0)

    assert [part["updateType"] for part in sent[:2]] in (["Full"], ["Full", "Differential"])
    said = verdicts(sent)
    assert (said[mine.uid], said[blocked.uid]) == ("Accepted", "Blocked")
    assert len(said) == sum(len(part["localAuthorizationList"]) for part in sent)
    assert set(said) >= {entry["uid"] for entry in row.entries.values()}


def test_tc_d_02_changes(bed: Bed, station: Player) -> None:
    """Only what is new is sent, as the next version.

    D01
    """
    row = has_list(bed, station)
    new = bed.token()
    sent = syncs(bed, station, row, row.version)

    assert [part["updateType"] for part in sent] == ["Differential"]
    assert verdicts(sent) == {new.uid: "Accepted"}


def test_tc_d_03_removal(bed: Bed, station: Player) -> None:
    """A token we no longer know is taken off: it is named without a verdict.

    D01
    """
    gone = bed.token()
    row = has_list(bed, station)
    Token.objects.filter(pk=gone.pk).delete()
    sent = syncs(bed, station, row, row.version)

    assert [part["updateType"] for part in sent] == ["Differential"]
    assert verdicts(sent) == {gone.uid: ""}


def test_tc_d_04_empty_list(bed: Bed, station: Player) -> None:
    """A list that is no longer wanted is emptied.

    D01
    """
    bed.token()
    row = has_list(bed, station)
    wants(station, is_wanted=False)
    row.refresh_from_db()
    sent = syncs(bed, station, row, row.version)

    assert sent == [{"versionNumber": row.version, "updateType": "Full"}]
    assert row.entries == {}


def test_tc_d_08_version(bed: Bed, station: Player) -> None:
    """A station that has our version is sent nothing.

    D02
    """
    bed.token()
    row = has_list(bed, station)

    assert syncs(bed, station, row, row.version) == []
    assert row.station_version == row.version


def test_tc_d_09_no_list(bed: Bed, station: Player) -> None:
    """A station that lost its list says 0, and gets it anew.

    D02
    """
    bed.token()
    row = has_list(bed, station)
    sent = syncs(bed, station, row, 0)

    assert sent[0]["updateType"] == "Full"
    assert row.station_version == row.version
