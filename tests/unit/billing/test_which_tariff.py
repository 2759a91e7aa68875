"""Which tariff holds is one answer, whoever asks and in whatever order the rows were written."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from billing.models import Customer, TariffAssignment
from billing.queries import prices
from billing.queries.prices import PriceBook
from stations.models import Connector, Location, Session, Station

START = datetime(2026, 11, 2, 11, tzinfo=UTC)
DAY = timedelta(days=1)
OPERATOR, SITE, STATION, CONNECTOR, DRIVER, GROUP = 1, 2, 3, 4, 5, 6
PLACES: tuple[dict[str, int], ...] = (
    {"connector_id": CONNECTOR},
    {"station_id": STATION},
    {"location_id": SITE},
    {},
)
WHOM: tuple[dict[str, int], ...] = ({"group_id": GROUP}, {})
POWER_W = 50_000


@st.composite
def rows(draw: st.DrawFn) -> list[TariffAssignment]:
    """Draw rows of which many begin at one instant, at one place, for the same people."""
    made = []
    for number in range(1, draw(st.integers(1, 8)) + 1):
        since = START + draw(st.sampled_from([-2, -1, 0, 1])) * DAY
        until = draw(st.sampled_from([None, since + DAY, START]))
        low, high = draw(
            st.sampled_from([(None, None), (0, 60_000), (22_000, None), (60_000, None)])
        )
        made.append(
            TariffAssignment(
                pk=number,
                operator_id=OPERATOR,
                tariff_id=100 + number,
                valid_from=since,
                valid_until=until,
                from_power_w=low,
                below_power_w=high,
                **draw(st.sampled_from(PLACES)),
                **draw(st.sampled_from(WHOM)),
            )
        )
    return made


def _session() -> Session:
    station = Station(pk=STATION, location_id=SITE, location=Location(pk=SITE))
    connector = Connector(pk=CONNECTOR, station_id=STATION, max_power_w=POWER_W)
    return Session(
        operator_id=OPERATOR,
        station=station,
        connector=connector,
        driver_id=DRIVER,
        started_at=START,
    )


def _book(made: list[TariffAssignment]) -> PriceBook:
    """Return a book as `price_book` reads it: each place's rows by their beginning and number."""
    assignments = defaultdict(list)
    for row in sorted(made, key=lambda row: (row.valid_from, row.pk)):
        assignments[prices._payer_of(row), prices._place_of(row)].append(row)
    payer = Customer(pk=7, operator_id=OPERATOR, user_id=DRIVER, group_id=GROUP)
    return PriceBook(assignments, {}, {(OPERATOR, DRIVER): payer}, {})


def _rank(row: TariffAssignment) -> tuple[bool, int, bool, float, int]:
    """Return where a row stands: payer, place, power, then the newest, then the last written."""
    place = next(
        n for n, each in enumerate(PLACES) if all(getattr(row, k) == v for k, v in each.items())
    )
    is_open = row.from_power_w is None and row.below_power_w is None
    return (row.group_id is None, place, is_open, -row.valid_from.timestamp(), -row.pk)


def _holds(row: TariffAssignment) -> bool:
    fits = (row.from_power_w or 0) <= POWER_W
    fits = fits and (row.below_power_w is None or row.below_power_w > POWER_W)
    is_now = row.valid_from <= START and (row.valid_until is None or row.valid_until > START)
    return fits and is_now


@given(rows(), st.randoms(use_true_random=False))
def test_of_all_rows_that_hold_the_first_of_one_order_is_chosen(made, random) -> None:
    shuffled = list(made)
    random.shuffle(shuffled)

    choice = _book(shuffled).choice_of(_session())

    holding = sorted(filter(_holds, made), key=_rank)
    assert len({_rank(row) for row in made}) == len(made)
    assert (choice and choice.row_id) == (holding[0].pk if holding else None)
