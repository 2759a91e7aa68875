"""What the accounts hold; a balance is always a sum of postings."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum

from revenue.models import LedgerAccount, Posting
from revenue.posting import lines

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Balance:
    """What one account holds: debit positive."""

    account_id: int
    operator_id: int
    code: str
    name: str
    purpose: str
    kind: str
    currency: str
    debit: Decimal
    credit: Decimal

    @property
    def balance(self) -> Decimal:
        """Return debit less credit."""
        return self.debit - self.credit


def accounts_for(purpose: str, operator_ids: Collection[int]) -> QuerySet[LedgerAccount]:
    """Return the accounts of one purpose, or of a family such as "sales_"."""
    rows = LedgerAccount.objects.filter(operator_id__in=operator_ids)
    if purpose in {lines.SALES, lines.VAT_OUT}:
        return rows.filter(purpose__startswith=purpose)
    return rows.filter(purpose=purpose)


def trial_balance(*, operator_ids: Collection[int], until: date | None = None) -> list[Balance]:
    """Return every account with its sums up to and including a day, by number; they sum to zero.

    Source: the postings alone; an account without any stands at zero.
    """
    held = Q() if until is None else Q(postings__date__lte=until)
    rows = (
        LedgerAccount.objects.filter(operator_id__in=operator_ids)
        .annotate(
            debit=Sum("postings__amount", filter=held & Q(postings__amount__gt=0), default=ZERO),
            credit=Sum("postings__amount", filter=held & Q(postings__amount__lt=0), default=ZERO),
        )
        .order_by("operator_id", "currency", "code", "purpose")
    )
    return [
        Balance(
            account_id=row.pk,
            operator_id=row.operator_id,
            code=row.code,
            name=row.name,
            purpose=row.purpose,
            kind=row.kind,
            currency=row.currency,
            debit=row.debit,
            credit=-row.credit,
        )
        for row in rows
    ]


def account_balances(
    purpose: str, *, operator_ids: Collection[int], until: date | None = None
) -> dict[str, Decimal]:
    """Return the balance of the accounts of one purpose, or of a family ("sales_"), by currency.

    Debit is positive.
    """
    rows = Posting.objects.filter(
        account_id__in=accounts_for(purpose, operator_ids), operator_id__in=operator_ids
    )
    if until is not None:
        rows = rows.filter(date__lte=until)
    return dict(rows.order_by().values_list("currency").annotate(balance=Sum("amount")))
