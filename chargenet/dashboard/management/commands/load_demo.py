from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from chargenet import command
from chargenet.core import clock
from chargenet.demo import loading
from chargenet.env import env_int


class Command(command.DoorCommand):
    help = "Load the demo network: two operators, their stations, people, prices and history."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--stations", type=int, default=env_int("DEMO_STATIONS", 50))

    def handle(self, *, stations: int, **_: Any) -> None:
        if not settings.DEBUG:
            raise command.NotDone(
                "load_demo",
                "this is production, and the demo's logins are printed",
                "Load it where DEBUG is not 0.",
            )
        if not 1 <= stations <= 5000:
            raise command.NotDone("--stations", f"{stations} is not 1 to 5000", "Choose another.")
        loaded = loading.load_demo(
            folder=settings.VAR_DIR / "demo", stations=stations, as_of=clock.now()
        )
        self.write_json(
            {
                "stations": loaded.stations,
                "sessions": loaded.sessions,
                "logins": loaded.logins,
            }
        )
