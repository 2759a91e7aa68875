"""Which card is charged to whom, and within a customer to which cost centre."""

from datetime import datetime

from django.db import IntegrityError, transaction

from billing import customers
from billing.models import Contract, CostCentre, Customer
from chargenet.core.models import User
from stations.models import Token


class ContractUnfit(ValueError):
    """No card of the operator is called so, or somebody pays for it already."""


def add_cost_centre(
    *, customer: Customer, code: str, name: str, actor: User, as_of: datetime
) -> CostCentre:
    """Give a customer a cost centre; raises NameTaken, CustomerUnfit."""
    said = customers.text_of({"code": code}, "code", 40)
    if not said:
        raise customers.CustomerUnfit({"code": "missing"})
    with transaction.atomic():
        centre, is_new = CostCentre.objects.get_or_create(
            operator_id=customer.operator_id,
            customer=customer,
            code=said,
            defaults={"name": customers.text_of({"name": name}, "name", 80)},
        )
        if not is_new:
            raise customers.NameTaken(said)
        customers.write_note(centre, "cost_centre.made", actor, as_of, {"code": said})
    return centre


def retire_cost_centre(*, centre: CostCentre, actor: User, as_of: datetime) -> None:
    """Let nothing new be charged to a cost centre; what was stays."""
    with transaction.atomic():
        if CostCentre.objects.filter(pk=centre.pk, is_active=True).update(is_active=False):
            told = {"code": centre.code}
            customers.write_note(centre, "cost_centre.retired", actor, as_of, told)


def add_contract(
    *, customer: Customer, token_uid: str, centre: CostCentre | None, actor: User, as_of: datetime
) -> Contract:
    """Let a customer pay for what a card charges from now on; raises ContractUnfit."""
    uid = customers.text_of({"uid": token_uid}, "uid", 255).lower()
    token = Token.objects.filter(operator_id=customer.operator_id, uid_key=uid).first()
    if token is None:
        raise ContractUnfit("token_unknown")
    try:
        with transaction.atomic():
            contract = Contract.objects.create(
                operator_id=customer.operator_id,
                customer=customer,
                token=token,
                cost_centre=centre,
                valid_from=as_of,
            )
    except IntegrityError as error:
        raise ContractUnfit("token_taken") from error
    told = {"token": token.pk, "cost_centre": centre.code if centre else ""}
    customers.write_note(contract, "contract.made", actor, as_of, told)
    return contract


def end_contract(*, contract: Contract, actor: User, as_of: datetime) -> None:
    """Let a contract end now; what was charged under it stays the customer's."""
    with transaction.atomic():
        open_ones = Contract.objects.filter(
            pk=contract.pk, valid_until__isnull=True, valid_from__lt=as_of
        )
        if open_ones.update(valid_until=as_of):
            customers.write_note(contract, "contract.ended", actor, as_of, {})
