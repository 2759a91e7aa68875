"""Which lines a Cdr, an invoice or a payment makes in the books; docs/adr/010 has the scheme."""
