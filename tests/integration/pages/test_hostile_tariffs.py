"""Price lists from people who mean no good, or press twice: refused by name, nothing lost."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from billing.models import Contract, Tariff, TariffAssignment, TariffDraft
from chargenet.core import clock
from tests.cast import Cast, make_cast
from tests.integration.billing import scene
from tests.integration.pages.test_tariff_pages import draft_of, listed, week

pytestmark = pytest.mark.django_db
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def made() -> Cast:
    return make_cast()


@pytest.fixture
def cilla(made: Cast) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(made.cilla)
    return client


def document(*elements: dict[str, Any], **more: Any) -> str:
    return json.dumps({"tariff": {"currency": "SEK", "elements": list(elements)}, **more})


def energy(price: Any = 4, **more: Any) -> dict[str, Any]:
    component = {"type": "ENERGY", "price": price, "vat": 25, "step_size": 1} | more
    return {"price_components": [component]}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (document(energy(prise=4)), "prise"),
        (document(energy(-1)), "price"),
        (document(energy("4")), "price"),
        (document(energy(float("inf"))), "Infinity"),
        (document(energy(), spoot={}), "spoot"),
        (document(energy(), spot={"markup": 1}), "ENERGY"),
        (document(), "at least one entry"),
        ("[]", "one JSON object"),
        ("{", "no JSON"),
        ('{"tariff": 7}', "object"),
        ('{"tariff": {"currency": "SEK", "currency": "EUR"}}', "twice"),
        ("[" * 5000 + "]" * 5000, "nested"),
        ('{"a": "' + "x" * 100_000 + '"}', "100,000 characters"),
        (document(energy(), tariff_alt_text=[7]), "tariff_alt_text"),
        ('{"tariff": {"currency": "SEK", "tariff_alt_text": [7], "elements": []}}', "alt_text"),
        ('{"tariff": {"currency": "SEK", "energy_mix": 7, "elements": []}}', "energy_mix"),
    ],
)
def test_what_is_no_price_list_is_refused_by_name_and_stays_typed(
    made: Cast, cilla: Client, text: str, told: str
) -> None:
    draft = draft_of(listed(made), cilla)
    form = {"step": "json", "revision": "1", "name": "AC", "text": text}
    answer = cilla.post(f"/tariffs/drafts/{draft.pk}/save/", form)

    assert told in answer.context["problems"]["text"]
    assert answer.context["text"] == text
    draft.refresh_from_db()
    assert draft.revision == 1


@pytest.mark.parametrize(
    ("elements", "rule"),
    [
        ([energy(), energy(3)], "overlap"),
        ([energy(step_size=0)], "step_zero"),
        ([energy() | {"restrictions": {"start_time": "22:00"}}], "gap"),
    ],
)
def test_what_is_odd_is_told_on_the_page(
    made: Cast, cilla: Client, elements: list[dict[str, Any]], rule: str
) -> None:
    draft = draft_of(listed(made), cilla)
    form = {"step": "json", "revision": "1", "name": "AC", "text": document(*elements)}
    cilla.post(f"/tariffs/drafts/{draft.pk}/save/", form)
    page = cilla.get(f"/tariffs/drafts/{draft.pk}/")

    assert rule in {each.rule for each, _text in page.context["read"].findings}


def test_a_thousand_elements_are_read_checked_and_published(made: Cast, cilla: Client) -> None:
    many = [
        energy(number % 9) | {"restrictions": {"min_kwh": number, "max_kwh": number + 1}}
        for number in range(600)
    ]
    draft = draft_of(listed(made), cilla)
    form = {"step": "json", "revision": "1", "name": "AC", "text": document(*many, energy())}
    cilla.post(f"/tariffs/drafts/{draft.pk}/save/", form)
    page = cilla.get(f"/tariffs/drafts/{draft.pk}/")

    assert "depends on more than" in page.context["form"].unpaintable
    cilla.post(f"/tariffs/drafts/{draft.pk}/publish/", {"revision": "2", "when": ""})
    assert len(Tariff.objects.get(version=2).ocpi["elements"]) == 601


def test_nothing_that_is_typed_becomes_a_script(made: Cast, cilla: Client) -> None:
    tariff = listed(made)
    draft = draft_of(tariff, cilla)
    cilla.post(f"/tariffs/drafts/{draft.pk}/save/", week(name=EVIL, text_sv=EVIL))
    pages = [cilla.get(f"/tariffs/drafts/{draft.pk}/"), cilla.get("/tariffs/")]
    cilla.post(f"/tariffs/drafts/{draft.pk}/publish/", {"revision": "2", "when": ""})
    new = Tariff.objects.get(version=2)
    scene.assign(new, made.location)
    pages += [
        cilla.get(f"/tariffs/{new.pk}/"),
        Client().get(f"/c/{made.socket.public_code}"),
        cilla.post("/tariffs/new/", {"name": EVIL, "code": EVIL, "text": f'"{EVIL}'}),
        cilla.get(f"/tariffs/{new.pk}/?kwh={EVIL}&kw={EVIL}&start={EVIL}&idle={EVIL}"),
    ]

    for page in pages:
        assert page.status_code == 200
        assert EVIL not in page.content.decode()
    assert new.name == EVIL


def test_a_broken_file_leaves_what_was_written(made: Cast, cilla: Client) -> None:
    sent = SimpleUploadedFile("t.json", b"\xff\xfe{", "application/json")
    form = {"name": "Evening", "code": "EVE", "text": "", "file": sent}
    answer = cilla.post("/tariffs/new/", form).content.decode()

    assert "no text in UTF-8" in answer
    assert 'value="Evening"' in answer
    assert 'value="EVE"' in answer
    assert not TariffDraft.objects.exists()
    draft = draft_of(listed(made), cilla)
    written = draft.text
    form = {"step": "json", "revision": "1", "name": "AC", "text": written.replace("4", "5")}
    broken = SimpleUploadedFile("t.json", b"{", "application/json")
    kept = cilla.post(f"/tariffs/drafts/{draft.pk}/save/", form | {"file": broken})
    assert "no JSON" in kept.context["problems"]["text"]
    assert kept.context["text"] == form["text"]


@pytest.mark.parametrize(
    "when", ["2020-01-01T00:00", "soon", "", "2026-13-45T99:00", "0001-01-01"]
)
def test_a_version_is_not_published_into_the_past_or_into_nonsense(
    made: Cast, cilla: Client, when: str
) -> None:
    draft = draft_of(listed(made), cilla)
    form = {"revision": "1", "when": "at", "from": when}
    assert cilla.post(f"/tariffs/drafts/{draft.pk}/publish/", form).status_code == 302
    assert Tariff.objects.count() == 1
    assert TariffDraft.objects.count() == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"until": "2020-01-01T00:00"},
        {"until": "nonsense"},
        {"above": "100", "below": "50"},
        {"above": "-1"},
        {"above": "NaN"},
        {"below": "1e9"},
    ],
)
def test_a_place_is_not_given_what_cannot_hold(
    made: Cast, cilla: Client, changed: dict[str, str]
) -> None:
    tariff = listed(made)
    answer = cilla.post(f"/tariffs/{tariff.pk}/assign/", {"place": "all"} | changed)
    assert answer.status_code == 302
    assert not TariffAssignment.objects.exists()


@pytest.mark.parametrize(
    "place", ["site:0", "site:x", "station:", "moon:1", "", "site:99999999999999"]
)
def test_a_place_nobody_has_is_not_found(made: Cast, cilla: Client, place: str) -> None:
    tariff = listed(made)
    assert cilla.post(f"/tariffs/{tariff.pk}/assign/", {"place": place}).status_code == 404


def test_nobody_reaches_the_price_lists_of_another(made: Cast) -> None:
    tariff = listed(made)
    row = scene.assign(tariff, made.location)
    draft = TariffDraft.objects.create(
        operator=made.operator, code="AC", name="AC", text="{}", edited_at=timezone.now()
    )
    erik = Client()
    erik.force_login(made.erik)
    reads = [
        f"/tariffs/{tariff.pk}/",
        f"/tariffs/{tariff.pk}/ocpi/",
        f"/tariffs/drafts/{draft.pk}/",
    ]
    reads += [f"/api/v1/tariffs/{tariff.pk}/", f"/api/v1/tariffs/{tariff.pk}/versions/"]
    deeds = [f"/tariffs/{tariff.pk}/draft/", f"/tariffs/{tariff.pk}/assign/"]
    deeds += [f"/tariffs/holds/{row.pk}/end/", f"/api/v1/tariffs/{tariff.pk}/simulate/"]
    deeds += [f"/tariffs/drafts/{draft.pk}/{deed}/" for deed in ("save", "publish", "discard")]

    assert {erik.get(each).status_code for each in reads} == {404}
    assert {erik.post(each, {"place": "all"}).status_code for each in deeds} == {404}
    own = scene.make_tariff(made, "MINE", scene.price_list("4"))
    Tariff.objects.filter(pk=own.pk).update(operator=made.other_operator)
    there = {"place": f"site:{made.location.pk}"}
    assert erik.post(f"/tariffs/{own.pk}/assign/", there).status_code == 404


def test_a_contract_stands_among_the_places_with_its_reason(made: Cast, cilla: Client) -> None:
    tariff = listed(made)
    scene.make_contract(made, scene.make_customer(made), tariff=tariff)
    row = cilla.get(f"/tariffs/{tariff.pk}/").context["holds"][0]

    assert (row.why, row.whom, row.state) == ("Contract", "C1", "holds")
    assert cilla.get("/tariffs/").context["page"].rows[0].contracts == 1
    Contract.objects.update(valid_until=clock.now() - timedelta(days=1))
    assert cilla.get("/tariffs/").context["page"].rows[0].contracts == 0
