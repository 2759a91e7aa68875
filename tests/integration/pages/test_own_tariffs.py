"""Price lists that say more than OCPI can: each digit kept, checked and reckoned as they rate."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from billing import price_lists, price_places
from billing.models import SpotPrice, Tariff, TariffAssignment, TariffDraft
from billing.price_places import Scope, TariffRefused
from billing.queries import shown
from billing.queries.lists import price_lists as lists_of
from billing.tariffs import own_document
from chargenet.core import clock
from chargenet.core.models import AuditEntry
from tests.cast import Cast, make_cast
from tests.integration.billing import scene

pytestmark = pytest.mark.django_db
OWN = """{"tariff": {"country_code": "SE", "party_id": "NOR", "id": "OWN", "currency": "SEK",
 "tax_included": "YES", "type": "REGULAR", "last_updated": "2026-01-01T00:00:00Z", "elements": []},
 "spot": {"markup": 0.1234567890123, "grid_fee": 0.450, "vat": 25, "least": 0},
 "idle_fee": {"price_per_minute": 2.10, "vat": 25, "grace_s": 900,
  "cap": {"before_taxes": 160, "after_taxes": 200.00}, "start_time": "07:00", "end_time": "22:00"},
 "power_classes": [{"min_kw": 50, "elements": [
  {"price_components": [{"type": "FLAT", "price": 8.00, "vat": 25, "step_size": 1}]}]}],
 "max_per_session": {"before_taxes": 400, "after_taxes": 500},
 "max_per_day": {"before_taxes": 640, "after_taxes": 800}}"""
EVENING = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def made() -> Cast:
    return make_cast()


@pytest.fixture
def cilla(made: Cast) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(made.cilla)
    return client


def drafted(made: Cast, text: str = OWN, area: str = "SE3", code: str = "OWN") -> TariffDraft:
    draft = price_lists.start_draft(
        operator=made.operator,
        code=code,
        name=code,
        text=text,
        actor=made.cilla,
        as_of=clock.now(),
    )
    draft.spot_area = area
    TariffDraft.objects.bulk_update([draft], ["spot_area"])
    return draft


def published(made: Cast, text: str = OWN, area: str = "SE3", code: str = "OWN") -> Tariff:
    return price_lists.publish(
        draft_id=drafted(made, text, area, code).pk,
        revision=1,
        valid_from=None,
        actor=made.cilla,
        as_of=clock.now(),
    )


def tell_spot(made: Cast, start: datetime, hours: int = 24, area: str = "SE3") -> None:
    """Let the exchange ask a krona at the first quarter, and an öre more in each that follows."""
    SpotPrice.objects.bulk_create(
        SpotPrice(
            operator=made.operator,
            area=area,
            starts_at=start + timedelta(minutes=15 * number),
            currency="SEK",
            price=Decimal(1) + Decimal(number) / 100,
            read_at=start,
        )
        for number in range(4 * hours)
    )


def whole(text: str) -> object:
    """Return a document with each number as it was written."""
    return json.loads(text, parse_float=str, parse_int=str)


def test_a_draft_of_our_own_version_keeps_every_part_and_every_digit(
    made: Cast, cilla: Client
) -> None:
    first = published(made)
    cilla.post(f"/tariffs/{first.pk}/draft/")
    draft = TariffDraft.objects.get()

    assert whole(draft.text) == whole(OWN)
    assert draft.spot_area == "SE3"
    second = price_lists.publish(
        draft_id=draft.pk, revision=1, valid_from=None, actor=made.cilla, as_of=clock.now()
    )
    lists = lists_of([first.pk, second.pk])
    assert lists.readable[first.pk] == lists.readable[second.pk]
    assert lists.areas[second.pk] == "SE3"


def test_a_spot_price_is_published_with_its_area_only(made: Cast) -> None:
    with pytest.raises(TariffRefused, match="area"):
        published(made, area="")
    assert not Tariff.objects.exists()


def test_a_list_of_ocpi_alone_has_no_area(made: Cast) -> None:
    text = own_document.write_text(scene.price_list("4"))
    assert published(made, text, "SE3").spot_area == ""


def test_our_own_parts_are_checked_too(made: Cast, cilla: Client) -> None:
    draft = drafted(made, OWN.replace('"grid_fee": 0.450, "vat": 25,', '"grid_fee": 0.450,'))
    page = cilla.get(f"/tariffs/drafts/{draft.pk}/")

    found = [each.path for each, _text in page.context["read"].findings]
    assert "$.spot" in found


def test_a_price_of_the_exchange_is_reckoned_over_the_quarters_of_a_day(
    made: Cast, cilla: Client
) -> None:
    tell_spot(made, datetime(2026, 11, 20, 0, 0, tzinfo=UTC) - timedelta(hours=1), 48)
    draft = drafted(made)
    page = cilla.get(f"/tariffs/drafts/{draft.pk}/?kwh=10&kw=40&start=2026-11-20T18:00").context
    found = page["trial"].priced[0]

    assert (found.problem, len(found.lines)) == ("", 1)
    # 72 quarters after midnight: 1.72 with tax, and what we add.
    assert found.total == Decimal("27.23")
    assert len(page["trial"].chart.labels) == 96


def test_where_the_exchange_has_told_nothing_the_page_says_of_which_area(
    made: Cast, cilla: Client
) -> None:
    draft = drafted(made)
    page = cilla.get(f"/tariffs/drafts/{draft.pk}/?kwh=10&kw=40&start=2026-11-20T18:00")
    assert "SE3" in page.context["trial"].priced[0].problem


def test_a_driver_reads_the_price_of_this_quarter_and_how_it_goes_on(made: Cast) -> None:
    tariff = published(made)
    scene.assign(tariff, made.location)
    tell_spot(made, EVENING, 6)
    found = shown.price_before(made.socket, EVENING + timedelta(minutes=20))

    assert found is not None
    spot = found.rows[0]
    assert (spot.what, spot.price) == ("Energy, this quarter of an hour", "SEK\u00a01.836/kWh")
    assert found.rows[1].price == "SEK\u00a01.8485–2.111/kWh"


def test_a_session_is_reckoned_over_rest_with_the_prices_of_its_area(
    made: Cast, cilla: Client
) -> None:
    tell_spot(made, EVENING)
    asked = {"energy_kwh": "10", "power_kw": "40", "started_at": EVENING.isoformat()}
    address = f"/api/v1/tariffs/{published(made).pk}/"
    told = cilla.get(address).json()
    priced = cilla.post(f"{address}simulate/", asked).json()

    assert (told["spot_area"], whole(told["text"])) == ("SE3", whole(OWN))
    assert priced["lines"][0]["rules"][0]["rule"] == "spot"


def test_a_price_holds_for_a_group_at_a_power_from_when_until_when(
    made: Cast, cilla: Client
) -> None:
    tariff = published(made)
    group = scene.make_customer(made).operator.pk
    form = {"place": f"connector:{made.socket.pk}", "whom": f"group:{group + 9}", "above": "50"}
    assert cilla.post(f"/tariffs/{tariff.pk}/assign/", form).status_code == 404

    partner = scene.make_customer(made, "roam", kind="partner")
    form["whom"] = f"partner:{partner.pk}"
    form |= {"below": "100,5", "from": "2027-01-01T00:00", "until": "2027-02-01T00:00"}
    cilla.post(f"/tariffs/{tariff.pk}/assign/", form)
    row = TariffAssignment.objects.get()

    assert (row.connector, row.partner) == (made.socket, partner)
    assert (row.from_power_w, row.below_power_w) == (50_000, 100_500)
    assert row.valid_until is not None
    hold = cilla.get(f"/tariffs/{tariff.pk}/").context["holds"][0]
    assert (hold.why, hold.whom, hold.power) == ("Roaming partner", "Roam", "50–100.5 kW")
    assert AuditEntry.objects.filter(action="tariff.assign").count() == 1


def hold(made: Cast, tariff: Tariff, **more: Any) -> TariffAssignment:
    values: dict[str, Any] = {"scope": Scope(), "actor": made.cilla, "as_of": EVENING}
    return price_places.assign(tariff=tariff, **(values | {"valid_from": EVENING} | more))


def hours(instant: datetime | None) -> int | None:
    return None if instant is None else int((instant - EVENING) / HOUR)


def told(made: Cast) -> list[tuple[str, int | None, int | None]]:
    """Return what holds everywhere in order, with its hours after the evening."""
    rows = TariffAssignment.objects.filter(operator=made.operator).select_related("tariff")
    return [
        (row.tariff.code, hours(row.valid_from), hours(row.valid_until))
        for row in rows.order_by("valid_from", "pk")
    ]


def test_what_holds_for_a_time_lets_the_old_price_come_back(made: Cast) -> None:
    base, feast = published(made), published(made, code="FEAST")
    hold(made, base)
    later = {"valid_from": EVENING + 24 * HOUR, "valid_until": EVENING + 48 * HOUR}
    row = hold(made, feast, **later)
    assert told(made) == [("OWN", 0, 24), ("FEAST", 24, 48), ("OWN", 48, None)]

    during = EVENING + 30 * HOUR
    price_places.end_assignment(assignment_id=row.pk, actor=made.cilla, as_of=during)
    assert told(made) == [("OWN", 0, 24), ("FEAST", 24, 30), ("OWN", 30, None)]


def test_a_plan_that_is_dropped_leaves_what_was_there(made: Cast) -> None:
    hold(made, published(made))
    row = hold(made, published(made, code="FEAST"), valid_from=EVENING + 24 * HOUR)
    price_places.end_assignment(assignment_id=row.pk, actor=made.cilla, as_of=EVENING)

    assert told(made) == [("OWN", 0, None)]


def test_a_new_version_does_not_push_out_what_was_planned_beside_it(made: Cast) -> None:
    base = published(made)
    hold(made, base)
    hold(made, published(made, code="FEAST"), valid_from=EVENING + 24 * HOUR)
    price_places.take_over(tariff=base, valid_from=EVENING + 30 * HOUR)

    assert told(made) == [("OWN", 0, 24), ("FEAST", 24, None)]


def test_of_two_from_the_same_instant_the_later_word_stays(made: Cast) -> None:
    later = EVENING + timedelta(days=1)
    hold(made, published(made), valid_from=later)
    hold(made, published(made, code="OTHER"), valid_from=later)

    assert [row.tariff.code for row in TariffAssignment.objects.all()] == ["OTHER"]


def test_a_price_does_not_end_before_it_begins(made: Cast) -> None:
    with pytest.raises(TariffRefused, match="ends before it begins"):
        hold(made, published(made), valid_until=EVENING - timedelta(days=1))
    with pytest.raises(TariffRefused, match="power"):
        hold(made, published(made, code="P"), scope=Scope(from_power_w=9, below_power_w=9))
    assert not TariffAssignment.objects.exists()


def test_every_version_is_listed_over_rest_with_where_it_holds(made: Cast, cilla: Client) -> None:
    old = published(made)
    hold(made, old)
    again = price_lists.draft_of(tariff=old, text=OWN, actor=made.cilla, as_of=EVENING)
    price_lists.publish(
        draft_id=again.pk, revision=1, valid_from=None, actor=made.cilla, as_of=EVENING
    )
    told = cilla.get(f"/api/v1/tariffs/{old.pk}/versions/").json()

    assert [(each["version"], len(each["holds"])) for each in told] == [(2, 0), (1, 1)]
    assert told[1]["holds"][0]["location_id"] is None
    assert cilla.get("/api/v1/tariffs/?code=NONE").json()["results"] == []


def test_the_week_keeps_what_it_does_not_show(made: Cast, cilla: Client) -> None:
    more: dict[str, Any] = {
        "type": "AD_HOC_PAYMENT",
        "tariff_alt_url": "https://example.org/price",
        "tariff_alt_text": [{"language": "de", "text": "Nachts"}],
        "id": "THEIRS",
    }
    draft = drafted(made, own_document.write_text(scene.price_list("4", **more)))
    fields = {f"day_{number}": "A" * 24 for number in range(7)}
    fields |= {"step": "save", "revision": "1", "name": "Own", "currency": "SEK", "vat": "25"}
    cilla.post(f"/tariffs/drafts/{draft.pk}/save/", fields | {"level_A": "5"})
    draft.refresh_from_db()
    told = json.loads(draft.text)["tariff"]

    assert draft.revision == 2
    assert {key: told[key] for key in more} == more


def test_a_remark_of_the_checks_stands_at_its_field(made: Cast, cilla: Client) -> None:
    text = scene.price_list("4", tariff_alt_text=[{"language": "sv", "text": "4,00 kr"}])
    text["elements"][0]["price_components"][0]["vat"] = 24
    draft = drafted(made, own_document.write_text(text | {"country_code": "SE"}))
    remarks = cilla.get(f"/tariffs/drafts/{draft.pk}/").context["form"].remarks

    assert {"vat", "text_sv"} <= set(remarks)
