"""Customers, their groups, cost centres and contracts: written down, checked by form, kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from billing.models import Contract, CostCentre, Customer, CustomerGroup
from billing.models.customers import MOST_TERMS_DAYS
from billing.vat import buyer_numbers
from chargenet.core import audit
from chargenet.core.models import Operator, User
from stations.models import Token

TEXTS: Final = {
    "name": 160,
    "email": 254,
    "org_number": 20,
    "vat_number": 20,
    "street": 160,
    "postal_code": 16,
    "city": 80,
    "country": 2,
    "invoice_email": 254,
    "peppol_scheme": 4,
    "peppol_id": 50,
    "buyer_reference": 80,
    "order_number": 80,
}
LANGUAGES: Final = ("sv", "en")


class CustomerUnfit(ValueError):
    """What was written cannot be: field by field, each with the word for what is wrong."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {what}" for field, what in wrong.items()))
        self.wrong = dict(wrong)


class NameTaken(ValueError):
    """The operator, or the customer, has one of that name or reference already."""


class ContractUnfit(ValueError):
    """No card of the operator is called so, or somebody pays for it already."""


def save_customer(
    *,
    operator: Operator,
    customer: Customer | None,
    written: Mapping[str, str],
    actor: User,
    as_of: datetime,
) -> Customer:
    """Write down who pays, a new one where none is named; raises CustomerUnfit, NameTaken."""
    values = _values(operator, written)
    with transaction.atomic():
        before: dict[str, Any] = {}
        if customer is None:
            reference = _text(written, "reference", 80)
            if not reference:
                raise CustomerUnfit({"reference": "missing"})
            customer = Customer(operator=operator, reference=reference)
            action = "customer.made"
        else:
            customer = Customer.objects.select_for_update().get(pk=customer.pk)
            before = {name: _plain(getattr(customer, name)) for name in values}
            action = "customer.changed"
        for name, value in values.items():
            setattr(customer, name, value)
        try:
            with transaction.atomic():
                customer.save()
        except IntegrityError as error:
            raise NameTaken(customer.reference) from error
        after = {name: _plain(value) for name, value in values.items()}
        changed = {name: [before.get(name), value] for name, value in after.items()}
        _note(
            customer,
            operator.pk,
            action,
            actor,
            as_of,
            {name: pair for name, pair in changed.items() if pair[0] != pair[1]},
        )
    return customer


def _plain(value: Any) -> Any:
    return value.name if isinstance(value, CustomerGroup) else value


def _text(written: Mapping[str, str], name: str, most: int) -> str:
    return str(written.get(name, "")).replace("\0", "").strip()[:most]


def _values(operator: Operator, written: Mapping[str, str]) -> dict[str, Any]:
    """Return what a form says as columns; raises CustomerUnfit with everything wrong at once."""
    values: dict[str, Any] = {name: _text(written, name, most) for name, most in TEXTS.items()}
    wrong: dict[str, str] = {}
    values["country"] = values["country"].upper() or operator.country
    values["kind"] = _text(written, "kind", 8)
    values["language"] = _text(written, "language", 5) or operator.language
    values["is_taxable_dealer"] = bool(written.get("is_taxable_dealer"))
    if values["kind"] not in Customer.Kind.values:
        wrong["kind"] = "unknown"
    if values["language"] not in LANGUAGES:
        wrong["language"] = "unknown"
    if not values["name"]:
        wrong["name"] = "missing"
    if not (len(values["country"]) == 2 and values["country"].isalpha()):
        wrong["country"] = "unknown"
    wrong |= _wrong_addresses(values) | _wrong_numbers(values)
    values["payment_terms_days"] = _days(written, wrong)
    values["group"] = _group(operator, written, wrong)
    if wrong:
        raise CustomerUnfit(wrong)
    return values


def _wrong_addresses(values: Mapping[str, Any]) -> dict[str, str]:
    wrong = {}
    for name in ("email", "invoice_email"):
        try:
            if values[name]:
                validate_email(values[name])
        except ValidationError:
            wrong[name] = "form"
    scheme, number = values["peppol_scheme"], values["peppol_id"]
    if (scheme or number) and not buyer_numbers.is_peppol_id(scheme, number):
        wrong["peppol_id"] = "form"
    return wrong


def _wrong_numbers(values: dict[str, Any]) -> dict[str, str]:
    """Check an organisation's numbers, and write the VAT number as its country does."""
    wrong = {}
    org_number, vat_number, country = (
        values[name] for name in ("org_number", "vat_number", "country")
    )
    is_company = values["kind"] != Customer.Kind.CONSUMER
    if org_number and is_company and not buyer_numbers.is_org_number(org_number, country):
        wrong["org_number"] = "form"
    if vat_number:
        values["vat_number"] = buyer_numbers.compact_vat_number(vat_number, country)
        if not values["vat_number"]:
            wrong["vat_number"] = "form"
    if values["is_taxable_dealer"] and not is_company:
        wrong["is_taxable_dealer"] = "no_company"
    return wrong


def _days(written: Mapping[str, str], wrong: dict[str, str]) -> int | None:
    raw = _text(written, "payment_terms_days", 5)
    if not raw:
        return None
    if not raw.isdecimal() or int(raw) > MOST_TERMS_DAYS:
        wrong["payment_terms_days"] = "form"
        return None
    return int(raw)


def _group(
    operator: Operator, written: Mapping[str, str], wrong: dict[str, str]
) -> CustomerGroup | None:
    raw = _text(written, "group", 18)
    if not raw:
        return None
    own = CustomerGroup.objects.filter(operator=operator)
    found = own.filter(pk=int(raw)).first() if raw.isdecimal() else None
    if found is None:
        wrong["group"] = "unknown"
    return found


def add_group(
    *, operator: Operator, name: str, note: str, actor: User, as_of: datetime
) -> CustomerGroup:
    """Make a group of customers; raises NameTaken, CustomerUnfit."""
    said = _text({"name": name}, "name", 80)
    if not said:
        raise CustomerUnfit({"name": "missing"})
    with transaction.atomic():
        group, is_new = CustomerGroup.objects.get_or_create(
            operator=operator, name=said, defaults={"note": _text({"note": note}, "note", 255)}
        )
        if not is_new:
            raise NameTaken(said)
        _note(group, operator.pk, "customer_group.made", actor, as_of, {"name": said})
    return group


def add_cost_centre(
    *, customer: Customer, code: str, name: str, actor: User, as_of: datetime
) -> CostCentre:
    """Give a customer a cost centre; raises NameTaken, CustomerUnfit."""
    said = _text({"code": code}, "code", 40)
    if not said:
        raise CustomerUnfit({"code": "missing"})
    with transaction.atomic():
        centre, is_new = CostCentre.objects.get_or_create(
            operator_id=customer.operator_id,
            customer=customer,
            code=said,
            defaults={"name": _text({"name": name}, "name", 80)},
        )
        if not is_new:
            raise NameTaken(said)
        _note(centre, customer.operator_id, "cost_centre.made", actor, as_of, {"code": said})
    return centre


def retire_cost_centre(*, centre: CostCentre, actor: User, as_of: datetime) -> None:
    """Let nothing new be charged to a cost centre; what was stays."""
    with transaction.atomic():
        if CostCentre.objects.filter(pk=centre.pk, is_active=True).update(is_active=False):
            told = {"code": centre.code}
            _note(centre, centre.operator_id, "cost_centre.retired", actor, as_of, told)


def add_contract(
    *, customer: Customer, token_uid: str, centre: CostCentre | None, actor: User, as_of: datetime
) -> Contract:
    """Let a customer pay for what a card charges from now on; raises ContractUnfit."""
    uid = _text({"uid": token_uid}, "uid", 255).lower()
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
    _note(contract, customer.operator_id, "contract.made", actor, as_of, told)
    return contract


def end_contract(*, contract: Contract, actor: User, as_of: datetime) -> None:
    """Let a contract end now; what was charged under it stays the customer's."""
    with transaction.atomic():
        open_ones = Contract.objects.filter(
            pk=contract.pk, valid_until__isnull=True, valid_from__lt=as_of
        )
        if open_ones.update(valid_until=as_of):
            _note(contract, contract.operator_id, "contract.ended", actor, as_of, {})


def _note(
    row: Customer | CustomerGroup | CostCentre | Contract,
    operator_id: int,
    action: str,
    actor: User,
    as_of: datetime,
    details: dict[str, Any],
) -> None:
    audit.record(
        operator_id=operator_id,
        user_id=actor.pk,
        action=action,
        object_type=type(row).__name__.lower(),
        object_id=row.pk,
        as_of=as_of,
        details=details,
    )
