"""Block I of OCPP 2.0.1: what a session costs reaches the driver's screen."""

from stations import displays
from tests.conformance.bed import Bed
from tests.conformance.phrases import begin, end
from tests.conformance.player import Player
from tests.integration.billing.scene import assign, make_tariff, price_list

# The price is left out of an answer that would have to wait for it; a busy machine may need more.
TRIES = 60


def test_tc_i_02_final_cost(bed: Bed, station: Player) -> None:
    """The answer to the end of a transaction says what it cost, VAT included.

    I03.FR.02, I03.FR.04
    """
    assign(make_tariff(bed.cast, "conformance", price_list("4")), station.row)
    displays.set_screen(station=station.row, shows_cost=True, shows_tariff=False)
    costs: list[object] = []
    while len(costs) < TRIES and not any(costs):
        info = {"transactionId": f"tx-{len(costs)}"}
        uid = bed.token().uid
        station.call("TransactionEvent", begin(uid, wh=1000, info=info))
        ended = end(1, 3000, "Local", "StopAuthorized", info=info)
        costs.append(station.call("TransactionEvent", ended).get("totalCost"))

    assert costs[-1] == 10
    assert {s.energy_wh for s in station.row.sessions.all()} == {2000}
