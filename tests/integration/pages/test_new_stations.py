"""Adding one station, or a list of thousands, as the web process does it."""

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chargenet.core.models import AuditEntry, User
from stations import registry
from stations.commissioning import lists
from stations.models import Connector, OperationLimits, Station, StationImport, StationImportRow
from tests.as_web import AsWeb
from tests.cast import Cast, make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    return make_cast()


class Page:
    """A person at the web process: row-level security included."""

    def __init__(self, as_web: AsWeb, user: User) -> None:
        self.as_web, self.user = as_web, user
        self.client = Client(headers={"accept-language": "en"})
        self.client.force_login(user)

    def get(self, name: str, *args: Any, query: str = "") -> str:
        with self.as_web(None):
            return self.client.get(reverse(name, args=args) + query).content.decode()

    def post(self, name: str, *args: Any, **form: Any) -> Any:
        with self.as_web(None):
            return self.client.post(reverse(name, args=args), form)


@pytest.fixture
def cilla(made: Cast, as_web: AsWeb) -> Page:
    return Page(as_web, made.cilla)


def bring(page: Page, *lines: str) -> StationImport | None:
    text = "\n".join(lines).encode()
    page.post("station_import_bring", file=SimpleUploadedFile("new.csv", text))
    return StationImport.objects.order_by("-pk").first()


def logins(answer: Any) -> dict[str, dict[str, str]]:
    text = answer.content.decode("utf-8-sig")
    return {row["identity"]: row for row in csv.DictReader(io.StringIO(text))}


def test_a_station_is_added_and_its_password_shown_once(cilla: Page) -> None:
    answer = cilla.post(
        "station_add", identity="NEW-1", site="Hamnen", connectors="2", profile="1"
    )

    station = Station.objects.get(identity="NEW-1")
    text = answer.content.decode()
    done = answer.context["done"]
    assert registry.check_password(station.password_hash, done.password.encode())
    assert text.count(done.password) == 1
    assert "/ocpp/NEW-1" in text
    assert answer["Cache-Control"].startswith("max-age=0")
    assert station.connectors.count() == 2
    assert AuditEntry.objects.filter(action="station.add", object_id=station.pk).exists()
    again = cilla.post("station_add", identity="NEW-1", profile="1").content.decode()
    assert "registered already" in again
    assert done.password not in cilla.get("station_add") + again


def test_another_operators_identity_is_refused_and_nothing_is_told(
    made: Cast, as_web: AsWeb
) -> None:
    erik = Page(as_web, made.erik)

    text = erik.post("station_add", identity="NORD-AC-1").content.decode()

    assert "belongs to another operator" in text
    assert Station.objects.filter(identity="NORD-AC-1").count() == 1


def test_a_list_with_one_wrong_line_adds_nothing_and_names_the_line(cilla: Page) -> None:
    order = bring(cilla, "identity,connectors", "GOOD-1,1", "BAD:1,1", "GOOD-1,1", "GOOD-2,many")
    assert order is not None

    wrong = StationImportRow.objects.filter(order=order).exclude(error="")
    assert [row.line for row in wrong.order_by("line")] == [3, 4, 5]
    page = cilla.get("station_import", order.pk)
    assert "BAD:1" in page
    cilla.post("station_import_add", order.pk)
    assert not Station.objects.filter(identity__startswith="GOOD").exists()


def test_a_list_is_added_once_and_its_logins_are_in_the_answer_only(cilla: Page) -> None:
    order = bring(
        cilla,
        "\ufeffidentity;site;ocpp;connectors;max_power_kw;profile",
        *(f"LIST-{n};Torget;2.0.1;2;11,5;1" for n in range(30)),
    )
    assert order is not None

    answer = cilla.post("station_import_add", order.pk)

    given = logins(answer)
    assert len(given) == 30
    for station in Station.objects.filter(identity__startswith="LIST-"):
        password = given[station.identity]["password"]
        assert registry.check_password(station.password_hash, password.encode())
        assert (station.ocpp_version, station.max_power_w) == ("2.0.1", 11_500)
    assert Connector.objects.filter(station__identity__startswith="LIST-").count() == 60
    kept = [str(row.plan) for row in StationImportRow.objects.filter(order=order)]
    assert not any(row["password"] in text for row in given.values() for text in kept)
    assert cilla.post("station_import_add", order.pk).status_code == 302
    assert Station.objects.filter(identity__startswith="LIST-").count() == 30


def test_the_same_list_again_is_resumed_and_those_there_keep_their_passwords(cilla: Page) -> None:
    first = bring(cilla, "identity,profile", "LIST-1,1")
    assert first is not None
    cilla.post("station_import_add", first.pk)
    before = Station.objects.get(identity="LIST-1").password_hash

    second = bring(cilla, "identity,profile", "LIST-1,1", "LIST-2,1")
    assert second is not None
    given = logins(cilla.post("station_import_add", second.pk))

    assert set(given) == {"LIST-2"}
    assert Station.objects.get(identity="LIST-1").password_hash == before


def test_a_lost_file_is_made_good_only_for_stations_that_never_came(cilla: Page) -> None:
    order = bring(cilla, "identity,profile", "LIST-1,1", "LIST-2,1")
    assert order is not None
    cilla.post("station_import_add", order.pk)
    Station.objects.filter(identity="LIST-1").update(connected_at=timezone.now())

    given = logins(cilla.post("station_import_renew", order.pk))

    assert set(given) == {"LIST-2"}
    station = Station.objects.get(identity="LIST-2")
    assert registry.check_password(station.password_hash, given["LIST-2"]["password"].encode())


def test_a_given_password_is_kept_as_its_hash_and_not_told_back(cilla: Page) -> None:
    order = bring(cilla, "identity,profile,password", "LIST-1,1,sixteen-or-more-1")
    assert order is not None
    assert "sixteen" not in str(order.rows.get().plan)

    given = logins(cilla.post("station_import_add", order.pk))

    assert given["LIST-1"]["password"] == ""
    station = Station.objects.get(identity="LIST-1")
    assert registry.check_password(station.password_hash, b"sixteen-or-more-1")


def test_a_file_that_is_no_list_is_refused_with_its_line(cilla: Page) -> None:
    assert bring(cilla, "identity,colour", "A,red") is None
    with pytest.raises(lists.ListUnreadable, match="no column identity"):
        list(lists.read_lines(["site\n", "Hamnen\n"]))


def test_stickers_carry_the_code_and_never_the_identity(cilla: Page, made: Cast) -> None:
    Station.objects.filter(pk=made.ac_station.pk).update(name="Quay 1")
    Connector.objects.filter(pk=made.socket.pk).update(public_code="ABCDE23456")

    page = cilla.get("station_labels", query=f"?station={made.ac_station.pk}")

    assert "ABCDE 23456" in page
    assert page.count("cn-label-code") == 2
    assert made.ac_station.identity not in page


def refusal(page: Page, content: bytes) -> str:
    """Bring a file nobody can add; return what the next page says of it."""
    page.post("station_import_bring", file=SimpleUploadedFile("new.csv", content))
    assert not StationImport.objects.exists()
    return page.get("station_add")


def test_a_list_as_spreadsheets_write_it_is_read(cilla: Page) -> None:
    text = "identity;site\r\nNEW-1;Malmö\r\n"
    for content in (text.encode("utf-16"), text.encode("utf-8-sig"), text.encode("utf-16-be")):
        page_file = SimpleUploadedFile("new.csv", content)
        cilla.post("station_import_bring", file=page_file)

    # the last one does not say how it is written: it is refused, not guessed at
    assert [row.plan["site"] for row in StationImportRow.objects.all()] == ["Malmö", "Malmö"]


def test_a_list_with_what_no_text_holds_names_the_line(cilla: Page) -> None:
    assert "Line 3: " in refusal(cilla, b"identity,site\nNEW-1,x\nNEW\x00-2,y\n")
    assert "Line 0" not in refusal(cilla, "identity,site\nNEW-1,Malmö\n".encode("latin-1"))


def test_a_list_of_nobody_is_refused_and_says_so(cilla: Page) -> None:
    assert "no stations" in refusal(cilla, b"identity,site\n\n,\n")


def test_the_kill_switch_moves_only_by_a_form_that_says_whither(cilla: Page) -> None:
    cilla.post("limits_switch", halt="1")

    assert cilla.post("limits_switch").status_code == 400

    assert OperationLimits.objects.get().halted_at is not None
    cilla.post("limits_switch", halt="0")
    assert OperationLimits.objects.get().halted_at is None
