"""The exchange's prices are taken in whole or not at all, and told again without harm."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from billing import rating, spot_prices
from billing.models import Cdr, RatingHold, SpotPrice, Tariff
from billing.spot_prices import Offer, SpotRefused
from chargenet.core.models import AuditEntry
from tests import cast
from tests.integration.billing import scene as trade
from tests.integration.billing.scene import RATED

pytestmark = pytest.mark.django_db
SE3 = Offer(area="SE3", currency="SEK")
HEAD = "starts_at,price\n"


@pytest.fixture
def scene() -> cast.Cast:
    return cast.make_cast()


def _take(scene: cast.Cast, text: str, offer: Offer = SE3) -> int:
    return spot_prices.import_prices(
        operator=scene.operator, offer=offer, text=text, actor=scene.cilla, as_of=RATED
    )


def test_prices_per_mwh_are_kept_per_kwh_and_below_nought(scene: cast.Cast) -> None:
    lines = "2026-11-02T12:00+01:00,512.34\n2026-11-02T11:15Z,-3.2\n"

    assert _take(scene, HEAD + lines) == 2

    rows = SpotPrice.objects.order_by("starts_at")
    assert [row.price for row in rows] == [Decimal("0.51234"), Decimal("-0.0032")]
    assert [f"{row.starts_at:%H:%M}" for row in rows] == ["11:00", "11:15"]
    assert AuditEntry.objects.get(action="spot_prices.imported").details["quarters"] == 2


def test_an_hour_is_four_quarters_and_a_night_of_two_threes_has_both(scene: cast.Cast) -> None:
    hours = "2026-10-25T02:00+02:00;1,5\n2026-10-25T02:00+01:00;2,5\n"
    offer = Offer(area="SE3", currency="SEK", per="kWh", minutes=60)

    assert _take(scene, "starts_at;price\n" + hours, offer) == 8

    prices = list(SpotPrice.objects.order_by("starts_at").values_list("price", flat=True))
    assert prices == [Decimal("1.5")] * 4 + [Decimal("2.5")] * 4


def test_a_quarter_told_again_gets_the_newer_price_and_stays_one(scene: cast.Cast) -> None:
    _take(scene, HEAD + "2026-11-02T11:00Z,100\n")
    _take(scene, HEAD + "2026-11-02T11:00Z,200\n")

    assert SpotPrice.objects.get().price == Decimal("0.2")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        (HEAD, 0),
        ("when,price\n2026-11-02T11:00Z,1\n", 1),
        (HEAD + "2026-11-02T11:00,1\n", 2),
        (HEAD + "2026-11-02T11:07Z,1\n", 2),
        (HEAD + "yesterday,1\n", 2),
        (HEAD + "2026-11-02T11:00Z,1\n2026-11-02T11:15Z,much\n", 3),
        (HEAD + "2026-11-02T11:00Z,NaN\n", 2),
        (HEAD + "2026-11-02T11:00Z,1e99\n", 2),
        (HEAD + "2026-11-02T11:00Z,0.000000000001\n", 2),
        (HEAD + "2026-11-02T11:00Z\n", 2),
        (HEAD + "0001-01-01T00:00+14:00,1\n", 2),
        (HEAD + "9999-12-31T23:45Z,1\n", 2),
        (HEAD + "2026-11-02T11:00Z,1_000\n", 2),
        ("x" * 200_000 + ",price\n", 1),
        (HEAD + f"2026-11-02T11:00Z,{'1' * 200_000}\n", 2),
        (HEAD + "2026-11-02T12:00+01:00,5\n2026-11-02T11:00Z,6\n", 3),
    ],
)
def test_what_cannot_be_read_is_refused_by_line_and_nothing_is_taken(
    scene: cast.Cast, text: str, line: int
) -> None:
    with pytest.raises(SpotRefused) as refused:
        _take(scene, text)

    assert refused.value.line == line
    assert not SpotPrice.objects.exists()


@pytest.mark.parametrize(
    "offer",
    [
        Offer(area="", currency="SEK"),
        Offer(area="SE3", currency="kr"),
        Offer(area="SE3", currency="SEK", per="J"),
        Offer(area="SE3", currency="SEK", minutes=30),
    ],
)
def test_whose_prices_they_are_must_be_said(scene: cast.Cast, offer: Offer) -> None:
    with pytest.raises(SpotRefused):
        _take(scene, HEAD + "2026-11-02T11:00Z,1\n", offer)


def test_a_page_takes_a_file_and_shows_its_prices(scene: cast.Cast) -> None:
    client = Client(headers={"accept-language": "sv"})
    client.force_login(scene.cilla)
    file = SimpleUploadedFile("se3.csv", (HEAD + "2026-11-02T11:00Z,512.30\n").encode())
    form = {"area": "SE3", "currency": "SEK", "per": "MWh", "minutes": "15", "file": file}

    answer = client.post(reverse("spot_import"), form, follow=True)

    assert "0,5123" in answer.content.decode()
    assert SpotPrice.objects.get().operator == scene.operator


def test_lines_of_an_old_machine_are_lines(scene: cast.Cast) -> None:
    assert _take(scene, "starts_at,price\r2026-11-02T11:00Z,5\r2026-11-02T11:15Z,6\r") == 2


def test_a_page_says_in_the_reader_s_language_what_is_wrong_in_a_file(scene: cast.Cast) -> None:
    client = Client(headers={"accept-language": "sv"})
    client.force_login(scene.cilla)
    file = SimpleUploadedFile("se3.csv", (HEAD + "2026-11-02T11:00Z,much\n").encode())
    form = {"area": "SE3", "currency": "SEK", "per": "MWh", "minutes": "15", "file": file}

    page = client.post(reverse("spot_import"), form, follow=True).content.decode()

    assert "Inget lästes in: rad 2: priset är inget tal." in page


def test_what_waited_for_a_price_is_rated_by_the_next_sweep_after_it_came(
    scene: cast.Cast,
) -> None:
    tariff = trade.make_tariff(scene, "spot", {"currency": "SEK", "elements": []})
    Tariff.objects.filter(pk=tariff.pk).update(native={"spot": {"vat": 25}}, spot_area="SE3")
    trade.assign(tariff)
    session = trade.make_session(scene, hours=0.5)
    _take(scene, HEAD + "2026-11-02T11:00Z,1000\n")
    assert trade.rate(session) is None
    hold = RatingHold.objects.get()
    assert (hold.reason, "2026-11-02T11:15:00Z" in hold.detail) == (rating.SPOT_MISSING, True)
    assert rating.sweep_unrated_sessions(as_of=RATED) == {}

    _take(scene, HEAD + "2026-11-02T11:15Z,3000\n")

    assert rating.sweep_unrated_sessions(as_of=RATED) == {"rated": 1}
    assert Cdr.objects.get().total_excl_vat.amount == Decimal(20)
    assert not RatingHold.objects.exists()


@pytest.mark.parametrize(
    ("midnight", "hours"),
    [(datetime(2026, 3, 28, 23, tzinfo=UTC), 23), (datetime(2026, 10, 24, 22, tzinfo=UTC), 25)],
)
def test_a_day_on_which_the_clock_is_changed_has_a_price_for_each_real_quarter(
    scene: cast.Cast, midnight: datetime, hours: int
) -> None:
    tariff = trade.make_tariff(scene, "spot", {"currency": "SEK", "elements": []})
    Tariff.objects.filter(pk=tariff.pk).update(native={"spot": {"vat": 25}}, spot_area="SE3")
    trade.assign(tariff, since=midnight)
    quarters = [midnight + number * spot_prices.SLOT for number in range(hours * 4)]
    _take(scene, HEAD + "".join(f"{at.isoformat()},{n * 4}\n" for n, at in enumerate(quarters)))
    session = trade.make_session(
        scene, started_at=midnight, hours=hours, energy_wh=hours * 4 * 1000
    )

    assert trade.rate(session) is not None

    cdr = Cdr.objects.get()
    assert len(cdr.lines) == hours * 4 == SpotPrice.objects.count()
    # a kWh a quarter, each at its own price
    assert cdr.total_excl_vat.amount == round(Decimal(sum(range(hours * 4)) * 4) / 1000, 2)
