"""Secret addresses: one station, one file, once, for a while; and the logs left there."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from chargenet.core import sealing
from chargenet.core.models import AuditEntry
from stations import diagnostics, followups, secrets, transfers
from stations.models import Command, Station, StationLog, StationReport, TransferLink
from tests.as_web import AsWeb
from tests.cast import Cast, make_cast

pytestmark = pytest.mark.django_db


NOW = datetime.now(UTC)


@pytest.fixture
def made() -> Cast:
    return make_cast()


def asked(made: Cast, station: Station | None = None, kind: str = "diagnostics") -> StationLog:
    return diagnostics.ask_log(
        station=station or made.ac_station, kind=kind, requested_by=made.cilla, as_of=NOW
    )


def address_of(log: StationLog) -> str:
    """Return the path the station is told, which only the sealed payload knows."""
    command = Command.objects.get(origin=f"log:{log.pk}")
    assert command.sealed is not None
    url = str(json.loads(sealing.unseal(bytes(command.sealed)))["url"])
    return urlsplit(url).path


def put(as_web: AsWeb, path: str, body: bytes, **how: Any) -> int:
    """Leave a file as a station does: signed in as nobody, behind the wall."""
    with as_web(None):
        answer = Client().put(path, body, content_type="application/octet-stream", **how)
    return answer.status_code


def finished(log: StationLog, state: str, answer: dict[str, Any] | None, error: str = "") -> None:
    Command.objects.filter(origin=f"log:{log.pk}").update(
        state=state, answer=answer, error=error, finished_at=NOW
    )
    followups.follow_station(station_id=log.station_id, as_of=NOW)
    log.refresh_from_db()


def said(log: StationLog, kind: str, payload: dict[str, Any]) -> None:
    StationReport.objects.create(
        operator_id=log.operator_id,
        station_id=log.station_id,
        kind=kind,
        payload=payload,
        received_at=NOW,
    )
    followups.follow_station(station_id=log.station_id, as_of=NOW)
    log.refresh_from_db()


def test_a_station_leaves_its_log_once(made: Cast, as_web: AsWeb) -> None:
    log = asked(made)
    path = address_of(log)

    first, again = put(as_web, path, b"line 1\n"), put(as_web, path, b"line 2\n")

    assert (first, again) == (201, 404)
    log.refresh_from_db()
    assert (log.state, log.size_bytes, log.file_name) == ("here", 7, f"log-{log.pk}")
    with transfers.open_file(log.storage_key) as kept:
        assert kept.read() == b"line 1\n"


def test_the_address_stands_in_no_row_and_no_log_of_ours(made: Cast) -> None:
    secret = address_of(asked(made)).rsplit("/", 1)[1]

    assert secret not in str(list(Command.objects.values())).replace("sealed", "")
    assert secret not in str(list(TransferLink.objects.values()))
    frame = f'[2,"1","GetDiagnostics",{{"location":"http://x/u/{secret}"}}]'.encode()
    assert secret not in secrets.hidden_frame(frame).decode()


@pytest.mark.parametrize("name", ["", "/", "/../../etc/passwd", "/logs/day 1.tar.gz"])
def test_a_station_may_name_its_file_and_no_path(made: Cast, as_web: AsWeb, name: str) -> None:
    log = asked(made)

    status = put(as_web, address_of(log) + name.replace("..", "%2e%2e"), b"x")

    log.refresh_from_db()
    assert status == 201
    assert "/" not in log.file_name + log.storage_key.removeprefix("logs/")
    assert log.file_name in {f"log-{log.pk}", "passwd", "day 1.tar.gz"}


def test_a_form_with_a_file_in_it_is_as_good(made: Cast, as_web: AsWeb) -> None:
    log = asked(made)
    path = address_of(log)
    with as_web(None):
        form = {"file": SimpleUploadedFile("a.log", b"12345")}
        answer = Client(enforce_csrf_checks=True).post(path, form)

    log.refresh_from_db()
    assert (answer.status_code, log.file_name, log.size_bytes) == (201, "a.log", 5)


def test_what_is_too_long_is_not_kept(
    made: Cast, as_web: AsWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfers, "MOST_LOG_BYTES", 10)
    log = asked(made)

    assert put(as_web, address_of(log), b"x" * 11) == 413

    log.refresh_from_db()
    assert log.state == "asked"
    assert put(as_web, address_of(log), b"x" * 10) == 201


def test_an_address_ends_with_its_time_and_opens_nothing_else(made: Cast, as_web: AsWeb) -> None:
    log = asked(made)
    path = address_of(log)
    TransferLink.objects.update(expires_at=NOW - timedelta(seconds=1))

    assert put(as_web, path, b"x") == 404
    TransferLink.objects.update(expires_at=NOW + timedelta(hours=1))
    with as_web(None):
        assert Client().get(path.replace("/u/", "/f/")).status_code == 404
        assert Client().put("/u/" + "A" * 43, b"x").status_code == 404


def test_the_secret_opens_its_own_row_only(made: Cast, as_web: AsWeb) -> None:
    log, other = asked(made), asked(made, made.dc_station)
    secret = address_of(log).rsplit("/", 1)[1]

    with as_web(None):
        link = transfers.find_link(secret, is_upload=True, as_of=NOW)
        assert link is not None
        assert link.log_id == log.pk
        assert set(TransferLink.objects.values_list("log_id", flat=True)) == {log.pk, other.pk}
    with as_web(None), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('chargenet.link', %s, true)", ["0" * 64])
        assert not TransferLink.objects.exists()
        assert not StationLog.objects.exists()


@pytest.mark.parametrize(
    ("state", "answer", "error", "expected"),
    [
        ("accepted", {"fileName": "diag.tar"}, "", ("asked", "")),
        ("accepted", {}, "", ("failed", "The station has nothing to upload.")),
        ("accepted", {"status": "Accepted"}, "", ("asked", "")),
        ("rejected", {"status": "Rejected"}, "", ("failed", "The station says Rejected.")),
        ("error", None, "NotImplemented", ("failed", "NotImplemented")),
        ("expired", None, "", ("failed", "The station says no.")),
        ("timeout", None, "No answer in time.", ("asked", "")),
    ],
)
def test_how_the_asking_ended_is_told(
    made: Cast, state: str, answer: dict[str, Any] | None, error: str, expected: tuple[str, str]
) -> None:
    log = asked(made)

    finished(log, state, answer, error)

    assert (log.state, log.error) == expected
    assert TransferLink.objects.get().uses_left == (0 if log.state == "failed" else 1)


def test_an_upload_is_followed_by_the_stations_words(made: Cast) -> None:
    log = asked(made)
    said(log, "DiagnosticsStatusNotification", {"status": "Idle"})
    assert (log.state, log.status) == ("asked", "")

    said(log, "DiagnosticsStatusNotification", {"status": "Uploading"})
    assert log.state == "sending"

    said(log, "DiagnosticsStatusNotification", {"status": "UploadFailed"})
    assert (log.state, log.error) == ("failed", "The station says UploadFailed.")


def test_a_status_with_a_request_speaks_of_that_log(made: Cast) -> None:
    first = asked(made, made.dc_station)
    second = asked(made, made.dc_station, "security")
    payload = {"status": "PermissionDenied", "requestId": first.pk}

    said(first, "LogStatusNotification", payload)
    second.refresh_from_db()

    assert (first.state, second.state) == ("failed", "asked")


def test_what_never_comes_ends(made: Cast) -> None:
    log = asked(made)

    assert diagnostics.end_overdue_logs(as_of=NOW + timedelta(hours=5)) == 0
    assert diagnostics.end_overdue_logs(as_of=NOW + timedelta(hours=7)) == 1
    log.refresh_from_db()
    assert log.error == "Nothing came in 6 hours."


def test_old_files_are_forgotten_with_their_rows(made: Cast, as_web: AsWeb) -> None:
    log = asked(made)
    put(as_web, address_of(log), b"x")
    log.refresh_from_db()

    assert diagnostics.forget_logs(as_of=NOW + timedelta(days=89)) == 0
    assert diagnostics.forget_logs(as_of=NOW + timedelta(days=91)) == 1
    with pytest.raises(transfers.FileGone):
        transfers.open_file(log.storage_key)


def test_who_asked_and_who_downloaded_is_written_down(made: Cast, as_web: AsWeb) -> None:
    log = asked(made)
    put(as_web, address_of(log), b"<script>alert(1)</script>")
    client = Client()
    client.force_login(made.dag)

    with as_web(made.dag):
        answer = client.get(f"/stations/{made.ac_station.pk}/logs/{log.pk}/file/")
        content = b"".join(answer)

    assert content == b"<script>alert(1)</script>"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    actions = set(AuditEntry.objects.values_list("action", "user_id"))
    assert actions == {("log.ask", made.cilla.pk), ("log.download", made.dag.pk)}


def test_an_empty_file_is_no_log(made: Cast, as_web: AsWeb) -> None:
    log = asked(made)

    assert put(as_web, address_of(log), b"") == 404
    assert put(as_web, address_of(log), b"at last") == 201
