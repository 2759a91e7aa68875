from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.management.base import CommandParser

from chargenet import command
from chargenet.core.models import Operator
from stations import registry
from stations.commissioning import lists
from stations.models import OcppVersion


def registered(operator: Operator, plan: registry.StationPlan) -> dict[str, object]:
    """Register one station and return what its installer must know; raises NotDone."""
    try:
        done = registry.add_station(operator=operator, plan=plan)
    except registry.StationRefused as refused:
        raise command.NotDone(
            f"{plan.identity} {refused.field}", str(refused), "Nothing was changed."
        ) from refused
    return {
        "identity": done.station.identity,
        "url": f"{settings.GATEWAY_URL}/ocpp/{quote(done.station.identity)}",
        "password": done.password,
        "profile": done.station.security_profile,
    }


class Command(command.DoorCommand):
    help = (
        "Register a station and print its address and password. The password is shown only when"
        " it is set: a station that exists keeps its own unless --password brings another."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("identity")
        parser.add_argument("--operator")
        parser.add_argument("--site")
        parser.add_argument("--ocpp", choices=OcppVersion.values)
        parser.add_argument("--connectors", type=int)
        parser.add_argument("--max-power-kw", type=lists.watts, dest="max_power_w")
        parser.add_argument("--profile", type=int, choices=range(4))
        parser.add_argument("--password")

    def handle(self, **options: Any) -> None:
        plan = registry.StationPlan(
            identity=options["identity"],
            site=options["site"],
            ocpp_version=options["ocpp"],
            connectors=options["connectors"],
            max_power_w=options["max_power_w"],
            security_profile=options["profile"],
            password=options["password"],
        )
        self.write_json(registered(command.choose_operator(options["operator"]), plan))
