"""Which tariff and which customer a session has: read by the hundred, decided in memory."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from billing.models import Contract, Customer, TariffAssignment
from billing.queries.lists import PriceLists, price_lists
from stations.models import Session

CONTRACT, GROUP, PARTNER = "contract", "group", "partner"
CONNECTOR, STATION, LOCATION, OPERATOR = "connector", "station", "location", "operator"
# For whom and where: a group's or a partner's id with its word, or nobody; a place's likewise.
Named = tuple[str, int]
EVERYBODY: Named = ("", 0)
Held = tuple[Named, Named]


class _Dated(Protocol):
    valid_from: datetime
    valid_until: datetime | None


Row = TypeVar("Row", bound=_Dated)


@dataclass(frozen=True, slots=True)
class Choice:
    """The tariff a session has, the rule that gave it, and the row that says so."""

    tariff_id: int
    rule: str
    row_id: int

    @property
    def told(self) -> dict[str, object]:
        """Return the rule and the row, as they are kept with a price."""
        return {"rule": self.rule, "row": self.row_id}


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Every price some sessions may have, as it stood at any time; read once, asked often.

    Assignments and contracts stand in order of their beginning.
    """

    assignments: dict[Held, list[TariffAssignment]]
    contracts: dict[int, list[Contract]]
    drivers: dict[tuple[int, int], Customer]
    collectives: dict[int, Customer]
    lists: PriceLists = field(default_factory=PriceLists)

    def choice_of(self, session: Session) -> Choice | None:
        """Return the tariff that held at the start: contract, group, partner, narrowest place."""
        contract = self._contract_of(session)
        if contract is not None and contract.tariff_id is not None:
            return Choice(contract.tariff_id, CONTRACT, contract.pk)
        for rule, rows in self._asked(session):
            fit = [row for row in rows if _fits(row, session.connector.max_power_w)]
            # a row of one power is narrower than one of any, however old it is
            own = [row for row in fit if _is_classed(row)]
            held = _held_at(own, session.started_at) or _held_at(fit, session.started_at)
            if held is not None:
                return Choice(held.tariff_id, rule, held.pk)
            if session.connector.max_power_w is None and _held_at(rows, session.started_at):
                return None
        return None

    def lacks_power(self, session: Session) -> bool:
        """Return whether a price is told by power there, and nobody says the connector's."""
        return session.connector.max_power_w is None and any(
            _held_at(rows, session.started_at) for _rule, rows in self._asked(session)
        )

    def _asked(self, session: Session) -> Iterator[tuple[str, list[TariffAssignment]]]:
        places = (
            (CONNECTOR, session.connector_id),
            (STATION, session.station_id),
            (LOCATION, session.station.location_id),
            (OPERATOR, session.operator_id),
        )
        for whom in self._payers_of(session):
            for place in places:
                yield whom[0] or place[0], self.assignments.get((whom, place), [])

    def _payers_of(self, session: Session) -> Iterator[Named]:
        payer = self.customer_of(session)
        if payer is not None and payer.group_id is not None:
            yield GROUP, payer.group_id
        if payer is not None and payer.kind == Customer.Kind.PARTNER:
            yield PARTNER, payer.pk
        yield EVERYBODY

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
    assignments: dict[Held, list[TariffAssignment]] = defaultdict(list)
    for assignment in TariffAssignment.objects.filter(operator_id__in=operator_ids).order_by(
        "valid_from", "pk"
    ):
        assignments[_payer_of(assignment), _place_of(assignment)].append(assignment)
    wanted = {each.tariff_id for rows in assignments.values() for each in rows}
    wanted |= {each.tariff_id for rows in contracts.values() for each in rows if each.tariff_id}
    own = Customer.objects.filter(operator_id__in=operator_ids, user_id__in=driver_ids)
    collective = Customer.objects.filter(
        operator_id__in=operator_ids, location__isnull=False, user__isnull=True
    )
    return PriceBook(
        assignments=assignments,
        contracts=contracts,
        drivers={(each.operator_id, each.user_id): each for each in own if each.user_id},
        collectives={each.location_id: each for each in collective if each.location_id},
        lists=price_lists(wanted),
    )


def _payer_of(assignment: TariffAssignment) -> Named:
    if assignment.group_id is not None:
        return GROUP, assignment.group_id
    return EVERYBODY if assignment.partner_id is None else (PARTNER, assignment.partner_id)


def _place_of(assignment: TariffAssignment) -> Named:
    places = (
        (CONNECTOR, assignment.connector_id),
        (STATION, assignment.station_id),
        (LOCATION, assignment.location_id),
    )
    for kind, place_id in places:
        if place_id is not None:
            return kind, place_id
    return OPERATOR, assignment.operator_id


def _is_classed(row: TariffAssignment) -> bool:
    return row.from_power_w is not None or row.below_power_w is not None


def _fits(row: TariffAssignment, power_w: int | None) -> bool:
    if not _is_classed(row):
        return True
    if power_w is None or (row.from_power_w is not None and power_w < row.from_power_w):
        return False
    return row.below_power_w is None or power_w < row.below_power_w


def _held_at(rows: Iterable[Row], instant: datetime) -> Row | None:
    """Return the row that held at an instant; of several the one that began last."""
    held = None
    for row in rows:
        if row.valid_from <= instant and (row.valid_until is None or instant < row.valid_until):
            held = row
    return held
