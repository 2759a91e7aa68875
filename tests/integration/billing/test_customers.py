from datetime import timedelta
from typing import Any

import pytest

from billing import contracts, customers, rating
from billing.models import Contract, CostCentre, Customer
from chargenet.core.models import AuditEntry
from tests import cast
from tests.integration.billing import scene as trade
from tests.integration.billing.scene import NOON, RATED

pytestmark = pytest.mark.django_db
FLEET = {
    "reference": "f1",
    "name": "Åkeriet AB",
    "kind": "fleet",
    "country": "SE",
    "org_number": "556036-0793",
    "vat_number": "SE 556036-0793 01",
    "peppol_scheme": "0007",
    "peppol_id": "5560360793",
    "payment_terms_days": "20",
}


@pytest.fixture
def scene() -> cast.Cast:
    return cast.make_cast()


def _save(scene: cast.Cast, customer: Customer | None = None, **more: Any) -> Customer:
    return customers.save_customer(
        operator=scene.operator,
        customer=customer,
        written={**FLEET, **more},
        actor=scene.fia,
        as_of=NOON,
    )


def test_a_customer_is_written_down_with_its_numbers_as_its_country_writes_them(
    scene: cast.Cast,
) -> None:
    made = _save(scene)

    made.refresh_from_db()
    assert (made.kind, made.vat_number, made.payment_terms_days) == ("fleet", "SE556036079301", 20)
    assert made.is_company
    assert AuditEntry.objects.get().action == "customer.made"


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ({"org_number": "556036-0794"}, "org_number"),
        ({"vat_number": "SE556036079401"}, "vat_number"),
        ({"country": "DE", "vat_number": "SE556036079301"}, "vat_number"),
        ({"peppol_id": "5560360794"}, "peppol_id"),
        ({"peppol_scheme": ""}, "peppol_id"),
        ({"invoice_email": "no address"}, "invoice_email"),
        ({"kind": "cat"}, "kind"),
        ({"name": " "}, "name"),
        ({"country": "1E"}, "country"),
        ({"payment_terms_days": "-1"}, "payment_terms_days"),
        ({"payment_terms_days": "366"}, "payment_terms_days"),
        ({"group": "99"}, "group"),
        ({"kind": "consumer", "is_taxable_dealer": "on"}, "is_taxable_dealer"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    scene: cast.Cast, written: dict[str, Any], field: str
) -> None:
    with pytest.raises(customers.CustomerUnfit) as refused:
        _save(scene, **written)

    assert field in refused.value.wrong
    assert not Customer.objects.exists()


def test_a_change_is_written_down_with_what_stood_before(scene: cast.Cast) -> None:
    made = _save(scene)

    _save(scene, made, city="Malmö")

    entry = AuditEntry.objects.order_by("-pk")[0]
    assert (entry.action, entry.details) == ("customer.changed", {"city": ["", "Malmö"]})


def test_two_customers_of_one_reference_are_refused(scene: cast.Cast) -> None:
    _save(scene)

    with pytest.raises(customers.NameTaken):
        _save(scene)


def test_a_cards_sessions_carry_their_cost_centre_to_the_cdr(scene: cast.Cast) -> None:
    trade.assign(trade.make_tariff(scene, "base", trade.price_list("4")))
    who: dict[str, Any] = {"actor": scene.fia, "as_of": NOON}
    fleet = _save(scene)
    centre = contracts.add_cost_centre(customer=fleet, code="4711", name="Syd", **who)
    contract = contracts.add_contract(customer=fleet, token_uid="astrid01", centre=centre, **who)
    session = trade.make_session(
        scene, started_at=NOON + timedelta(hours=1), token=scene.astrids_token
    )

    cdr = rating.rate_session(session_id=session.pk, as_of=RATED)

    assert cdr is not None
    assert (cdr.customer, cdr.cost_centre) == (fleet, centre)
    with pytest.raises(contracts.ContractUnfit, match="token_taken"):
        contracts.add_contract(customer=fleet, token_uid="ASTRID01", centre=None, **who)
    contracts.end_contract(contract=contract, actor=scene.fia, as_of=RATED)
    contracts.retire_cost_centre(centre=centre, actor=scene.fia, as_of=RATED)
    assert Contract.objects.get().valid_until == RATED
    assert not CostCentre.objects.get().is_active


def test_a_card_nobody_has_and_a_strangers_card_are_refused(scene: cast.Cast) -> None:
    fleet = _save(scene)

    with pytest.raises(contracts.ContractUnfit, match="token_unknown"):
        contracts.add_contract(
            customer=fleet, token_uid="nobody", centre=None, actor=scene.fia, as_of=NOON
        )


def test_a_group_and_a_cost_centre_have_one_name_each(scene: cast.Cast) -> None:
    who: dict[str, Any] = {"actor": scene.fia, "as_of": NOON}
    group = customers.add_group(operator=scene.operator, name="Gold", note="", **who)
    fleet = _save(scene, group=str(group.pk))
    contracts.add_cost_centre(customer=fleet, code="1", name="", **who)

    assert fleet.group == group
    with pytest.raises(customers.NameTaken):
        customers.add_group(operator=scene.operator, name=" Gold ", note="", **who)
    with pytest.raises(customers.NameTaken):
        contracts.add_cost_centre(customer=fleet, code="1", name="", **who)
