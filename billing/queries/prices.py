"""Which price held for a session, and who pays it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from django.db.models import TextField
from django.db.models.functions import Cast

from billing.models import Contract, Customer, Tariff, TariffAssignment
from billing.tariffs import model, ocpi, reading
from stations.models import Session

OPERATOR, LOCATION, STATION, CONNECTOR = "operator", "location", "station", "connector"
Place = tuple[str, int]


class _Dated(Protocol):
    valid_from: datetime
    valid_until: datetime | None


Row = TypeVar("Row", bound=_Dated)


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Every price some sessions may have, as it stood at any time; read once, asked often.

    Assignments and contracts stand in order of their beginning. A tariff nobody can read is in
    `unreadable` with what is wrong about it.
    """

    assignments: dict[Place, list[TariffAssignment]]
    contracts: dict[int, list[Contract]]
    drivers: dict[tuple[int, int], Customer]
    collectives: dict[int, Customer]
    tariffs: dict[int, model.Tariff]
    unreadable: dict[int, str]

    def tariff_id_of(self, session: Session) -> int | None:
        """Return the tariff that held at the start: the contract's, else the narrowest place's."""
        contract = self._contract_of(session)
        if contract is not None and contract.tariff_id is not None:
            return contract.tariff_id
        places = (
            (CONNECTOR, session.connector_id),
            (STATION, session.station_id),
            (LOCATION, session.station.location_id),
            (OPERATOR, session.operator_id),
        )
        for place in places:
            held = _held_at(self.assignments.get(place, ()), session.started_at)
            if held is not None:
                return held.tariff_id
        return None

    def customer_of(self, session: Session) -> Customer | None:
        """Return who pays: the contract's customer, the driver's own, or the site's collective."""
        contract = self._contract_of(session)
        if contract is not None:
            return contract.customer
        if session.driver_id is not None:
            own = self.drivers.get((session.operator_id, session.driver_id))
            if own is not None:
                return own
        return self.collectives.get(session.station.location_id)

    def cost_centre_id_of(self, session: Session) -> int | None:
        """Return the cost centre the contract charges, None where it names none."""
        contract = self._contract_of(session)
        return None if contract is None else contract.cost_centre_id

    def _contract_of(self, session: Session) -> Contract | None:
        if session.token_id is None:
            return None
        return _held_at(self.contracts.get(session.token_id, ()), session.started_at)


def price_book(sessions: Collection[Session]) -> PriceBook:
    """Read every price and payer that may concern some sessions, in five queries."""
    operator_ids = {session.operator_id for session in sessions}
    token_ids = {session.token_id for session in sessions if session.token_id is not None}
    driver_ids = {session.driver_id for session in sessions if session.driver_id is not None}
    contracts: dict[int, list[Contract]] = defaultdict(list)
    for contract in (
        Contract.objects.filter(operator_id__in=operator_ids, token_id__in=token_ids)
        .select_related("customer")
        .order_by("valid_from", "pk")
    ):
        contracts[contract.token_id].append(contract)
    assignments: dict[Place, list[TariffAssignment]] = defaultdict(list)
    for assignment in TariffAssignment.objects.filter(operator_id__in=operator_ids).order_by(
        "valid_from", "pk"
    ):
        assignments[_place_of(assignment)].append(assignment)
    wanted = {each.tariff_id for rows in assignments.values() for each in rows}
    wanted |= {each.tariff_id for rows in contracts.values() for each in rows if each.tariff_id}
    tariffs, unreadable = tariffs_of(wanted)
    own = Customer.objects.filter(operator_id__in=operator_ids, user_id__in=driver_ids)
    collective = Customer.objects.filter(
        operator_id__in=operator_ids, location__isnull=False, user__isnull=True
    )
    return PriceBook(
        assignments=assignments,
        contracts=contracts,
        drivers={(each.operator_id, each.user_id): each for each in own if each.user_id},
        collectives={each.location_id: each for each in collective if each.location_id},
        tariffs=tariffs,
        unreadable=unreadable,
    )


def _place_of(assignment: TariffAssignment) -> Place:
    places = (
        (CONNECTOR, assignment.connector_id),
        (STATION, assignment.station_id),
        (LOCATION, assignment.location_id),
    )
    for kind, place_id in places:
        if place_id is not None:
            return kind, place_id
    return OPERATOR, assignment.operator_id


def _held_at(rows: Iterable[Row], instant: datetime) -> Row | None:
    """Return the row that held at an instant; of several the one that began last."""
    held = None
    for row in rows:
        if row.valid_from <= instant and (row.valid_until is None or instant < row.valid_until):
            held = row
    return held


def tariffs_of(tariff_ids: Collection[int]) -> tuple[dict[int, model.Tariff], dict[int, str]]:
    """Return tariffs as we compute with them, and of those nobody can read what is wrong."""
    tariffs: dict[int, model.Tariff] = {}
    unreadable: dict[int, str] = {}
    # As text: a JSON column is decoded with floats, and a price is no float.
    texts = Tariff.objects.filter(pk__in=tariff_ids).annotate(text=Cast("ocpi", TextField()))
    for tariff_id, text in texts.values_list("pk", "text"):
        try:
            tariffs[tariff_id] = ocpi.parse_tariff(reading.parse_json(text))
        except reading.Refused as error:
            unreadable[tariff_id] = str(error)
    return tariffs, unreadable
