"""The private engines are found whatever their folder is called."""

from pathlib import Path

import pytest
import redis
from psycopg.conninfo import conninfo_to_dict

from chargenet.embedded import addresses, place
from chargenet.env import database_from_url


@pytest.mark.parametrize("name", ["plain", "Ström nät", "a+b & c", "100%", "50%20", "what?#now"])
def test_an_address_leads_to_its_folder(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Path("/srv") / name / "run"
    found = place.Place(home=run, run=run, uid=None)
    monkeypatch.setattr(place, "find_place", lambda _: found)
    database, broker = addresses.database_url(), addresses.redis_url()

    assert conninfo_to_dict(database)["host"] == str(run)
    assert database_from_url(database, "")["HOST"] == str(run)
    pool = redis.ConnectionPool.from_url(broker)
    assert pool.connection_kwargs["path"] == str(run / addresses.REDIS_SOCKET)
