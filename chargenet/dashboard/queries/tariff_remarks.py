"""What the checks say of a draft, each at the field of the week's form it comes from."""

import re
from collections import defaultdict
from collections.abc import Mapping

from django.utils.translation import gettext as _

from billing import price_lists
from billing.models import TariffDraft
from billing.tariffs import own_document
from billing.tariffs.ocpi_document import Identity
from billing.tariffs.week.model import WeekForm
from billing.tariffs.week.writing import write_week

ELEMENT = re.compile(r"^\$(?:\.tariff)?\.elements\[(\d+)\]")
TEXT = re.compile(r"^\$(?:\.tariff)?\.tariff_alt_text\[(\d+)\]")
FIELDS = {
    "min_price": "least",
    "max_price": "most",
    "max_per_day": "most_per_day",
    "currency": "currency",
    "spot": "spot_markup",
    "idle_fee": "idle_per_minute",
}
# Said of a price, and mended in one place for all of them.
OF_TAX = frozenset({"missing_tax", "tax_unknown", "unusual_tax"})


def by_field(form: WeekForm, draft: TariffDraft) -> Mapping[str, list[str]]:
    """Return what the checks say, in the reader's language, by the form's fields."""
    names = Identity("SE", "XXX", draft.code, "2026-01-01T00:00:00Z")
    written = write_week(form, names)
    document = own_document.as_own(
        own_document.parse_text(own_document.write_text(written.document))
    )
    languages = [f"text_{language}" for language, text in form.texts if text]
    found: dict[str, list[str]] = defaultdict(list)
    for each in price_lists.findings_of(document):
        where = "vat" if each.rule in OF_TAX else _field(each.path, written.fields, languages)
        told = _(each.template) % each.values
        if where and told not in found[where]:
            found[where].append(told)
    return dict(found)


def _field(path: str, fields: tuple[str, ...], texts: list[str]) -> str:
    for pattern, names in ((ELEMENT, fields), (TEXT, texts)):
        match = pattern.match(path)
        if match is not None:
            number = int(match.group(1))
            return names[number] if number < len(names) else ""
    key = path.removeprefix("$").removeprefix(".tariff").removeprefix(".").split(".")[0]
    return FIELDS.get(key, "")
