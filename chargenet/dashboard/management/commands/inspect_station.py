from django.core.management.base import CommandParser

from chargenet import command, inspection
from stations import queries


class Command(command.DoorCommand):
    help = "Print what we know of a station: sessions, connectors, faults, tickets, commands."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("identity")

    def handle(self, *, identity: str, **_: object) -> None:
        try:
            station = queries.find_station(identity)
        except queries.StationUnknown as error:
            raise command.NotDone(
                "station", str(error), "List them on the stations page."
            ) from error
        self.write_json(inspection.inspect_station(station))
