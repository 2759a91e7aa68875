"""What drivers report is listed, answered and closed; a photo comes without its place and time."""

import io
from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from chargenet.core import clock
from chargenet.core.models import Outbox
from faults import driver_reports
from faults.models import DriverReport, ReportPhoto
from faults.tickets import photos
from stations.models import Connector
from tests.as_web import AsWeb
from tests.cast import Cast, make_cast

pytestmark = pytest.mark.django_db
Send = Callable[[bytes], str]


@pytest.fixture
def made() -> Cast:
    cache.clear()
    return make_cast()


@pytest.fixture
def cilla(made: Cast) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(made.cilla)
    return client


@pytest.fixture
def send(made: Cast, as_web: AsWeb) -> Send:
    """Send a report with a photo as a stranger; return what the page then says."""

    def sent(raw: bytes) -> str:
        client = Client(headers={"accept-language": "en"})
        form = {"kind": "damaged", "key": "k1", "photo": SimpleUploadedFile("a.jpg", raw)}
        with as_web(None):
            answer = client.post(f"/c/{made.socket.public_code}/report/", form, follow=True)
        return str(next(iter(answer.context["messages"])))

    return sent


def report(connector: Connector, key: str = "k1", contact: str = "") -> DriverReport:
    said = driver_reports.Said("dark", "Det är <b>mörkt</b>", contact, "sv", "r1", key)
    return driver_reports.take_report(connector=connector, said=said, as_of=clock.now())


def picture(kind: str = "JPEG") -> bytes:
    """A photo of a telephone that says where it was taken."""
    exif = Image.Exif()
    exif[0x010F] = "MakerOfThePhone"
    kept = io.BytesIO()
    Image.new("RGB", (90, 60), "red").save(kept, kind, exif=exif)
    return kept.getvalue()


def test_what_nobody_has_answered_is_listed_and_its_words_are_only_words(
    made: Cast, cilla: Client
) -> None:
    mine = report(made.socket)

    listed = cilla.get("/reports/").content.decode()

    assert f"/reports/{mine.pk}/" in listed
    assert "&lt;b&gt;" in listed
    assert "<b>m" not in cilla.get(f"/reports/{mine.pk}/").content.decode()
    assert f"/reports/{mine.pk}/" not in cilla.get("/reports/?state=right").content.decode()


def test_an_answer_goes_to_who_left_an_address_and_the_report_leaves_the_list(
    made: Cast, cilla: Client
) -> None:
    mine = report(made.socket, contact="anna@example.org")
    page = cilla.get(f"/reports/{mine.pk}/").content.decode()
    assert "anna@example.org" in page
    assert "the page in this language: Svenska." in page

    form = {"verdict": "right", "answer": "Tack! Den är lagad."}
    assert cilla.post(f"/reports/{mine.pk}/close/", form).status_code == 302

    mine.refresh_from_db()
    assert (mine.state, mine.contact, mine.closed_by) == ("right", "", made.cilla)
    assert Outbox.objects.get().payload["to"] == "anna@example.org"
    assert f"/reports/{mine.pk}/" not in cilla.get("/reports/").content.decode()
    assert f"/reports/{mine.pk}/" in cilla.get("/reports/?state=right").content.decode()


@pytest.mark.parametrize(
    ("first", "then", "said"),
    [("right", "", "Say whether"), ("right", "wrong", "Somebody has closed it")],
)
def test_a_close_that_cannot_be_says_why(
    made: Cast, cilla: Client, first: str, then: str, said: str
) -> None:
    mine = report(made.socket)
    if then:
        cilla.post(f"/reports/{mine.pk}/close/", {"verdict": first})

    answer = cilla.post(f"/reports/{mine.pk}/close/", {"verdict": then}, follow=True)

    assert any(said in str(one) for one in answer.context["messages"])


def test_the_station_and_its_ticket_lead_to_the_report(made: Cast, cilla: Client) -> None:
    report(made.socket)
    page = cilla.get(f"/stations/{made.ac_station.pk}/")
    elsewhere = cilla.get(f"/stations/{made.dc_station.pk}/")

    assert (page.context["page"].reports, elsewhere.context["page"].reports) == (1, 0)
    assert "/reports/?q=" in page.content.decode()


def test_a_photo_comes_with_a_report_and_nothing_of_the_telephone(
    made: Cast, cilla: Client, send: Send
) -> None:
    assert "Thank you" in send(picture())
    photo = ReportPhoto.objects.get()

    raw = cilla.get(f"/reports/{photo.report_id}/photo/").content
    assert b"MakerOfThePhone" not in raw
    with Image.open(io.BytesIO(raw)) as shown:
        assert (shown.format, shown.size, dict(shown.getexif())) == ("JPEG", (90, 60), {})
    assert (
        f"/reports/{photo.report_id}/photo/"
        in cilla.get(f"/reports/{photo.report_id}/").content.decode()
    )


@pytest.mark.parametrize("raw", [b"<script>alert(1)</script>", b"x" * (photos.MOST_BYTES + 1)])
def test_a_photo_that_cannot_be_kept_does_not_cost_the_report(
    made: Cast, send: Send, raw: bytes
) -> None:
    assert "could not keep the photo" in send(raw)

    assert DriverReport.objects.count() == 1
    assert not ReportPhoto.objects.exists()


def test_a_form_sent_twice_keeps_one_photo(made: Cast, send: Send) -> None:
    send(picture())
    send(picture())

    assert ReportPhoto.objects.count() == DriverReport.objects.count() == 1


def test_a_picture_that_is_only_whole_in_memory_may_not_be_as_large(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(photos, "MOST_WHOLE_PIXELS", 5000)
    with pytest.raises(photos.PhotoUnfit):
        photos.encoded(picture("PNG"))

    assert photos.encoded(picture())[1] == (90, 60)
