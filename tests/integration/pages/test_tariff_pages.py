"""The pages of price lists: drafts, versions that never change, where they hold, their cost."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from billing import price_places
from billing.models import Tariff, TariffAssignment, TariffDraft
from billing.queries import shown
from chargenet.core import clock
from chargenet.core.models import AuditEntry
from stations.models import Session
from tests.as_web import AsWeb
from tests.cast import Cast, make_cast
from tests.integration.billing import scene

NEVER: dict[str, Any] = {
    "start_date_time": "2026-02-01T00:00:00Z",
    "end_date_time": "2026-01-01T00:00:00Z",
}
NIGHT: dict[str, Any] = {
    "currency": "SEK",
    "tax_included": "YES",
    "elements": [
        {
            "price_components": [{"type": "ENERGY", "price": price, "vat": 25, "step_size": 1}],
            "restrictions": rules,
        }
        for price, rules in ((1, {"start_time": "22:00", "end_time": "06:00"}), (6, {}))
    ],
}
MINUS = (
    '{"currency": "SEK", "elements": [{"price_components":'
    ' [{"type": "ENERGY", "price": -1, "vat": 25, "step_size": 1}]}]}'
)
pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Cast:
    return make_cast()


@pytest.fixture
def cilla(made: Cast) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(made.cilla)
    return client


def listed(made: Cast, price: str = "4") -> Tariff:
    known: dict[str, Any] = {"country_code": "SE", "party_id": "NOR", "id": "AC"}
    known["last_updated"] = "2026-01-01T00:00:00Z"
    return scene.make_tariff(made, "AC", scene.price_list(price, **known))


def week(**changed: str) -> dict[str, str]:
    fields = {f"day_{number}": "A" * 24 for number in range(7)}
    fields |= {"name": "AC", "currency": "SEK", "tax": "included", "vat": "25", "level_A": "4,90"}
    return fields | {"step": "save", "revision": "1"} | changed


def draft_of(tariff: Tariff, client: Client) -> TariffDraft:
    client.post(f"/tariffs/{tariff.pk}/draft/")
    return TariffDraft.objects.get()


def test_a_list_tells_what_it_costs_now_and_at_how_many_places(made: Cast, cilla: Client) -> None:
    scene.assign(listed(made), made.location)
    rows = cilla.get("/tariffs/").context["page"].rows

    assert [(row.code, row.prices, row.places) for row in rows] == [("AC", "SEK\u00a05.00/kWh", 1)]


def test_a_painted_week_is_saved_and_published_as_the_next_version(
    made: Cast, cilla: Client
) -> None:
    old = listed(made)
    before = scene.assign(old, made.location)
    draft = draft_of(old, cilla)
    cilla.post(f"/tariffs/drafts/{draft.pk}/save/", week(level_B="3,9", day_6="B" * 24))
    answer = cilla.post(
        f"/tariffs/drafts/{draft.pk}/publish/", {"revision": "2", "when": "now"}, follow=True
    )

    new = Tariff.objects.get(version=2)
    told = [str(each) for each in answer.context["messages"]]
    assert "AC, version 2, is published." in told
    assert not TariffDraft.objects.exists()
    prices = [each["price_components"][0]["price"] for each in new.ocpi["elements"]]
    assert prices == [3.9, 4.9]
    old.refresh_from_db()
    assert old.ocpi["elements"][0]["price_components"][0]["price"] == 4
    before.refresh_from_db()
    after = TariffAssignment.objects.get(tariff=new)
    assert (before.valid_until, after.location) == (after.valid_from, made.location)
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert actions == {"tariff_draft.start", "tariff_draft.save", "tariff.publish"}


def test_pressed_twice_it_is_one_version(made: Cast, cilla: Client) -> None:
    draft = draft_of(listed(made), cilla)
    answers = [
        cilla.post(f"/tariffs/drafts/{draft.pk}/publish/", {"revision": "1", "when": "now"})
        for _ in range(2)
    ]

    assert [each.status_code for each in answers] == [302, 404]
    assert Tariff.objects.count() == 2


def test_two_tabs_do_not_undo_each_other(made: Cast, cilla: Client) -> None:
    draft = draft_of(listed(made), cilla)
    cilla.post(f"/tariffs/drafts/{draft.pk}/save/", week(level_A="5"))
    answer = cilla.post(f"/tariffs/drafts/{draft.pk}/save/", week(level_A="9"))

    assert "Somebody else saved this draft meanwhile" in answer.content.decode()
    draft.refresh_from_db()
    assert '"price": 5' in draft.text


def test_what_cannot_be_used_is_told_at_its_field_and_stays_typed(
    made: Cast, cilla: Client
) -> None:
    draft = draft_of(listed(made), cilla)
    answer = cilla.post(f"/tariffs/drafts/{draft.pk}/save/", week(level_A="dear", vat="x"))

    assert set(answer.context["problems"]) == {"level_A", "vat"}
    assert 'value="dear"' in answer.content.decode()
    draft.refresh_from_db()
    assert draft.revision == 1


def test_hours_are_painted_without_a_pointer(made: Cast, cilla: Client) -> None:
    draft = draft_of(listed(made), cilla)
    stroke = {"step": "paint", "paint_level": "B", "paint_from": "22", "paint_to": "6"}
    answer = cilla.post(
        f"/tariffs/drafts/{draft.pk}/save/", week(**stroke) | {"paint_day": ["0", "6"]}
    )

    days = [day.letters for day in answer.context["form"].days]
    assert days == [
        "B" * 6 + "A" * 16 + "BB",
        *["A" * 24] * 5,
        "B" * 6 + "A" * 16 + "BB",
    ]


def test_a_tariff_with_errors_is_not_published(made: Cast, cilla: Client) -> None:
    draft = draft_of(scene.make_tariff(made, "BAD", scene.price_list("4", **NEVER)), cilla)
    answer = cilla.post(
        f"/tariffs/drafts/{draft.pk}/publish/", {"revision": "1", "when": "now"}, follow=True
    )

    assert "Not published" in str(next(iter(answer.context["messages"])))
    assert "The tariff ends before it begins" in answer.content.decode()
    assert Tariff.objects.count() == 1


def test_what_is_no_tariff_is_refused_with_its_place(made: Cast, cilla: Client) -> None:
    draft = draft_of(listed(made), cilla)
    form = {"step": "json", "revision": "1", "text": '{"tariff": {"currency": "SEK", "odd": 1}}'}
    answer = cilla.post(f"/tariffs/drafts/{draft.pk}/save/", form)

    problem = answer.context["problems"]["text"]
    assert problem.startswith("$.tariff.odd: The key odd is unknown")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (MINUS, "$.elements[0].price_components[0].price: Priset -1 är under 0"),
        ('{"currency": "SEK", ', "Det här är ingen JSON"),
        ("[]", "En prislista är ett JSON-objekt"),
        (" " * 100_001, "Mer än 100 000 tecken"),
    ],
)
def test_what_is_no_tariff_is_refused_in_the_readers_language(
    made: Cast, text: str, told: str
) -> None:
    client = Client(headers={"accept-language": "sv"})
    client.force_login(made.cilla)
    draft = draft_of(listed(made), client)

    answer = client.post(
        f"/tariffs/drafts/{draft.pk}/save/", {"step": "json", "revision": "1", "text": text}
    )

    assert answer.context["problems"]["text"].startswith(told)


def test_a_price_that_held_is_not_changed_afterwards(made: Cast) -> None:
    tariff, now = listed(made), clock.now()
    place = price_places.Scope(location_id=made.location.pk)
    known: dict[str, Any] = {"tariff": tariff, "scope": place, "actor": made.cilla, "as_of": now}
    price_places.assign(valid_from=now - timedelta(days=9), **known)

    with pytest.raises(price_places.TariffRefused, match="cannot be changed afterwards"):
        price_places.assign(valid_from=now - timedelta(days=1), **known)
    later = price_places.assign(
        valid_from=now + timedelta(days=1),
        **known,
    )
    assert TariffAssignment.objects.exclude(pk=later.pk).get().valid_until == later.valid_from


def test_a_session_is_reckoned_beside_the_version_that_holds(made: Cast, cilla: Client) -> None:
    draft = draft_of(listed(made), cilla)
    cilla.post(f"/tariffs/drafts/{draft.pk}/save/", week(level_A="6"))
    page = cilla.get(
        f"/tariffs/drafts/{draft.pk}/?kwh=30&kw=60&start=2026-11-28T23:00&idle=5"
    ).context

    assert [(each.name, str(each.total)) for each in page["trial"].priced] == [
        ("This draft", "180.00"),
        ("Published now", "150.00"),
    ]
    assert len(page["trial"].chart.labels) == 24


def test_a_night_is_the_night_on_the_operators_wall(made: Cast, cilla: Client) -> None:
    draft = draft_of(listed(made), cilla)
    night = {f"day_{number}": "B" * 6 + "A" * 16 + "BB" for number in range(7)}
    cilla.post(f"/tariffs/drafts/{draft.pk}/save/", week(level_A="6", level_B="1", **night))
    page = cilla.get(f"/tariffs/drafts/{draft.pk}/?kwh=30&kw=60&start=2026-11-27T22:00").context

    assert page["trial"].priced[0].total == 30
    assert page["trial"].chart.series[0].values[22] == 30
    answer = cilla.post(
        "/api/v1/tariffs/{}/simulate/".format(scene.make_tariff(made, "N", NIGHT).pk),
        {"energy_kwh": "30", "power_kw": "60", "started_at": "2026-11-27T22:00:00+01:00"},
    )
    assert answer.json()["total_cost"]["incl_vat"] == "30"


@pytest.mark.parametrize("version", ["2.2.1", "2.3.0"])
def test_an_export_costs_what_the_list_costs(made: Cast, cilla: Client, version: str) -> None:
    tariff = listed(made, "3.92")
    told = json.loads(cilla.get(f"/tariffs/{tariff.pk}/ocpi/?version={version}").content)

    assert told["elements"][0]["price_components"][0]["price"] == 3.92
    assert told["id"] == "AC"


def test_a_driver_reads_the_price_at_the_cable(made: Cast) -> None:
    tariff = listed(made, "3.92")
    scene.assign(tariff, made.location)
    found = shown.price_before(made.socket, clock.now())

    assert found is not None
    assert [row.what for row in found.rows] == ["Energy"]
    page = Client(headers={"accept-language": "en"}).get(f"/c/{made.socket.public_code}")
    assert "SEK\u00a04.90/kWh" in page.content.decode()


def test_what_a_session_would_cost_is_told_over_rest(made: Cast, cilla: Client) -> None:
    asked = {"energy_kwh": "30", "power_kw": "60", "started_at": "2026-11-28T22:00:00Z"}
    answer = cilla.post(f"/api/v1/tariffs/{listed(made).pk}/simulate/", asked)

    assert answer.json()["total_cost"] == {"excl_vat": "120", "incl_vat": "150"}
    assert answer.json()["lines"][0]["element"] == 0


def test_a_driver_reads_the_price_of_their_contract_while_charging(
    made: Cast, as_web: AsWeb
) -> None:
    scene.assign(listed(made, "3.92"), made.location)
    own = scene.make_tariff(made, "OWN", scene.price_list("2.40"))
    scene.make_contract(made, scene.make_customer(made), tariff=own)
    session = scene.make_session(
        made,
        state=Session.State.OPEN,
        driver=made.astrid,
        token=made.astrids_token,
        started_at=clock.now() - timedelta(hours=1),
    )
    astrid = Client(headers={"accept-language": "en"})
    astrid.force_login(made.astrid)
    with as_web(made.astrid):
        page = astrid.get(f"/my/sessions/{session.pk}/").content.decode()

    assert "SEK\u00a03.00/kWh" in page
    assert "SEK\u00a04.90/kWh" not in page
