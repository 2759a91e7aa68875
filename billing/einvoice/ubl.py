"""Writing UBL 2.1 as Peppol BIS Billing 3 wants it; the same document gives the same bytes.

Source: OASIS UBL 2.1, EN 16931-1, Peppol BIS Billing 3.0 with its rules for Sweden.
"""

from decimal import Decimal

from billing.einvoice.document import (
    Category,
    Document,
    Kind,
    Line,
    Party,
    Payment,
    Period,
    Tax,
    TaxPart,
)
from billing.einvoice.tree import Branch

CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
F_SKATT = "Godkänd för F-skatt"
# UNTDID 4461: a giro is an own transfer (SE-R-011), an IBAN a SEPA one.
GIRO_CODE, IBAN_CODE = "30", "58"
REASON_CODES = {
    Category.REVERSE_CHARGE.value: "VATEX-EU-AE",
    Category.OUTSIDE_SCOPE.value: "VATEX-EU-O",
}
REASONS = {
    Category.REVERSE_CHARGE.value: "Omvänd betalningsskyldighet / Reverse charge",
    Category.EXEMPT.value: "Undantaget från moms / Exempt from VAT",
    Category.OUTSIDE_SCOPE.value: "Omfattas inte av moms / Not subject to VAT",
}
# The name a receiver and our own check know the agreed price of a line by (BT-160).
AGREED_INCL = "Belopp inkl. moms"
ROOTS = {Kind.INVOICE: "Invoice", Kind.CREDIT_NOTE: "CreditNote"}


def write(document: Document) -> bytes:
    """Return the XML of a document."""
    root = Branch.root(ROOTS[document.kind])
    _head(root, document)
    _references(root, document)
    _party(root.branch("AccountingSupplierParty"), document.seller)
    _party(root.branch("AccountingCustomerParty"), document.buyer)
    _payment(root, document)
    _taxes(root, document)
    _totals(root, document)
    for position, line in enumerate(document.lines, start=1):
        _line(root, document, position, line)
    return root.to_bytes()


def decimal_text(value: Decimal) -> str:
    """Return a decimal without exponent and without zeros at its end."""
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _head(root: Branch, document: Document) -> None:
    is_invoice = document.kind is Kind.INVOICE
    root.leaf("CustomizationID", CUSTOMIZATION)
    root.leaf("ProfileID", PROFILE)
    root.leaf("ID", document.number)
    root.leaf("IssueDate", document.issue_date.isoformat())
    if is_invoice and document.due_date:
        root.leaf("DueDate", document.due_date.isoformat())
    root.leaf("InvoiceTypeCode" if is_invoice else "CreditNoteTypeCode", document.kind.value)
    root.leaf("Note", document.note)
    root.leaf("DocumentCurrencyCode", document.currency)
    if document.accounting_tax:
        root.leaf("TaxCurrencyCode", document.accounting_tax[0])
    root.leaf("BuyerReference", document.buyer_reference)


def _references(root: Branch, document: Document) -> None:
    _period(root, document.period)
    if document.order_reference:
        root.branch("OrderReference").leaf("ID", document.order_reference)
    for reference in document.corrects:
        to = root.branch("BillingReference").branch("InvoiceDocumentReference")
        to.leaf("ID", reference.number)
        if reference.issue_date:
            to.leaf("IssueDate", reference.issue_date.isoformat())
    if document.contract_reference:
        root.branch("ContractDocumentReference").leaf("ID", document.contract_reference)


def _period(parent: Branch, period: Period | None) -> None:
    if period:
        branch = parent.branch("InvoicePeriod")
        branch.leaf("StartDate", period.starts_on.isoformat())
        branch.leaf("EndDate", period.ends_on.isoformat())


def _party(parent: Branch, party: Party) -> None:
    branch = parent.branch("Party")
    if party.endpoint:
        branch.leaf("EndpointID", party.endpoint.value, schemeID=party.endpoint.scheme)
    if party.identifier:
        branch.branch("PartyIdentification").leaf("ID", party.identifier)
    branch.branch("PartyName").leaf("Name", party.name)
    _address(branch, party)
    if party.vat_number:
        _tax_scheme(branch, party.vat_number, "VAT")
    if party.has_f_skatt:
        _tax_scheme(branch, F_SKATT, "TAX")
    entity = branch.branch("PartyLegalEntity")
    entity.leaf("RegistrationName", party.name)
    scheme = {"schemeID": party.org_scheme} if party.org_scheme else {}
    entity.leaf("CompanyID", party.org_number, **scheme)
    entity.leaf("CompanyLegalForm", party.legal_form)
    _contact(branch, party)


def _address(branch: Branch, party: Party) -> None:
    address = branch.branch("PostalAddress")
    address.leaf("StreetName", party.address.street)
    address.leaf("AdditionalStreetName", party.address.extra)
    address.leaf("CityName", party.address.city)
    address.leaf("PostalZone", party.address.postal_code)
    address.branch("Country").leaf("IdentificationCode", party.address.country)


def _tax_scheme(branch: Branch, number: str, scheme: str) -> None:
    tax = branch.branch("PartyTaxScheme")
    tax.leaf("CompanyID", number)
    tax.branch("TaxScheme").leaf("ID", scheme)


def _contact(branch: Branch, party: Party) -> None:
    contact = party.contact
    if contact.name or contact.phone or contact.email:
        grown = branch.branch("Contact")
        grown.leaf("Name", contact.name)
        grown.leaf("Telephone", contact.phone)
        grown.leaf("ElectronicMail", contact.email)


def _payment(root: Branch, document: Document) -> None:
    if document.payment:
        _payment_means(root.branch("PaymentMeans"), document.payment, document)
    if document.terms:
        root.branch("PaymentTerms").leaf("Note", document.terms)


def _payment_means(means: Branch, payment: Payment, document: Document) -> None:
    means.leaf("PaymentMeansCode", GIRO_CODE if payment.giro else IBAN_CODE)
    if document.kind is Kind.CREDIT_NOTE and document.due_date:
        means.leaf("PaymentDueDate", document.due_date.isoformat())
    means.leaf("PaymentID", payment.reference)
    account = means.branch("PayeeFinancialAccount")
    account.leaf("ID", payment.account)
    branch = payment.giro.value if payment.giro else payment.bic
    if branch:
        account.branch("FinancialInstitutionBranch").leaf("ID", branch)


def _amount(parent: Branch, name: str, amount: Decimal, currency: str) -> None:
    # Two decimals at least: an amount looks like one.
    text = format(amount, "f") if amount.as_tuple().exponent else format(amount, ".2f")
    parent.leaf(name, text, currencyID=currency)


def _taxes(root: Branch, document: Document) -> None:
    total = root.branch("TaxTotal")
    _amount(total, "TaxAmount", document.total_tax, document.currency)
    for part in document.taxes:
        _tax_part(total.branch("TaxSubtotal"), part, document.currency)
    if document.accounting_tax:
        currency, amount = document.accounting_tax
        _amount(root.branch("TaxTotal"), "TaxAmount", amount, currency)


def _tax_part(subtotal: Branch, part: TaxPart, currency: str) -> None:
    _amount(subtotal, "TaxableAmount", part.taxable, currency)
    _amount(subtotal, "TaxAmount", part.amount, currency)
    code = part.tax.code
    category = subtotal.branch("TaxCategory")
    _category(category, part.tax)
    category.leaf("TaxExemptionReasonCode", REASON_CODES.get(code, ""))
    category.leaf("TaxExemptionReason", part.reason or REASONS.get(code, ""))
    category.branch("TaxScheme").leaf("ID", "VAT")


def _category(category: Branch, tax: Tax) -> None:
    category.leaf("ID", tax.code)
    # Outside the scope of the tax there is no rate, not even 0 (BR-O-05).
    if tax.code != Category.OUTSIDE_SCOPE.value:
        category.leaf("Percent", decimal_text(tax.rate))


def _totals(root: Branch, document: Document) -> None:
    totals, currency = root.branch("LegalMonetaryTotal"), document.currency
    _amount(totals, "LineExtensionAmount", document.total_excl, currency)
    _amount(totals, "TaxExclusiveAmount", document.total_excl, currency)
    _amount(totals, "TaxInclusiveAmount", document.total_incl, currency)
    if document.prepaid:
        _amount(totals, "PrepaidAmount", document.prepaid, currency)
    if document.rounding:
        _amount(totals, "PayableRoundingAmount", document.rounding, currency)
    _amount(totals, "PayableAmount", document.payable, currency)


def _line(root: Branch, document: Document, position: int, line: Line) -> None:
    is_invoice = document.kind is Kind.INVOICE
    grown = root.branch("InvoiceLine" if is_invoice else "CreditNoteLine")
    grown.leaf("ID", str(position))
    grown.leaf("Note", line.note)
    name = "InvoicedQuantity" if is_invoice else "CreditedQuantity"
    grown.leaf(name, decimal_text(line.quantity), unitCode=line.unit.value)
    _amount(grown, "LineExtensionAmount", line.amount, document.currency)
    grown.leaf("AccountingCost", line.cost_centre)
    _period(grown, line.period)
    if line.order_line:
        grown.branch("OrderLineReference").leaf("LineID", line.order_line)
    _item(grown.branch("Item"), line)
    price = grown.branch("Price")
    price.leaf("PriceAmount", decimal_text(line.price), currencyID=document.currency)


def _item(item: Branch, line: Line) -> None:
    item.leaf("Name", line.name)
    # The seller's article number (BT-155): what kind of supply it is.
    item.branch("SellersItemIdentification").leaf("ID", line.supply.value)
    category = item.branch("ClassifiedTaxCategory")
    _category(category, line.tax)
    category.branch("TaxScheme").leaf("ID", "VAT")
    if line.agreed_incl is not None:
        agreed = item.branch("AdditionalItemProperty")
        agreed.leaf("Name", AGREED_INCL)
        agreed.leaf("Value", format(line.agreed_incl, ".2f"))
