"""A credit note says what it takes back as positive amounts: the kind of document is the sign."""

from dataclasses import replace

from billing.einvoice.document import Document, Kind, Reference


def as_credit_note(document: Document, corrected: Reference) -> Document:
    """Return a document of negative amounts as the credit note of the one it corrects."""
    return replace(
        document,
        kind=Kind.CREDIT_NOTE,
        corrects=(corrected,),
        lines=tuple(
            replace(
                line,
                quantity=-line.quantity,
                amount=-line.amount,
                agreed_incl=None if line.agreed_incl is None else -line.agreed_incl,
            )
            for line in document.lines
        ),
        taxes=tuple(
            replace(part, taxable=-part.taxable, amount=-part.amount) for part in document.taxes
        ),
        rounding=-document.rounding,
    )
