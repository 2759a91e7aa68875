"""One customer: what it is, its contracts and cost centres, its latest invoices and charges."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Cdr, Contract, CostCentre, Customer, CustomerGroup, Invoice
from chargenet.core import access
from chargenet.core.access import Person
from chargenet.core.models import Operator

SHOWN = 10
LABELS: dict[str, Promise] = {
    "reference": gettext_lazy("Reference"),
    "name": gettext_lazy("Name"),
    "kind": gettext_lazy("Kind"),
    "group": gettext_lazy("Group"),
    "language": gettext_lazy("Language"),
    "email": gettext_lazy("E-mail"),
    "invoice_email": gettext_lazy("E-mail for invoices"),
    "street": gettext_lazy("Street"),
    "postal_code": gettext_lazy("Postal code"),
    "city": gettext_lazy("City"),
    "country": gettext_lazy("Country, two letters"),
    "org_number": gettext_lazy("Organisation number"),
    "vat_number": gettext_lazy("VAT number"),
    "peppol_scheme": gettext_lazy("Peppol scheme, four digits"),
    "peppol_id": gettext_lazy("Peppol address"),
    "buyer_reference": gettext_lazy("Buyer's reference"),
    "order_number": gettext_lazy("Order number"),
    "payment_terms_days": gettext_lazy("Days to pay, empty for the usual"),
    "is_taxable_dealer": gettext_lazy("Buys electricity to sell it on"),
}
HINTS: dict[str, Promise] = {
    "reference": gettext_lazy("Your own number for them; it stays."),
    "invoice_email": gettext_lazy("Empty: the one above."),
    "vat_number": gettext_lazy("With the letters of its country, for example SE."),
    "peppol_scheme": gettext_lazy("0007 for a Swedish organisation number, 0088 for a GLN."),
    "buyer_reference": gettext_lazy("Who asked for it; their e-invoices need it."),
    "is_taxable_dealer": gettext_lazy(
        "A roaming partner in another country of the EU then accounts for the VAT itself."
    ),
}
PARTS: tuple[tuple[Promise, tuple[str, ...]], ...] = (
    (gettext_lazy("Who they are"), ("reference", "name", "kind", "group", "language")),
    (gettext_lazy("Where they are"), ("street", "postal_code", "city", "country", "email")),
    (
        gettext_lazy("Their numbers"),
        ("org_number", "vat_number", "is_taxable_dealer"),
    ),
    (
        gettext_lazy("Their invoices"),
        (
            *("invoice_email", "peppol_scheme", "peppol_id", "buyer_reference", "order_number"),
            "payment_terms_days",
        ),
    ),
)
WRONG: dict[str, Promise] = {
    "missing": gettext_lazy("This is needed."),
    "form": gettext_lazy("This cannot be one: check the digits."),
    "unknown": gettext_lazy("Choose one that there is."),
    "no_company": gettext_lazy("Only a company does."),
    "not_its": gettext_lazy("It is not this organisation's: compare the two numbers."),
    "taken": gettext_lazy("There is one with this reference already."),
}
# Why a customer cannot be erased yet, by `billing.erasure`'s words.
NEEDED: dict[str, Promise] = {
    "owes": gettext_lazy("they have invoices to pay"),
    "is_owed": gettext_lazy("money is to be paid back"),
    "unbilled": gettext_lazy("sessions are not invoiced"),
    "unpriced": gettext_lazy("sessions wait for a price"),
    "charges": gettext_lazy("they are charging now"),
    "paying": gettext_lazy("a payment is under way"),
    "disputes": gettext_lazy("an invoice is disputed"),
}
LANGUAGES = (("sv", "Svenska"), ("en", "English"))


@dataclass(frozen=True)
class Field:
    """One field of the form: what it holds, what it may hold, and what is wrong with it."""

    name: str
    label: str
    value: str
    wrong: str = ""
    hint: str = ""
    choices: list[tuple[str, str]] = field(default_factory=list)
    is_switch: bool = False
    is_needed: bool = False

    @property
    def shown(self) -> str:
        """Return what it holds as who may not change it reads it."""
        if self.is_switch:
            return _("Yes") if self.value else _("No")
        return dict(self.choices).get(self.value, self.value)


@dataclass(frozen=True)
class Part:
    """Fields of the form that belong together."""

    title: str
    fields: list[Field]


@dataclass(frozen=True)
class CustomerPage:
    """One customer as its page shows it."""

    customer: Customer
    contracts: list[Contract]
    centres: list[CostCentre]
    invoices: list[Invoice]
    cdrs: list[Cdr]


def customer_for(person: Person, customer_id: int) -> Customer:
    """Return a customer to who may see it in a role; raises Http404."""
    rows = Customer.objects.in_charge(person).select_related("operator", "group")
    return access.get_or_404(rows, person, pk=customer_id)


def needed_word(why: str) -> str:
    """Return in words why a customer cannot be erased yet."""
    return str(NEEDED.get(why, why))


def page_of(customer: Customer) -> CustomerPage:
    """Return what a customer's page shows: five queries."""
    contracts = Contract.objects.filter(customer=customer).select_related("token", "cost_centre")
    invoices = Invoice.objects.filter(customer=customer).order_by("-issued_at")
    cdrs = Cdr.objects.filter(customer=customer).select_related("station__location", "cost_centre")
    return CustomerPage(
        customer=customer,
        contracts=list(contracts.order_by("valid_until", "-valid_from")[:200]),
        centres=list(CostCentre.objects.filter(customer=customer).order_by("-is_active", "code")),
        invoices=list(invoices[:SHOWN]),
        cdrs=list(cdrs.order_by("-ended_at")[:SHOWN]),
    )


def form_of(
    operator: Operator,
    customer: Customer | None,
    *,
    written: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> list[Part]:
    """Return the form of a customer, as it is stored or as somebody wrote it."""
    groups = CustomerGroup.objects.filter(operator=operator).order_by("name")
    choices: dict[str, list[tuple[str, str]]] = {
        "kind": [(value, str(label)) for value, label in Customer.Kind.choices],
        "group": [("", _("None")), *((str(each.pk), each.name) for each in groups)],
        "language": list(LANGUAGES),
    }
    told = {} if wrong is None else wrong

    def field_of(name: str) -> Field:
        return Field(
            name=name,
            label=str(LABELS[name]),
            value=_value(name, customer, operator) if written is None else written.get(name, ""),
            wrong=str(WRONG.get(told[name], told[name])) if name in told else "",
            hint=str(HINTS.get(name, "")),
            choices=choices.get(name, []),
            is_switch=name == "is_taxable_dealer",
            is_needed=name in {"reference", "name"},
        )

    return [
        Part(
            str(title),
            [field_of(name) for name in names if name != "reference" or customer is None],
        )
        for title, names in PARTS
    ]


def _value(name: str, customer: Customer | None, operator: Operator) -> str:
    if customer is None:
        return {"country": operator.country, "language": operator.language}.get(name, "")
    if name == "group":
        return "" if customer.group_id is None else str(customer.group_id)
    value: Any = getattr(customer, name)
    if value is None or value is False:
        return ""
    return str(value)
