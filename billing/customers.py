"""Customers, their groups, cost centres and contracts: written down, checked by form, kept."""

import hashlib
import json
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
MARK_LENGTH: Final = 16


class CustomerUnfit(ValueError):
    """What was written cannot be: field by field, each with the word for what is wrong."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {what}" for field, what in wrong.items()))
        self.wrong = dict(wrong)


class CustomerStale(Exception):
    """Somebody else changed the customer since the form was read."""


class NameTaken(ValueError):
    """The operator, or the customer, has one of that name or reference already."""


def save_customer(
    *,
    operator: Operator,
    customer: Customer | None,
    written: Mapping[str, str],
    actor: User,
    as_of: datetime,
    seen: str | None = None,
) -> Customer:
    """Write down who pays, a new one where none is named.

    `seen` is the mark of the customer the form showed. Raises CustomerUnfit, NameTaken,
    CustomerStale.
    """
    values = _values(operator, written)
    with transaction.atomic():
        is_new = customer is None
        row = _new(operator, written) if customer is None else _current(customer, seen)
        before = {} if is_new else {name: _plain(getattr(row, name)) for name in values}
        for name, value in values.items():
            setattr(row, name, value)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError as error:
            raise NameTaken(row.reference) from error
        after = {name: _plain(value) for name, value in values.items()}
        changed = {name: [before.get(name), value] for name, value in after.items()}
        write_note(
            row,
            "customer.made" if is_new else "customer.changed",
            actor,
            as_of,
            {name: pair for name, pair in changed.items() if pair[0] != pair[1]},
        )
    return row


def _new(operator: Operator, written: Mapping[str, str]) -> Customer:
    reference = text_of(written, "reference", 80)
    if not reference:
        raise CustomerUnfit({"reference": "missing"})
    return Customer(operator=operator, reference=reference)


def _current(customer: Customer, seen: str | None) -> Customer:
    row = Customer.objects.select_for_update().get(pk=customer.pk)
    if seen is not None and seen != mark_of(row):
        raise CustomerStale
    return row


def mark_of(customer: Customer) -> str:
    """Return the mark of what is written of a customer: another word has another mark."""
    columns = (*TEXTS, "kind", "language", "is_taxable_dealer", "payment_terms_days", "group_id")
    told = json.dumps([getattr(customer, name) for name in columns])
    return hashlib.sha256(told.encode()).hexdigest()[:MARK_LENGTH]


def _plain(value: Any) -> Any:
    return value.name if isinstance(value, CustomerGroup) else value


def text_of(written: Mapping[str, str], name: str, most: int) -> str:
    """Return one word of a form, plain and no longer than its column."""
    return str(written.get(name, "")).replace("\0", "").strip()[:most]


def _values(operator: Operator, written: Mapping[str, str]) -> dict[str, Any]:
    """Return what a form says as columns; raises CustomerUnfit with everything wrong at once."""
    values: dict[str, Any] = {name: text_of(written, name, most) for name, most in TEXTS.items()}
    wrong: dict[str, str] = {}
    values["country"] = values["country"].upper() or operator.country
    values["kind"] = text_of(written, "kind", 8)
    values["language"] = text_of(written, "language", 5) or operator.language
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
    raw = text_of(written, "payment_terms_days", 5)
    if not raw:
        return None
    if not raw.isdecimal() or int(raw) > MOST_TERMS_DAYS:
        wrong["payment_terms_days"] = "form"
        return None
    return int(raw)


def _group(
    operator: Operator, written: Mapping[str, str], wrong: dict[str, str]
) -> CustomerGroup | None:
    raw = text_of(written, "group", 18)
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
    said = text_of({"name": name}, "name", 80)
    if not said:
        raise CustomerUnfit({"name": "missing"})
    with transaction.atomic():
        group, is_new = CustomerGroup.objects.get_or_create(
            operator=operator, name=said, defaults={"note": text_of({"note": note}, "note", 255)}
        )
        if not is_new:
            raise NameTaken(said)
        write_note(group, "customer_group.made", actor, as_of, {"name": said})
    return group


def write_note(
    row: Customer | CustomerGroup | CostCentre | Contract,
    action: str,
    actor: User,
    as_of: datetime,
    details: dict[str, Any],
) -> None:
    """Write down what was done to one of these rows, for its operator's log."""
    audit.record(
        operator_id=row.operator_id,
        user_id=actor.pk,
        action=action,
        object_type=type(row).__name__.lower(),
        object_id=row.pk,
        as_of=as_of,
        details=details,
    )
