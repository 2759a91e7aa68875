"""The accounts of an operator's books, opened when a line first needs them.

Numbers follow the Swedish BAS plan as its users publish it; they and the names are defaults that
the operator edits. What an account means (its purpose) is fixed by the database.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chargenet.core.models import Operator
from revenue.models import LedgerAccount
from revenue.posting import lines

Kind = LedgerAccount.Kind


@dataclass(frozen=True, slots=True)
class Template:
    """What an account is before the operator edits it; named in the operator's language."""

    code: str
    name: str | Promise
    kind: str


CHART = {
    lines.RECEIVABLES: Template("1510", _("Accounts receivable"), Kind.ASSET),
    lines.PSP_CLEARING: Template("1580", _("Card payments to receive"), Kind.ASSET),
    lines.ACCRUED_INCOME: Template("1790", _("Accrued charging income"), Kind.ASSET),
    lines.CUSTOMER_ADVANCES: Template("2420", _("Advances from customers"), Kind.LIABILITY),
    lines.BANK: Template("1930", _("Bank account"), Kind.ASSET),
    lines.LATE_INTEREST: Template("8313", _("Interest on late payment"), Kind.INCOME),
    lines.REMINDER_FEES: Template("3591", _("Reminder fees"), Kind.INCOME),
    lines.ROUNDING: Template("3740", _("Rounding of totals"), Kind.INCOME),
}
SALES_CODES = {"25": "3001", "12": "3002", "6": "3003", "0": "3004"}
VAT_CODES = {"25": "2611", "12": "2621", "6": "2631"}
OTHER_SALES, OTHER_VAT = "3000", "2610"
# What few operators use is opened when it is.
SELDOM = {lines.BANK, lines.LATE_INTEREST, lines.REMINDER_FEES}
OFTEN = tuple(purpose for purpose in CHART if purpose not in SELDOM)
ALWAYS_OPEN = (*OFTEN, f"{lines.SALES}25", f"{lines.VAT_OUT}25")


def open_accounts(
    *, operator_id: int, currency: str, purposes: Iterable[str] = ALWAYS_OPEN
) -> dict[str, int]:
    """Open the accounts of these purposes that are missing; return every id by purpose."""
    wanted = sorted(set(purposes))
    mine = LedgerAccount.objects.filter(operator_id=operator_id, currency=currency)
    found = dict(mine.values_list("purpose", "id"))
    missing = [purpose for purpose in wanted if purpose not in found]
    if not missing:
        return found
    language = Operator.objects.values_list("language", flat=True).get(pk=operator_id)
    with translation.override(language):
        new = [_account(operator_id, currency, purpose) for purpose in missing]
    # Somebody else may open the same ones at this moment: theirs count, ours are dropped.
    LedgerAccount.objects.bulk_create(new, ignore_conflicts=True)
    return dict(mine.values_list("purpose", "id"))


def _account(operator_id: int, currency: str, purpose: str) -> LedgerAccount:
    template = CHART.get(purpose) or _template_by_rate(purpose)
    return LedgerAccount(
        operator_id=operator_id,
        currency=currency,
        purpose=purpose,
        code=template.code,
        name=str(template.name),
        kind=template.kind,
    )


def _template_by_rate(purpose: str) -> Template:
    if purpose.startswith(lines.SALES):
        rate = purpose.removeprefix(lines.SALES)
        name = _("Sales, VAT %(rate)s %%") % {"rate": rate}
        return Template(SALES_CODES.get(rate, OTHER_SALES), name, Kind.INCOME)
    assert purpose.startswith(lines.VAT_OUT), f"no account is known for {purpose}"
    rate = purpose.removeprefix(lines.VAT_OUT)
    name = _("Output VAT %(rate)s %%") % {"rate": rate}
    return Template(VAT_CODES.get(rate, OTHER_VAT), name, Kind.LIABILITY)
