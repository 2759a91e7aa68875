"""Price one session under one OCPI tariff, exactly; needs no database."""

import json
from typing import Any

from django.core.management.base import CommandParser

from billing.tariffs import cdr, ocpi, price, reading, writing
from chargenet.command import DoorCommand, NotDone, read_text


class Command(DoorCommand):
    help = "Print what a session costs under an OCPI 2.2.1 or 2.3.0 tariff, as one JSON object."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tariff", required=True, metavar="T.json")
        parser.add_argument("--session", required=True, metavar="S.json")

    def handle(self, *, tariff: str, session: str, **_: object) -> None:
        price_list = _read(tariff, ocpi.parse_tariff)
        facts = _read(session, cdr.parse_session)
        priced = writing.priced_session(price.price_session(facts, price_list))
        self.stdout.write(json.dumps(priced, ensure_ascii=False, indent=1))


def _read(path: str, parse: Any) -> Any:
    text = read_text(path)
    try:
        return parse(reading.parse_json(text))
    except reading.Refused as error:
        raise NotDone(f"{path} {error.where}", error.what, error.advice) from error
