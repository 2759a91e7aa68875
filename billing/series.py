"""Numbers without gaps: one series per legal entity and kind of document."""

from django.db.models import F

from billing.models import Invoice, InvoiceSeries

Kind = Invoice.Kind
# What a number begins with tells the kind; an invoice's is a number alone, as banks like it.
PREFIXES = {
    Kind.INVOICE.value: "",
    Kind.CREDIT_NOTE.value: "K",
    Kind.RECEIPT.value: "R",
    Kind.INTEREST.value: "D",
}
REMINDERS = "P"


def take_numbers(*, operator_id: int, prefix: str, count: int) -> tuple[InvoiceSeries, int]:
    """Take consecutive numbers in the open transaction; returns the series and the first.

    The row stays locked until they are committed or given back: no number is lost or used twice.
    """
    InvoiceSeries.objects.bulk_create(
        [InvoiceSeries(operator_id=operator_id, prefix=prefix)], ignore_conflicts=True
    )
    rows = InvoiceSeries.objects.filter(operator_id=operator_id, prefix=prefix)
    rows.update(last_number=F("last_number") + count)
    series = rows.get()
    return series, series.last_number - count + 1
