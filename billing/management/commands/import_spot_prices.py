"""Take in the exchange's prices of one area from a CSV file; told again it changes nothing."""

from django.core.management.base import CommandParser

from billing import spot_prices
from billing.spot_prices import Offer, SpotRefused
from chargenet.command import DoorCommand, NotDone, read_text
from chargenet.core import clock
from chargenet.core.models import Operator


class Command(DoorCommand):
    help = "Take in spot prices (CSV: starts_at, price), quarters or hours, of one area."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="PRICES.csv")
        parser.add_argument("--operator", required=True, metavar="SLUG")
        parser.add_argument("--area", required=True, help="like SE3")
        parser.add_argument("--currency", default="SEK")
        parser.add_argument("--per", default="MWh", choices=sorted(spot_prices.PER))
        parser.add_argument("--minutes", type=int, default=15, choices=sorted(spot_prices.LENGTHS))

    def handle(self, *, file: str, operator: str, **options: str | int) -> None:
        seller = Operator.objects.filter(slug=operator).first()
        if seller is None:
            raise NotDone("--operator", f"no operator is called {operator!r}", "Name its slug.")
        offer = Offer(
            area=str(options["area"]),
            currency=str(options["currency"]),
            per=str(options["per"]),
            minutes=int(options["minutes"]),
            source=file.rpartition("/")[2],
        )
        try:
            quarters = spot_prices.import_prices(
                operator=seller, offer=offer, text=read_text(file), actor=None, as_of=clock.now()
            )
        except SpotRefused as error:
            where = f"{file} line {error.line}" if error.line else file
            raise NotDone(where, error.what, "Mend it: nothing was taken.") from error
        self.write_json({"operator": operator, "area": offer.area, "quarters": quarters})
