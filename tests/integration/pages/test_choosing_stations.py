"""Which stations a form of bulk commands or campaigns means."""

import pytest
from django.http import QueryDict

from chargenet.dashboard.queries import choosing
from stations.models import Station
from tests.cast import make_cast

pytestmark = pytest.mark.django_db


def test_stations_are_named_by_their_names_or_by_their_ocpp_identities() -> None:
    made = make_cast()
    Station.objects.filter(pk=made.ac_station.pk).update(name="Quay 1")
    form = QueryDict(mutable=True)

    for words in ("Quay 1", made.ac_station.identity, f"Quay 1\n{made.ac_station.identity}, x"):
        form["names"] = words
        chosen = choosing.chosen_stations(made.operator.pk, choosing.read_choice(form))
        assert [station.pk for station in chosen] == [made.ac_station.pk], words
