"""Block I of OCPP 2.0.1: what a session costs reaches the driver's screen."""

from stations import displays
from tests.conformance.bed import Bed
from tests.conformance.phrases import begin, end
from tests.integration.billing.scene import assign, make_tariff, price_list

# What is known of screens is read again within 5 s; a try takes some milliseconds at least.
MOST_TRIES = 10_000


def test_tc_i_02_final_cost(bed: Bed) -> None:
    """The answer to the end of a transaction says what it cost, VAT included.

    I03.FR.02, I03.FR.04
    """
    row = bed.row("2.0.1")
    assign(make_tariff(bed.cast, "conformance", price_list("4")), row)
    displays.set_screen(station=row, shows_cost=True, shows_tariff=False)
    station = bed.player("2.0.1", row)
    costs: list[object] = []
    # Which stations have a screen is read again every few seconds, and not waited for.
    while not any(costs) and len(costs) < MOST_TRIES:
        info = {"transactionId": f"tx-{len(costs)}"}
        uid = bed.token().uid
        station.call("TransactionEvent", begin(uid, wh=1000, info=info))
        ended = end(1, 3000, "Local", "StopAuthorized", info=info)
        costs.append(station.call("TransactionEvent", ended).get("totalCost"))

    assert costs[-1] == 10
    assert {s.energy_wh for s in station.row.sessions.all()} == {2000}
