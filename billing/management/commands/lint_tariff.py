"""Say what is wrong and what is odd in an OCPI tariff; needs no database."""

import sys
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from django.core.management.base import CommandParser

from billing.tariffs import lint, reading
from chargenet.command import EXIT_DIFFERS, DoorCommand, NotDone, read_text

W_PER_KW = 1000


class Command(DoorCommand):
    help = "Print what is wrong or odd in an OCPI 2.2.1 or 2.3.0 tariff, one JSON object a line."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tariff", metavar="T.json")
        parser.add_argument(
            "--power-kw", help="of the charging point: says whether the rules from 50 kW hold"
        )

    def handle(self, *, tariff: str, power_kw: str | None, **_: object) -> None:
        power_w = None if power_kw is None else _power_w(power_kw)
        text = read_text(tariff)
        try:
            document = reading.parse_json(text)
        except reading.Refused as error:
            raise NotDone(f"{tariff} {error.where}", error.what, error.advice) from error
        findings = lint.lint_tariff(document, power_w=power_w)
        for finding in findings:
            self.write_json(finding.row)
        if any(finding.level is lint.Level.ERROR for finding in findings):
            sys.exit(EXIT_DIFFERS)


def _power_w(text: str) -> Fraction:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise NotDone("--power-kw", f"{text!r} is no number", "Write it as 150.") from error
    if not number.is_finite() or not 0 < number < Decimal(10**6):
        raise NotDone("--power-kw", f"{text!r} is no power", "Write it in kW, as 150.")
    return Fraction(number) * W_PER_KW
